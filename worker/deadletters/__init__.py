"""Dead letters that come back: found, looked at, sent again, or put aside for good.

    letter.py     a record of headlines.deadletter, read
    status.py     what became of each: records of headlines.deadletter.status, and what they add up to
    choice.py     which of them a command is about
    plan.py       what a redrive would send, and why not the others
    counts.py     how many there are, by reason, fault, stage, time, source and version
    view.py       the bytes of one for a person, its fault marked
    desk.py       reading letters, their states and raw records from Kafka
    sending.py    records to Kafka, each with the offset that it got
    redrive.py    going through the chosen: chunk by chunk, each marked once it is confirmed

All but the last three are pure. Nothing here ever deletes: a redrive adds a raw record, and both a redrive and a
discard add a status.
"""
