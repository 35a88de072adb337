"""Growth of a headline's cost with Kafka: with the partitions of the raw topic, and with worker processes."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks import log_partition, throughput
from tests.benchmarks.cluster import Parts, simulated
from tests.benchmarks.growth_core import beside_another
from tests.benchmarks.series import Series
from tests.benchmarks.systems import NEWSWIRE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.corpus import Corpus
    from tests.benchmarks.growth_core import Point
    from tests.benchmarks.log_partition import LogPartition
    from tests.benchmarks.throughput import Round
    from worker.broker import LocalBroker

ENTRIES = (100_000, 1_000_000)
"""Of the window: about what the rounds on Kafka have, and a full one."""
PREDICTED = (1, 2, 4, 8, 16, 32, 64)
"""Workers of simulated clusters."""
HELPER = "NEWSWIRE_WORKER__HELPER"


def partitions(
    broker: LocalBroker, corpus: Corpus, counts: Sequence[int], headlines: int, rounds: int
) -> Series:
    """By partitions of the raw topic, one worker."""
    found = [
        [
            _round(broker, corpus, headlines, number, {"NEWSWIRE_TOPICS__RAW_PARTITIONS": str(count)})
            for number in range(1, rounds + 1)
        ]
        for count in counts
    ]
    columns = _columns(found)
    return Series(
        name="partitions",
        title="A headline's CPU by partitions of the raw topic",
        x="partitions",
        sizes=counts,
        columns=columns,
        fitted=dict.fromkeys(("workers us", "broker us"), "us of CPU a headline"),
        notes=(f"one worker, {headlines:,} headlines a round, medians of {rounds} rounds",),
    )


def workers(
    broker: LocalBroker, corpus: Corpus, counts: Sequence[int], headlines: int, rounds: int
) -> Series:
    """By worker processes on this machine, with their helpers and without; and what a cluster would do.

    That is simulated by what the parts cost here, with a core for each process, and beside it stands the bound: every
    worker applies every entry of the log, so that none can do more than one core can apply.
    """
    with_helper, alone = (
        [
            [_round(broker, corpus, headlines, number, settings, count) for number in range(1, rounds + 1)]
            for count in counts
        ]
        for settings in ({HELPER: "on"}, {HELPER: "off"})
    )
    log = with_helper[0][0].appended["log"]
    found = log_partition.measured(broker, round(log["bytes"] / log["records"]))
    ends = End(log["bytes"], log["bytes"] / log["records"], found)
    columns, others = _columns(with_helper), _columns(alone)
    columns["helpers us"] = [median(one.cost.children_us for one in rounds) for rounds in with_helper]
    columns["without helpers"], columns["us without"] = others["headlines/s"], others["workers us"]
    whole = Whole(columns["workers us"][0], columns["helpers us"][0], columns["us without"][0])
    points = {entries: beside_another(corpus, entries) for entries in ENTRIES}
    predicted, notes = cluster_of(whole, points, ends)
    return Series(
        name="workers",
        title="Headlines a second by worker processes",
        x="workers",
        sizes=counts,
        columns=columns,
        fitted=dict.fromkeys(("headlines/s", "without helpers"), "headlines/s"),
        notes=(
            f"{headlines:,} headlines a round, medians of {rounds} rounds",
            f"all processes, Kafka and this one share {os.cpu_count()} cores",
            "a worker and its helper are two processes (us: of both together), one without is one",
            *notes,
        ),
        predicted=predicted,
    )


@dataclass(frozen=True)
class Whole:
    """Microseconds of CPU a headline where there is one worker, on Kafka."""

    both: float
    helper: float
    alone: float
    """Of a worker without a helper."""

    def parts(self, here: Point, there: Point, ends: End, *, helpers: bool) -> Parts:
        """What the simulation asks for.

        Args:
            here: what the stages cost in a loop with the window that this was measured with.
            there: the same with the window of the cluster.
            ends: the log.
            helpers: whether workers have any; its two shares are those of the loop.
        """
        read, write = here.spent.us("read"), here.spent.us("write")
        of_helper = self.helper if helpers else read + write
        of_worker = self.both - self.helper if helpers else self.alone - of_helper
        return Parts(
            read_us=of_helper * read / (read + write),
            write_us=of_helper * write / (read + write),
            own_us=max(0.0, of_worker - here.applied_us),
            apply_us=there.applied_us,
            log_us=1e6 / ends.appended,
            log_ms=ends.log.round_trip_ms,
        )


@dataclass(frozen=True)
class End:
    """What the log's one partition takes."""

    headline_bytes: float
    frame_bytes: float
    log: LogPartition

    @property
    def appended(self) -> float:
        """Headlines a second."""
        return self.log.appended / self.headline_bytes

    @property
    def fetched(self) -> float:
        """Headlines a second to one reader."""
        return self.log.fetched / self.headline_bytes


def cluster_of(
    whole: Whole, points: Mapping[int, Point], ends: End
) -> tuple[dict[str, list[tuple[float, float]]], list[str]]:
    """What clusters do by the simulation, line by line of the plot; and in words, with where the design ends.

    Args:
        whole: what a headline costs one worker.
        points: by entries of the window, what the stages cost in a loop; the first as in `whole`.
        ends: the log.
    """
    lines: dict[str, list[tuple[float, float]]] = {}
    notes = ["simulated: workers with cores of their own, by what their parts cost here"]
    here = next(iter(points.values()))
    for entries, point in points.items():
        for helpers in (True, False):
            parts = whole.parts(here, point, ends, helpers=helpers)
            name = f"{'two cores' if helpers else 'a core'} each, {entries:,} entries"
            found = [simulated(parts, count, helpers=helpers) for count in PREDICTED]
            lines[name] = [(one.workers, one.rate) for one in found]
            notes.append(f"  {name}: " + ", ".join(f"{one.workers}: {one.rate:,.0f}/s" for one in found))
    notes.append(
        "the design ends where one core, or the log's one partition, has enough of all workers' entries:"
    )
    for entries, point in points.items():
        bound, listed = 1e6 / point.applied_us, 1e6 / point.listed_us
        notes.append(
            f"  {entries:,} entries in the window: an entry of another worker costs {point.applied_us:.1f} us, so never"
            f" more than {bound:,.0f}/s; {point.listed_us:.1f} us, {listed:,.0f}/s, if it had not to be compared"
        )
    notes.append(
        f"  the partition, at {ends.headline_bytes:.0f} bytes a headline in frames of {ends.frame_bytes:,.0f} bytes:"
        f" {ends.appended:,.0f} headlines/s appended, {ends.fetched:,.0f}/s fetched by one reader,"
        f" {ends.log.round_trip_ms:.1f} ms there and back"
    )
    return lines, notes


def _round(
    broker: LocalBroker,
    corpus: Corpus,
    headlines: int,
    number: int,
    settings: Mapping[str, str],
    workers: int = 1,
) -> Round:
    found = throughput.measure(broker, NEWSWIRE, corpus, headlines, number, settings, workers=workers)
    what = ", ".join(f"{name.removeprefix('NEWSWIRE_').lower()}={value}" for name, value in settings.items())
    said = f"{what}, workers={workers}, round {number}: {found.cost.rate:,.0f} headlines/s"
    print(f"  {said}, {found.cost.elsewhere:.2f} cores elsewhere", file=sys.stderr, flush=True)
    return found


def _columns(found: Sequence[Sequence[Round]]) -> dict[str, list[float]]:
    return {
        "headlines/s": [median(one.cost.rate for one in rounds) for rounds in found],
        "workers us": [median(one.cost.cpu_us["system"] for one in rounds) for rounds in found],
        "broker us": [median(one.cost.cpu_us["broker"] for one in rounds) for rounds in found],
        "peak MB": [median(one.peak_rss_mb for one in rounds) for rounds in found],
        "cores elsewhere": [median(one.cost.elsewhere for one in rounds) for rounds in found],
    }
