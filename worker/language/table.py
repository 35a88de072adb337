"""The table of evidence: how telling each frequent word and each run of letters is, and the file that holds it.

The file is deflated: a line of JSON (format, languages, counts), then the arrays' bytes, little-endian.
"""

from __future__ import annotations

import json
import zlib
from array import array
from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

PATH: Final = Path(__file__).with_name("languages.table")
FORMAT: Final = 1
GRAM_BUCKETS: Final = 8192
"""Runs of letters are counted by CRC-32 modulo this."""

NEUTRAL: Final = 128
"""What `english` has for a word that speaks neither for English nor against it."""


class Table(NamedTuple):
    """What `train` counted, for `len(languages)` languages (columns) and n words."""

    languages: tuple[str, ...]
    words: array[int]
    """(n,): CRC-32 of each word in UTF-8, ascending."""
    ends: array[int]
    """(n + 1,): where each word's scores end, and the next word's begin; from 0."""
    columns: bytes
    """The languages that have the word, word after word."""
    scores: bytes
    """How likely the word is in each of them: quarters of a natural unit of log-odds above a word that is not
    counted."""
    english: bytes
    """(n,): `NEUTRAL` plus by how much the word speaks for English, against the language that has most of it."""
    grams: bytes
    """(GRAM_BUCKETS, languages): how likely a run of letters is, in the same unit, above the least likely."""

    def find(self, word: str) -> int:
        """The word's place, or -1. One word in 30,000 that is not there is taken for one that is."""
        hashed = zlib.crc32(word.encode("utf-8", "replace"))
        at = bisect_left(self.words, hashed)
        return at if at < len(self.words) and self.words[at] == hashed else -1


def gram_buckets(word: str) -> list[int]:
    """The bucket of each run of three letters of a word, its edges marked; of its first 24 letters."""
    marked = f"^{word[:24]}$"
    return [bucket(marked[at : at + 3]) for at in range(len(marked) - 2)]


def bucket(run: str) -> int:
    """The bucket of one run of letters."""
    return zlib.crc32(run.encode("utf-8", "replace")) % GRAM_BUCKETS


def save(table: Table, path: Path = PATH) -> None:
    """Write the table; the same table gives the same bytes with the same zlib."""
    words, ends = np.array(table.words, np.uint32), np.array(table.ends, np.uint32)
    head = {"format": FORMAT, "languages": table.languages, "words": len(words), "scores": len(table.scores)}
    # The four bytes of the gaps between words one after another, since the high ones are nearly all nought.
    gaps = np.diff(words, prepend=np.uint32(0)).astype("<u4").view(np.uint8).reshape(-1, 4).T
    counts = np.diff(ends).astype(np.uint8)
    line = json.dumps(head, separators=(",", ":")).encode()
    body = b"".join(
        (gaps.tobytes(), counts.tobytes(), table.columns, table.scores, table.english, table.grams)
    )
    path.write_bytes(zlib.compress(line + b"\n" + body, 9))


def load(path: Path = PATH) -> Table:
    """Read the table, by default the package's."""
    line, _, body = zlib.decompress(path.read_bytes()).partition(b"\n")
    head = json.loads(line)
    number, scores, languages = head["words"], head["scores"], tuple(head["languages"])
    sizes = (4 * number, number, scores, scores, number, GRAM_BUCKETS * len(languages))
    if head["format"] != FORMAT or len(body) != sum(sizes):
        raise ValueError(f"{path} is no table of format {FORMAT}; restore it, or train it again")
    parts = []
    at = 0
    for size in sizes:
        parts.append(body[at : at + size])
        at += size
    gaps, counts, *rest = parts
    planes = np.frombuffer(gaps, np.uint8).reshape(4, -1).T
    words = np.ascontiguousarray(planes).view("<u4").ravel().cumsum(dtype=np.uint32)
    ends = np.frombuffer(counts, np.uint8).cumsum(dtype=np.uint32)
    return Table(languages, _array(words), _array(np.concatenate((np.zeros(1, np.uint32), ends))), *rest)


def _array(numbers: NDArray[np.uint32]) -> array[int]:
    found = array("I")
    found.frombytes(numbers.astype(np.uint32).tobytes())
    return found
