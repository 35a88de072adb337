"""The sum of the cheapest known cost of every part on this machine, and how near the worker comes to it.

    python -m tests.benchmarks.roofline [FILE] [--headlines 100000] [--rounds 5] [--json FILE]

Each part is measured alone, in a loop, in microseconds of CPU a headline of this process with all its threads, user and
system, in as many ways as are known here; the cheapest counts. Then the worker is measured on the same load. What it
spends beyond the sum is what newswire does that is no part of moving records (repair, match form, near-duplicates,
router), and what moving them costs more than it has to.
"""

from __future__ import annotations

import argparse
import gc
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import orjson
from tests.benchmarks import roofline_kafka, throughput
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.machine import machine, versions
from tests.benchmarks.roofline_parts import Sample, stages, without_kafka
from tests.benchmarks.systems import NEWSWIRE
from worker.broker import LocalBroker

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.benchmarks.roofline_parts import Loop

TOGETHER = ("append", "send")
"""Parts that a client may do in one."""
WITHIN_STAGES = ("decode", "hash", "encode")
"""Parts that the pure stages do too."""


@dataclass(frozen=True)
class Way:
    """One way to do a part, and what it took."""

    part: str
    name: str
    us: float
    """Microseconds of CPU a headline: the median of the rounds."""
    least_us: float
    most_us: float


def main() -> None:
    """Measure the parts, then the worker, and print the ratio."""
    options = _options()
    corpus = Corpus(options.file)
    sample = Sample.of(corpus.events(options.headlines))
    ways = [measured(loop, options.rounds) for loop in without_kafka(sample)]
    with LocalBroker() as broker:
        ways += [measured(loop, options.rounds) for loop in roofline_kafka.loops(broker, sample)]
        rounds = [
            throughput.measure(broker, NEWSWIRE, corpus, options.worker_headlines, number, {})
            for number in range(1, options.worker_rounds + 1)
        ]
        found = {"machine": machine(), "versions": versions(broker), "corpus": str(corpus)}
    called = [measured(loop, options.rounds) for loop in stages(sample)]
    worker_us = median(one.cost.cpu_us["system"] for one in rounds)
    print(report(ways, worker_us, called))
    if options.json:
        found |= {
            "ways": [asdict(way) for way in ways],
            "stages": [asdict(way) for way in called],
            "roof_us": roof(ways),
            "worker_us": worker_us,
            "own_work_us": roof(called),
        }
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        print(f"\n{options.json} has these figures")


def measured(loop: Loop, rounds: int) -> Way:
    """A loop's cost over some rounds, after one that does not count."""
    try:
        spent = [_cpu_us(loop) / loop.headlines for _ in range(rounds + 1)][1:]
    finally:
        loop.close()
    return Way(loop.part, loop.name, median(spent), min(spent), max(spent))


def cheapest(ways: Iterable[Way]) -> list[Way]:
    """The cheapest way of each part, in the order of the parts.

    Where one way does both what `TOGETHER` names, it stands for these parts if it costs less than the two.
    """
    found: dict[str, Way] = {}
    for way in ways:
        if way.part not in found or way.us < found[way.part].us:
            found[way.part] = way
    both = found.pop(" and ".join(TOGETHER), None)
    apart = [found[part] for part in TOGETHER if part in found]
    if both is not None and (len(apart) < len(TOGETHER) or both.us < sum(way.us for way in apart)):
        place = next((place for place, part in enumerate(found) if part in TOGETHER), len(found))
        kept = [way for way in found.values() if way.part not in TOGETHER]
        return [*kept[:place], both, *kept[place:]]
    return list(found.values())


def roof(ways: Iterable[Way]) -> float:
    """The sum of the cheapest ways, microseconds a headline."""
    return sum(way.us for way in cheapest(ways))


def report(ways: Sequence[Way], worker_us: float, called: Sequence[Way]) -> str:
    """The table, as text."""
    best = cheapest(ways)
    moving = sum(way.us for way in best if way.part not in WITHIN_STAGES)
    with_work = moving + roof(called)
    lines = [
        "Microseconds of CPU a headline: median of the rounds [least, most]; * is the cheapest way of its part",
        "",
        *[_line(way, "*" if way in best else " ") for way in ways],
        "",
        _total("sum of the cheapest", roof(ways)),
        _total("the worker, all of its work", worker_us),
        _total("the worker is so many times the sum", worker_us / roof(ways)),
        "",
        "newswire's own work in loops apart; the stages decode, hash and encode too",
        *[_line(way, " ") for way in called],
        "",
        _total("moving records, and the own work at its cheapest", with_work),
        _total("the worker is so many times that", worker_us / with_work),
    ]
    return "\n".join(lines)


def _total(name: str, value: float) -> str:
    return f"{name:68}{value:>8.2f}"


def _line(way: Way, mark: str) -> str:
    return f"{mark} {way.part:17}{way.name:49}{way.us:>8.2f}  [{way.least_us:.2f}, {way.most_us:.2f}]"


def _cpu_us(loop: Loop) -> float:
    loop.prepare()
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        loop.run()
        return (time.process_time() - began) * 1e6
    finally:
        gc.enable()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("file", nargs="?", type=Path, help="headlines, one a line (.gz too); composed ones without")
    add("--headlines", type=int, default=50_000, help="in each loop")
    add("--rounds", type=int, default=5, help="of each loop (%(default)s)")
    add("--worker-headlines", type=int, default=200_000, help="the worker's load a round")
    add("--worker-rounds", type=int, default=3, help="of the worker (%(default)s)")
    add("--json", type=Path, help="where the figures go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
