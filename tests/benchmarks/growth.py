"""How the cost of a headline grows: a table, a plot and the law that fits, for each of some sizes.

    python -m tests.benchmarks.growth window --sizes 1000,10000,100000,1000000

The first three need no Kafka. README.md says what is counted.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from tests.benchmarks import growth_core, growth_kafka
from tests.benchmarks.corpus import DUPLICATES, Corpus
from tests.benchmarks.deployment import MOST_WORKERS
from tests.benchmarks.plot import svg
from tests.benchmarks.system import ROOT
from worker.broker import LocalBroker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.series import Series

SIZES: dict[str, tuple[float, ...]] = {
    "window": (1_000, 10_000, 100_000, 1_000_000, 10_000_000),
    "duplicates": (0, 0.1, 0.25, 0.5, 0.75, 0.9),
    "length": (5, 10, 20, 40, 80, 160),
    "partitions": (1, 2, 6, 12, 24),
    "workers": (1, 2, 4),
}
"""What may grow, and the sizes that are measured unless others are named."""
SHARES = {"duplicates"}
"""Whose sizes are no whole numbers."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what was asked for; print tables, write plots and figures."""
    # Brokers, systems and loaders end with the blocks that they were started in.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    options = _options(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.what:
        found = _measure(name, options.sizes or SIZES[name], options)
        print(found.table(), flush=True)
        stem = options.out / f"growth-{name}"
        stem.with_suffix(".svg").write_text(svg(found.chart()))
        written = {"series": found, "laws": found.laws}
        stem.with_suffix(".json").write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2))
        print(f"{stem}.svg and .json have it\n", flush=True)


def _measure(name: str, sizes: Sequence[float], options: argparse.Namespace) -> Series:
    corpus = Corpus(options.file, options.repeats)
    if name == "duplicates":
        return growth_core.duplicates(corpus, sizes, options.entries, options.measured)
    whole = [int(size) for size in sizes]
    if name == "window":
        return growth_core.window(corpus, whole, options.measured)
    if name == "length":
        return growth_core.length(corpus, whole, options.entries, options.measured)
    corpus.prepare(options.headlines * options.rounds)
    measure = growth_kafka.partitions if name == "partitions" else growth_kafka.workers
    with LocalBroker() as broker:
        return measure(broker, corpus, whole, options.headlines, options.rounds)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("what", nargs="*", help=f"what grows: {', '.join(SIZES)}; all of them without")
    add("--sizes", type=_sizes, help="with commas between; of one that grows")
    add("--file", type=Path, help="headlines, one a line (.gz too); composed ones without")
    add("--repeats", type=float, default=DUPLICATES, help="share of repeats, unless it is that which grows")
    add("--entries", type=int, default=100_000, help="of the window, unless it is that which grows")
    add("--measured", type=int, default=growth_core.MEASURED, help="headlines a figure, without Kafka")
    add("--headlines", type=int, default=200_000, help="a round, with Kafka")
    add("--rounds", type=int, default=3, help="of each size, with Kafka")
    add("--out", type=Path, default=ROOT / ".cache/bench", help="folder of plots and figures")
    options = parser.parse_args(arguments)
    if unknown := set(options.what) - set(SIZES):
        parser.error(f"{', '.join(sorted(unknown))} can not be measured; there are {', '.join(SIZES)}")
    options.what = options.what or list(SIZES)
    if options.sizes and len(options.what) != 1:
        parser.error("--sizes are of one that grows: name it")
    if options.sizes and len(set(options.sizes)) < 2:
        parser.error("--sizes: a law needs two at least")
    if options.sizes and SHARES.isdisjoint(options.what) and min(options.sizes) < 1:
        parser.error("--sizes: these are whole numbers above nought")
    if options.sizes and options.what == ["workers"] and max(options.sizes) > MOST_WORKERS:
        parser.error(f"--sizes: at most {MOST_WORKERS} workers can be started")
    return options


def _sizes(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(size.replace("_", "")) for size in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: give numbers with commas between") from None


if __name__ == "__main__":
    main()
