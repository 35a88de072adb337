"""The deep tier: a small transformer that scores what the cheap rules are not sure of (the extra `newswire[deep]`).

    wordpiece   a match form as the numbers of word pieces (vocab.txt)
    encoder     the transformer (encoder.onnx): pairs and headlines in, small integers out
    quantise    logits as those integers
    questions   what is worth asking about a fetch, the most promising first
    scorer      as many answers as a time allows
    budget      how much time there is
    opening     all of it by the settings

Nothing here knows Kafka, Faust, metrics or a clock of its own. What is answered goes into the fingerprint log, and
verdicts and topics are read off that: see "Evidence" in `worker/deduplicate/README.md`. With deep.mode=off nothing here
is imported.
"""
