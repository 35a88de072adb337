"""The network as the graph that the deep tier reads: ONNX, its weights in int8."""

from __future__ import annotations

import tempfile
from pathlib import Path
from pickle import UnpicklingError
from typing import TYPE_CHECKING, Final

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from worker.deep.train.network import Network, tensors
from worker.deep.wordpiece import BEGIN, END, Row, Vocabulary
from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

GRAPH: Final = "encoder.onnx"
VOCABULARY: Final = "vocab.txt"
WEIGHTS: Final = "weights.pt"
"""The files of a folder: the first two are what the deep tier needs."""

_OPSET: Final = 17
_INPUTS: Final = ("ids", "segments", "mask")
_OUTPUTS: Final = ("pair", "topics")
# Two rows that differ in length and segments, so that no dimension of them is taken for a constant.
_TRIAL: Final = (Row([BEGIN, 4, 5, END, 6, 7, END], 4), Row([BEGIN, 4, END], 3))


def save_vocabulary(pieces: Sequence[str], folder: Path) -> Vocabulary:
    """Writes `vocab.txt`, a piece a line."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / VOCABULARY).write_text("\n".join(pieces) + "\n", "utf-8")
    return Vocabulary(pieces)


def load_vocabulary(folder: Path) -> Vocabulary:
    """That of an encoder that is being trained.

    Raises:
        UsageError: there is none, or it is damaged.
    """
    if not (folder / VOCABULARY).exists():
        raise UsageError(
            f"{folder / VOCABULARY}: there is no such file; run the command prune for this folder first"
        )
    return Vocabulary.load(folder / VOCABULARY)


def save_weights(network: Network, folder: Path) -> None:
    """Writes `weights.pt`, from which `export` makes the graph."""
    torch.save(network.state_dict(), folder / WEIGHTS)


def export(folder: Path) -> Path:
    """Makes `encoder.onnx` of `weights.pt` and `vocab.txt` beside it; the weights are quantised for each channel.

    Raises:
        UsageError: a file is missing, or does not fit the other.
    """
    pieces = load_vocabulary(folder)
    try:
        network = Network.restored(torch.load(folder / WEIGHTS, weights_only=True), len(pieces))
    except (OSError, RuntimeError, UnpicklingError) as error:
        raise UsageError(
            f"{folder / WEIGHTS}: is missing, or holds no weights for the {len(pieces):,} pieces of {VOCABULARY}"
            f" ({type(error).__name__}); run the command fit again"
        ) from error
    network.eval()
    with tempfile.TemporaryDirectory() as scratch:
        exact = Path(scratch) / GRAPH
        torch.onnx.export(
            network,
            tensors(_TRIAL),
            exact,
            input_names=list(_INPUTS),
            output_names=list(_OUTPUTS),
            dynamic_axes={name: {0: "rows", 1: "pieces"} for name in _INPUTS}
            | {name: {0: "rows"} for name in _OUTPUTS},
            dynamo=False,
            opset_version=_OPSET,
        )
        quantize_dynamic(
            exact,
            folder / GRAPH,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
        )
    return folder / GRAPH
