"""Training of the deep tier's encoder: `python -m worker.deep.train`, see `worker/deep/README.md`.

    vocabulary     the pieces that headlines have, of those of a pretrained model
    network        the transformer
    examples       what is learned from, read from label files
    alterations    pairs made up: the sense changed by a word, or kept
    fitting        the training, on pairs and topics at once
    exporting      the graph that the deep tier reads, its weights in int8
    scoring        what encoders say of pairs that they have not learned from
    calibrating    how far the topics can be trusted

torch, onnx and what else is needed are not among newswire's packages and are imported nowhere else.
"""
