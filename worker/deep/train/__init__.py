"""Training of the deep tier's encoder: `python -m worker.deep.train`, see `worker/deep/README.md`.

    pretrained     what it starts from: a transformer out of a file
    vocabulary     the pieces that headlines have, of those of a pretrained model
    network        the transformer
    examples       what is learned from, read from label files
    alterations    pairs made up: the sense changed by a word, or kept
    fitting        the training, on pairs and topics at once
    parting        the folds, of which each is judged by an encoder that has learned from the others
    scoring        what these say
    answers        what is said of topics, kept in a file
    exporting      the graph that the deep tier reads, its weights in int8
    calibrating    how far the topics can be trusted

torch, onnx and what else is needed are not among newswire's packages and are imported nowhere else.
"""
