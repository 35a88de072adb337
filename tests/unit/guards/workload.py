"""The headlines that the guards count over: always the same ones, in full fetches.

Distinct ones with natural word frequencies; a tenth of all repeats one of the last few thousand letter by letter, and a
tenth says nearly what one of them says, since such pairs are the dearest: it has one word more, or one less.
"""

from __future__ import annotations

import random
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import orjson
from tests.benchmarks import compose
from tests.benchmarks.corpus import with_repeats

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FETCH = 2_000
"""Headlines of a full fetch: the default of `worker.batch_records`."""
REPEATS, VARIED = 0.1, 0.1
RECENT = 3_000
SOURCES = ("Agency", "Daily", "Gazette", "Observer", "Wire")


def values(count: int) -> list[bytes]:
    """So many raw records' values."""
    lines, digests = compose.compose(1, 0, count)
    distinct = [lines[place] for place in compose.unseen(digests, np.empty(0, np.uint64)).tolist()]
    headlines = with_repeats(_with_variants(distinct), REPEATS, seed=1)
    made = [_event(number, headline) for number, headline in enumerate(islice(headlines, count))]
    assert len(made) == count, "too few distinct headlines were composed"
    return made


def fetches(count: int) -> list[list[bytes]]:
    """The values of so many full fetches."""
    made = values(count * FETCH)
    return [made[first : first + FETCH] for first in range(0, len(made), FETCH)]


def _event(number: int, headline: str) -> bytes:
    return orjson.dumps(
        {
            "id": f"guard-{number}",
            "source": SOURCES[number % len(SOURCES)],
            "headline": headline,
            "published_at": "2026-01-09T10:00:00Z",
        }
    )


def _with_variants(lines: Sequence[str]) -> Iterator[str]:
    draw = random.Random(2).random
    for number, line in enumerate(lines):
        yield line
        if draw() < VARIED:
            before = lines[max(0, number - int(draw() * RECENT))].split()
            at = 1 + int(draw() * (len(before) - 1))
            changed = [] if draw() < 0.5 else [before[at], "again"]
            yield " ".join([*before[:at], *changed, *before[at + 1 :]])
