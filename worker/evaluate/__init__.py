"""Evaluation: how good verdicts and topics are, measured on label files, with intervals.

    tiers        what decides: the rule and the router by themselves, or with more evidence
    pairs        duplicates and updates against an editor's labels
    topics       routes against an editor's labels
    candidates   what the index finds, and how much it has judged, with many headlines in between
    bootstrap    intervals
    worst        the errors that are worst, to be read
    report       all of it for label files, as a table or as JSON

Nothing here is needed by the worker. `newswire evaluate` runs it.
"""
