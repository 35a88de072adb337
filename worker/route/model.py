"""The topic model's weights: tables of small integers, and the one file that holds them.

The file is deflated: a line of JSON (format, topics, shapes), the words, one a line, then the arrays' bytes,
little-endian. Its version is a hash of the inflated content, which no release of zlib changes.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from worker.errors import UsageError
from worker.mediatopics import SLUGS
from worker.route.features import GRAM_BUCKETS

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT: Final = 1
PERMILLE: Final = 1001
"""Entries of a table by permille: 0 to 1000."""

WEIGHT_LIMIT: Final = 16383
"""No weight is larger, so that the sum of two fits 16 bits and that of any batch's headline 32."""

_MAX_INFLATED: Final = 64 * 1024 * 1024


class Model(NamedTuple):
    """Integer weights for 17 topics, in the order of `worker.mediatopics.SLUGS`.

    A weight of 2 ** `score_bits` is one natural unit of log-odds. `V` words, `P` pairs.
    """

    words: tuple[str, ...]
    """The known words; word i has the row i + 1. Row 0 is the edge of a headline and weighs nothing."""
    word_weights: NDArray[np.int16]
    """(V + 1, 17): a word's own weight and that of its letters, summed."""
    gram_weights: NDArray[np.int16]
    """(GRAM_BUCKETS, 17): for words that are not known."""
    pair_rows: NDArray[np.int32]
    """(P, 2): the word rows of each pair; no two pairs share a slot of `features.pair_slots`."""
    pair_weights: NDArray[np.int16]
    """(P, 17)."""
    bias: NDArray[np.int32]
    """(17,): what a headline without words scores."""
    exponential: NDArray[np.int64]
    """exponential[d] = exp(-d / 2 ** score_bits) in fixed point, down to nought."""
    first: NDArray[np.int16]
    """(1001,): confidence in permille of the best topic, by its share of the softmax in permille."""
    further: NDArray[np.int16]
    """(1001,): the same for any other topic."""


_ARRAYS: Final[dict[str, str]] = {
    "word_weights": "<i2",
    "gram_weights": "<i2",
    "pair_rows": "<i4",
    "pair_weights": "<i2",
    "bias": "<i4",
    "exponential": "<i8",
    "first": "<i2",
    "further": "<i2",
}


def save(model: Model, path: Path) -> str:
    """Write the model; the same model gives the same bytes with the same zlib. Returns its version."""
    content = _encode(model)
    path.write_bytes(zlib.compress(content, 9))
    return _version(content)


def load(path: Path) -> tuple[Model, str]:
    """The model of a file, and its version: `topics-<format>.<8 hex digits of the content's hash>`.

    Raises:
        UsageError: the file cannot be read, is no topic model, or one of another format.
    """
    try:
        inflate = zlib.decompressobj()
        content = inflate.decompress(path.read_bytes(), _MAX_INFLATED)
    except (OSError, zlib.error) as error:
        raise UsageError(
            f"topic model {path}: cannot be read ({error}); restore it or train again"
        ) from error
    if not inflate.eof:
        raise UsageError(f"topic model {path}: cut short or too large; restore it or train again")
    try:
        model = _decode(content)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"topic model {path}: {error}; train it again with this release") from error
    return model, _version(content)


def _version(content: bytes) -> str:
    return f"topics-{FORMAT}.{hashlib.blake2b(content, digest_size=4).hexdigest()}"


def _encode(model: Model) -> bytes:
    arrays = {name: np.ascontiguousarray(getattr(model, name), dtype=kind) for name, kind in _ARRAYS.items()}
    words = "\n".join(model.words).encode()
    head: dict[str, Any] = {
        "format": FORMAT,
        "topics": SLUGS,
        "words": len(words),
        "shapes": {name: array.shape for name, array in arrays.items()},
    }
    line = json.dumps(head, separators=(",", ":")).encode()
    return b"".join((line, b"\n", words, *(array.tobytes() for array in arrays.values())))


def _decode(content: bytes) -> Model:
    line, _, rest = content.partition(b"\n")
    head = json.loads(line)
    if head["format"] != FORMAT:
        raise ValueError(f"format {head['format']}, this release reads {FORMAT}")
    if tuple(head["topics"]) != SLUGS:
        raise ValueError("its topics are not this release's")
    words = rest[: head["words"]].decode()
    at = head["words"]
    arrays: dict[str, Any] = {}
    for name, kind in _ARRAYS.items():
        shape = tuple(head["shapes"][name])
        count = int(np.prod(shape))
        arrays[name] = np.frombuffer(rest, kind, count, at).reshape(shape)
        at += count * np.dtype(kind).itemsize
    model = Model(words=tuple(words.split("\n")), **arrays)
    _check(model)
    return model


def _check(model: Model) -> None:
    topics = len(SLUGS)
    pairs = len(model.pair_rows)
    expected = {
        "word_weights": (len(model.words) + 1, topics),
        "gram_weights": (GRAM_BUCKETS, topics),
        "pair_rows": (pairs, 2),
        "pair_weights": (pairs, topics),
        "bias": (topics,),
        "first": (PERMILLE,),
        "further": (PERMILLE,),
    }
    for name, shape in expected.items():
        if getattr(model, name).shape != shape:
            raise ValueError(f"{name} has the shape {getattr(model, name).shape}, not {shape}")
    for name in ("word_weights", "gram_weights", "pair_weights"):
        if np.abs(getattr(model, name)).max(initial=0) > WEIGHT_LIMIT:
            raise ValueError(f"{name} has a weight above {WEIGHT_LIMIT}")
    if model.exponential[-1] != 0:
        raise ValueError("the exponential does not end in nought")
