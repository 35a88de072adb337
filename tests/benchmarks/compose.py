"""Distinct headlines with natural word frequencies, composed once and kept in a file.

Words are drawn by how often they stand in headlines, from the table that the matcher weighs words by; 6 to 12 make a
headline, as likely as each other. No two headlines of a file have the same match form. A longer file begins with the
lines of a shorter one.
"""

from __future__ import annotations

import gzip
import os
import zlib
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tests.benchmarks.system import ROOT
from worker.normalize import match_form

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FOLDER = ROOT / ".cache/bench"
SHORTEST, LONGEST = 6, 12
"""Words of a headline."""
CHUNK = 50_000
"""Headlines that one process composes at a time."""


class Vocabulary(NamedTuple):
    """Words, (words,), and the share of all that they and those before them make up, (words,)."""

    words: NDArray[np.object_]
    cumulated: NDArray[np.float64]


def composed(least: int, *, seed: int = 1, folder: Path = FOLDER, chunk: int = CHUNK) -> Path:
    """A file with at least so many distinct headlines, one a line; composed unless there is one.

    About 4 us of both cores each, 70 bytes each on disk.
    """
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"headlines-{seed}-{_made_with():08x}"
    for known in folder.glob(f"{stem}-*.txt"):
        if int(known.stem.rpartition("-")[2]) >= least:
            return known
    unfinished = folder / f"{stem}.{os.getpid()}"
    seen = np.empty(0, np.uint64)
    with unfinished.open("w", encoding="utf-8") as file, ProcessPoolExecutor() as pool:
        step = os.cpu_count() or 1
        for first in count(0, step):
            numbers = range(first, first + step)
            for lines, digests in pool.map(compose, [seed] * step, numbers, [chunk] * step):
                fresh = unseen(digests, seen)
                file.writelines(lines[index] + "\n" for index in fresh.tolist())
                # Timsort merges two sorted runs in one pass.
                seen = np.sort(np.concatenate([seen, np.sort(digests[fresh])]), kind="stable")
            if len(seen) >= least:
                break
    return unfinished.rename(folder / f"{stem}-{len(seen)}.txt")


def compose(seed: int, number: int, size: int) -> tuple[list[str], NDArray[np.uint64]]:
    """The headlines of a chunk, which may repeat, and the digests of their match forms, (size,)."""
    draw = np.random.default_rng((seed, number))
    ends = draw.integers(SHORTEST, LONGEST, size, endpoint=True).cumsum()
    words, cumulated = vocabulary()
    drawn = words[np.searchsorted(cumulated, draw.random(ends[-1]), side="right")].tolist()
    lines = []
    begin = 0
    for end in ends.tolist():
        lines.append(" ".join(drawn[begin:end]).capitalize())
        begin = end
    digests = b"".join(blake2b(match_form(line).encode(), digest_size=8).digest() for line in lines)
    return lines, np.frombuffer(digests, np.uint64)


def unseen(digests: NDArray[np.uint64], seen: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Where, in order, digests stand for the first time; `seen` are those before, sorted."""
    values, first = np.unique(digests, return_index=True)
    at = np.searchsorted(seen, values)
    known = np.zeros(len(values), bool)
    inside = at < len(seen)
    known[inside] = seen[at[inside]] == values[inside]
    return np.sort(first[~known])


@cache
def vocabulary() -> Vocabulary:
    """The words of headlines and their shares."""
    words, counts = [], []
    _, *rows = gzip.decompress(_table()).decode().splitlines()
    for row in rows:
        word, found, *_ = row.split("\t")
        if word.isalpha() and found:
            words.append(word)
            counts.append(int(found))
    return Vocabulary(np.array(words, object), np.cumsum(counts) / sum(counts))


def _table() -> bytes:
    return (files("worker.deduplicate.match") / "words.tsv.gz").read_bytes()


def _made_with() -> int:
    """A checksum of what the lines depend on: the words, and what makes two headlines one."""
    sum_ = zlib.crc32(_table())
    for source in sorted((ROOT / "worker/normalize").glob("*.py")):
        sum_ = zlib.crc32(source.read_bytes(), sum_)
    return sum_
