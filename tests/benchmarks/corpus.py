"""Headlines to measure with: lines of a file, or composed ones with natural word frequencies."""

from __future__ import annotations

import gzip
import itertools
import random
from importlib.resources import files
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DUPLICATES = 0.10
"""Share of composed headlines that repeat an earlier one of the last `RECENT`."""
RECENT = 5_000


def headlines(file: Path | None, seed: int = 1) -> Iterator[str]:
    """Endless headlines: of a file (plain or .gz, one a line), or composed."""
    return _of_file(file) if file else _composed(seed)


def events(file: Path | None, count: int) -> Iterator[tuple[bytes, bytes]]:
    """Key and value of `count` raw headline events."""
    for number, headline in enumerate(itertools.islice(headlines(file), count)):
        key = f"bench-{number}"
        yield key.encode(), orjson.dumps({"id": key, "source": "bench", "headline": headline})


def _of_file(file: Path) -> Iterator[str]:
    raw = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    lines = [line for line in raw.decode().splitlines() if line.strip()]
    yield from lines
    # A file that is too short goes on with its lines varied: one word of another line behind each.
    for again in itertools.count(1):
        for number, line in enumerate(lines):
            yield f"{line} {lines[(number * 7919 + again) % len(lines)].split()[0]}"


def _composed(seed: int) -> Iterator[str]:
    pick = random.Random(seed)
    table = files("worker.deduplicate.match") / "words.tsv.gz"
    words, weights = [], []
    for row in gzip.decompress(table.read_bytes()).decode().splitlines():
        word, _, rest = row.partition("\t")
        count = rest.partition("\t")[0]
        if word.isalpha() and count:
            words.append(word)
            weights.append(int(count))
    cumulated = list(itertools.accumulate(weights))
    recent: list[str] = []
    while True:
        if recent and pick.random() < DUPLICATES:
            yield pick.choice(recent)
            continue
        drawn = pick.choices(words, cum_weights=cumulated, k=pick.randint(6, 12))
        headline = " ".join(drawn).capitalize()
        recent.append(headline)
        if len(recent) > RECENT:
            recent.pop(0)
        yield headline
