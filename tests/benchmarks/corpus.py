"""Headlines to measure with: lines of a file, or composed ones, and a share of them once more."""

from __future__ import annotations

import gzip
import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson
from tests.benchmarks.compose import composed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

DUPLICATES = 0.10
"""Share of headlines that repeat an earlier one of the last `RECENT`."""
RECENT = 5_000


@dataclass(frozen=True)
class Corpus:
    """Where headlines come from. The same corpus gives the same headlines."""

    file: Path | None = None
    """One a line, plain or .gz; without one they are composed."""
    duplicates: float = DUPLICATES
    """Share that repeats one of the last `RECENT` before, letter by letter."""
    seed: int = 1

    def prepare(self, count: int) -> None:
        """Compose what `count` headlines need, if it is not there: the first `headlines` would do it otherwise."""
        if self.file is None:
            composed(count, seed=self.seed)

    def headlines(self, count: int, first: int = 0) -> Iterator[str]:
        """`count` headlines, from the one with the number `first` on.

        Their number decides what they are: those from 100 on are the same whether or not those before were asked for.
        """
        wanted = first + count
        lines = _of_file(self.file) if self.file else _lines(composed(wanted, seed=self.seed))
        return itertools.islice(with_repeats(lines, self.duplicates, self.seed), first, wanted)

    def events(self, count: int, first: int = 0) -> Iterator[tuple[bytes, bytes]]:
        """Key and value of `count` raw headline events; the key ends in the headline's number."""
        for number, headline in enumerate(self.headlines(count, first), first):
            key = f"bench-{number}"
            yield key.encode(), orjson.dumps({"id": key, "source": "bench", "headline": headline})

    def __str__(self) -> str:
        name = self.file.name if self.file else "composed headlines"
        return f"{name}, {self.duplicates:.0%} repeats"


def events(file: Path | None, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of `count` raw headline events; they are composed before this returns."""
    corpus = Corpus(file)
    corpus.prepare(count)
    return corpus.events(count)


def with_repeats(lines: Iterable[str], share: float, seed: int) -> Iterator[str]:
    """The lines, and among them a share that repeats one of the last `RECENT`."""
    draw = random.Random(seed).random
    recent: list[str] = []
    oldest = 0
    for line in lines:
        while recent and draw() < share:
            yield recent[int(draw() * len(recent))]
        if len(recent) < RECENT:
            recent.append(line)
        else:
            recent[oldest] = line
            oldest = (oldest + 1) % RECENT
        yield line


def _lines(file: Path) -> Iterator[str]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


def _of_file(file: Path) -> Iterator[str]:
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    lines = [line for line in raw.decode().splitlines() if line.strip()]
    if not lines:
        raise ValueError(f"{file} has no headlines; give a file with one a line")
    yield from lines
    # A file that is too short goes on with its lines varied: one word of another line behind each.
    for again in itertools.count(1):
        for number, line in enumerate(lines):
            yield f"{line} {lines[(number * 7919 + again) % len(lines)].split()[0]}"
