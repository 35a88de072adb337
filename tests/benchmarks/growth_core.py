"""Growth of the stages' cost in one process without Kafka: with the window, the share of repeats, the length."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import orjson
import psutil
from tests.benchmarks.core import STAGES, Core, Held, Spent, collected_as_by_a_worker, replica
from tests.benchmarks.corpus import RECENT
from tests.benchmarks.load import SPAWN
from tests.benchmarks.series import Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.corpus import Corpus

MEASURED = 20_000
"""Headlines that a figure is taken of, after as many that warm up."""
LOADING = 2_000
"""Headlines at which models and tables are loaded."""
READ = 50_000
"""Headlines that are read, and no more, before a window is filled: then most words are known, as to a worker."""
ENTRY_BYTES = 300
"""What an entry of the window may take, with what passes while it is filled."""
SHORTEST = 6
"""Words that a headline of the corpus has at least."""


class Point(NamedTuple):
    """What was found at one size."""

    spent: Spent
    held: Held
    """By a full window, before anything was routed."""
    chars: float
    """Of a headline, on average."""
    applied_us: float
    """Microseconds of CPU an entry of a replica that only applies what another worker wrote."""
    listed_us: float
    """The same where the entry need not be compared with the window."""


def window(corpus: Corpus, sizes: Sequence[int], measured: int = MEASURED) -> Series:
    """By entries of the window, which is full.

    Raises:
        SystemExit: this machine has not memory enough.
    """
    _refuse_unless_it_fits(max(sizes))
    corpus.prepare(_count(max(sizes), measured))
    points = [_apart(corpus, size, measured) for size in sizes]
    return Series(
        name="window",
        title="A headline's cost by the size of a full window",
        x="entries",
        sizes=sizes,
        columns={
            **_costs(points),
            "RSS B/entry": [point.held.rss / size for point, size in zip(points, sizes, strict=True)],
            "counted B/entry": [point.held.counted / size for point, size in zip(points, sizes, strict=True)],
            "blocks/entry": [point.held.blocks / size for point, size in zip(points, sizes, strict=True)],
        },
        fitted={"us/headline": "us of CPU a headline", "agree": "us of CPU a headline"},
        notes=(
            "B/entry: growth by the window alone; tables of fixed size weigh on small ones",
            _between(sizes[-2:], [point.held.rss for point in points[-2:]]),
            f"repeats are of the last {RECENT:,}: a smaller window does not find all",
        ),
    )


def duplicates(corpus: Corpus, shares: Sequence[float], entries: int, measured: int = MEASURED) -> Series:
    """By the share of repeats; the law is that of the share of the others."""
    corpus.prepare(_count(entries, measured))
    shares = sorted(shares, reverse=True)
    points = [_apart(replace(corpus, duplicates=share), entries, measured) for share in shares]
    return Series(
        name="duplicates",
        title="A headline's cost by the share of headlines that repeat none",
        x="share of new ones",
        sizes=[1 - share for share in shares],
        columns=_costs(points),
        fitted={"us/headline": "us of CPU a headline", "agree": "us of CPU a headline"},
        notes=(f"window of {entries:,} entries; duplicates: share that was found to be one",),
    )


def length(corpus: Corpus, words: Sequence[int], entries: int, measured: int = MEASURED) -> Series:
    """By the length of a headline in characters."""
    corpus.prepare(_count(entries, measured, max(words)))
    points = [_apart(corpus, entries, measured, words=count) for count in words]
    return Series(
        name="length",
        title="A headline's cost by its length",
        x="characters",
        sizes=[point.chars for point in points],
        columns={"words": list(words), **_costs(points)},
        fitted={"us/headline": "us of CPU a headline", "read": "us of CPU a headline"},
        notes=(f"window of {entries:,} entries",),
    )


def beside_another(corpus: Corpus, entries: int, measured: int = MEASURED) -> Point:
    """The point of a window of so many entries, of a worker whose frames another one applies."""
    corpus.prepare(_count(entries, measured))
    return _apart(corpus, entries, measured, with_other=True)


def measure(
    corpus: Corpus, entries: int, measured: int, *, words: int = 0, with_other: bool = False
) -> Point:
    """One point, in this process: a window is filled, and then `measured` headlines go through, twice.

    With `words` each headline has so many, whatever the corpus has. `with_other`: another worker's replica applies
    the same frames.
    """
    values = _values(corpus, _count(entries, measured, words), words)
    Core(1_000).run(list(islice(values, LOADING)))
    with collected_as_by_a_worker():
        core = Core(entries, [replica(entries)] if with_other else [])
        core.read_only(islice(values, READ))
        core.begin()
        core.fill(islice(values, entries))
        held = core.held()
        listed_s = core.others_s
        core.run(list(islice(values, measured)))
        core.others_s = 0.0
        load = list(islice(values, measured))
        spent = core.run(load)
    chars = sum(len(orjson.loads(value)["headline"]) for value in load[:1_000]) / len(load[:1_000])
    return Point(spent, held, chars, core.others_s / measured * 1e6, listed_s / entries * 1e6)


def _refuse_unless_it_fits(entries: int) -> None:
    needed, free = entries * ENTRY_BYTES, psutil.virtual_memory().available
    if needed > free:
        raise SystemExit(
            f"a window of {entries:,} entries takes up to {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB of memory are"
            " free: leave it out by --sizes, or end something else"
        )


def _between(sizes: Sequence[int], rss: Sequence[int]) -> str:
    """What an entry takes without what has a fixed size: two sizes, and the memory of both."""
    (few, many), (less, more) = sizes, rss
    return f"from {few:,} to {many:,} entries RSS grows by {(more - less) / (many - few):.0f} bytes each"


def _apart(corpus: Corpus, entries: int, measured: int, *, words: int = 0, with_other: bool = False) -> Point:
    """A point in a process of its own, which finds no memory that another has given back."""
    started = time.monotonic()
    with ProcessPoolExecutor(1, mp_context=SPAWN) as pool:
        run = pool.submit(measure, corpus, entries, measured, words=words, with_other=with_other)
        point = run.result()
    said = f"{entries:,} entries, {point.chars:.0f} characters: {point.spent.us():.1f} us a headline"
    print(f"  {said}, found in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return point


def _count(entries: int, measured: int, words: int = 0) -> int:
    """Headlines of the corpus that a point needs."""
    return (LOADING + READ + entries + 2 * measured) * (words // SHORTEST + 1)


def _values(corpus: Corpus, count: int, words: int) -> Iterator[bytes]:
    """Raw records: of the corpus as it is, or of its words, so many a headline."""
    if not words:
        yield from (value for _, value in corpus.events(count))
        return
    left: list[str] = []
    number = 0
    for line in corpus.headlines(count):
        left += line.split()
        while len(left) >= words:
            headline, left = " ".join(left[:words]), left[words:]
            yield orjson.dumps({"id": f"bench-{number}", "source": "bench", "headline": headline})
            number += 1


def _costs(points: Sequence[Point]) -> dict[str, list[float]]:
    return {
        "us/headline": [point.spent.us() for point in points],
        **{stage: [point.spent.us(stage) for point in points] for stage in STAGES},
        "duplicates": [point.spent.duplicates / point.spent.headlines for point in points],
    }
