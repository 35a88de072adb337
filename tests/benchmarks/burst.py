"""Latency at one worker while another one's partitions get a burst.

Every worker applies every entry of the fingerprint log, so the headlines of the one wait until its replica has applied
what the other one has appended before them. Latency is read as in `latency.py`, by the broker's clock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
from tests.benchmarks.deployment import Deployment
from tests.benchmarks.latency import FIRST, LATE_S, WARM_S, read
from tests.benchmarks.load import Pace, scheduled, send
from tests.benchmarks.reading import STAGES, Cost, Meter, cost
from tests.benchmarks.stats import percentile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from tests.benchmarks.corpus import Corpus
    from tests.benchmarks.system import System
    from worker.broker import LocalBroker

HEADLINES = 100_000
RATE = 500.0
BEFORE_S = 8.0
"""How long the steady load goes on before the burst, after the warm-up."""
AFTER_S = 24.0
"""How long from the beginning of the burst on; the burst has to be over by then."""
PHASES = ("before", "during", "after")
WORKERS = 2
STEP_S = 0.25
"""Width of a point of the plot."""
ENTRIES = ("newswire_index_entries",)
STAGE = "newswire_stage_duration_seconds"
DELAY = "newswire_event_loop_delay_seconds"


@dataclass(frozen=True)
class Phase:
    """Latencies of the steady headlines of one part of the run."""

    headlines: int
    ms: Mapping[str, float]
    """p50, p99 and most."""


@dataclass(frozen=True)
class Burst:
    """What a burst at one worker did to the headlines of another."""

    system: str
    headlines: int
    """Of the burst."""
    entries: int
    """In the window when it began."""
    rate: float
    """Headlines a second of the steady load, by its schedule."""
    late_s: float
    """Most that the schedule was behind."""
    appended_s: float
    """From the first to the last raw append of the burst."""
    seconds: float
    """From the first raw append of the burst to its last output's."""
    phases: Mapping[str, Phase]
    """By name, those of `PHASES`."""
    waits_ms: Mapping[str, Mapping[str, float]]
    """By `before` and `during`, what the other worker says that a fetch took on average in each stage, and how late its
    event loop was."""
    points: Sequence[tuple[float, float, float]]
    """Of each `STEP_S` of the run: its beginning in seconds from that of the burst, p50 and most in ms."""
    cost: Cost
    """Of the burst, the steady headlines of the same time included."""

    @property
    def kept(self) -> bool:
        """Whether the steady load was what it should have been."""
        return self.late_s <= LATE_S


def headlines(filled: int, burst: int, rate: float) -> int:
    """How many headlines a run needs."""
    return max(filled, FIRST) + burst + sum(pace.count for pace in _paces(rate))


def measure(
    broker: LocalBroker,
    system: System,
    corpus: Corpus,
    settings: Mapping[str, str],
    *,
    burst: int = HEADLINES,
    rate: float = RATE,
    filled: int = 0,
) -> Burst:
    """Latency of `rate` headlines a second at one worker, before, during and after a burst at the other.

    `filled` headlines are put into the window before anything is measured.

    Raises:
        SystemExit: the workers did not share the partitions, or the steady load ended before the burst.
    """
    deployment = Deployment(broker, system, settings)
    servers = broker.bootstrap_servers
    filled = max(filled, FIRST)
    warm, steady = _paces(rate)
    with deployment.running(WORKERS) as processes:
        deployment.seconds_to_ready(processes, 0)
        send(servers, deployment.raw, corpus.events(filled))
        for _ in deployment.progress(processes, filled):
            pass
        theirs, ours = _shared(deployment)
        burst_load = list(corpus.events(burst, filled))
        loader_of = scheduled(servers, deployment.raw, corpus, (warm, steady), filled + burst, ours)
        with loader_of as loader:
            loader.hear()
            meter = Meter(deployment, processes, loader=loader.process)
            loader.tell(True)
            loader.hear()
            readings = [deployment.metrics(1)]
            began = time.perf_counter()
            loader.tell(True)
            time.sleep(BEFORE_S)
            readings.append(deployment.metrics(1))
            entries = int(readings[-1][ENTRIES])
            begin = meter.quick(time.perf_counter(), deployment.out())
            send(servers, deployment.raw, burst_load, theirs)
            before = filled + warm.count + burst
            for at, out in deployment.progress(processes, before + steady.count):
                # What the schedule has sent by now is out too, but for what is always under way.
                if out >= before + (at - began - LATE_S) * rate:
                    break
            end = meter.quick(at, out)
            readings.append(deployment.metrics(1))
            late_s = float(loader.hear())
        sent = filled + burst + warm.count + steady.count
        for _ in deployment.progress(processes, sent):
            pass
    appended, taken = read(deployment, sent)
    deployment.remove()
    of_burst = slice(filled, filled + burst)
    of_steady = slice(filled + burst + warm.count, sent)
    first = float(appended[of_burst].min())
    last = float((appended + taken)[of_burst].max())
    if last >= appended[of_steady].max():
        raise SystemExit(
            f"{system.name}: the burst took {last - first:.1f} s, longer than the steady load beside it; give fewer"
            " headlines by --burst"
        )
    times, latencies = appended[of_steady], taken[of_steady]
    return Burst(
        system=system.name,
        headlines=burst,
        entries=entries,
        rate=rate,
        late_s=late_s,
        appended_s=float(np.ptp(appended[of_burst])),
        seconds=last - first,
        phases=phases(times, latencies, first, last),
        waits_ms={name: waits_ms(*pair) for name, pair in zip(PHASES[:2], pairwise(readings), strict=True)},
        points=points(times - first, latencies),
        cost=cost(begin, end),
    )


def phases(
    appended: NDArray[np.float64], taken: NDArray[np.float64], begin: float, end: float
) -> dict[str, Phase]:
    """Latencies by `PHASES`: `during` are all headlines that were under way between `begin` and `end`.

    Args:
        appended: when each was appended, seconds.
        taken: what each took, seconds.
        begin: the burst's first raw append.
        end: its last output's.

    Raises:
        ValueError: a phase has no headline.
    """
    before, after = appended + taken < begin, appended > end
    return {
        name: _phase(taken[which])
        for name, which in zip(PHASES, (before, ~before & ~after, after), strict=True)
    }


def points(
    since: NDArray[np.float64], taken: NDArray[np.float64], step_s: float = STEP_S
) -> list[tuple[float, float, float]]:
    """Of each step of time that has headlines: its beginning in seconds, p50 and most in ms."""
    steps = np.floor(since / step_s)
    return [
        (float(step) * step_s, percentile(found, 0.5) * 1000, float(found.max()) * 1000)
        for step in np.unique(steps)
        for found in [taken[steps == step]]
    ]


def waits_ms(
    before: Mapping[tuple[str, ...], float], after: Mapping[tuple[str, ...], float]
) -> dict[str, float]:
    """What a fetch took on average in each stage between two readings of a worker's metrics, and the loop's delay."""
    names = {stage: (stage,) for stage in STAGES} | {"loop delay": ()}
    found = {}
    for name, labels in names.items():
        metric = STAGE if labels else DELAY
        count, spent = (
            after.get((f"{metric}_{what}", *labels), 0.0) - before.get((f"{metric}_{what}", *labels), 0.0)
            for what in ("count", "sum")
        )
        found[name] = spent / count * 1000 if count else 0.0
    return found


def partitions_of(metrics: Mapping[tuple[str, ...], float]) -> list[int]:
    """The raw partitions that a worker has, as its metrics tell."""
    return sorted(int(name[1]) for name in metrics if name[0] == "newswire_consumer_lag_records")


def _phase(taken: NDArray[np.float64]) -> Phase:
    ms = {"p50": percentile(taken, 0.5) * 1000, "p99": percentile(taken, 0.99) * 1000}
    return Phase(len(taken), ms | {"most": float(taken.max()) * 1000})


def _paces(rate: float) -> tuple[Pace, Pace]:
    return Pace(rate, WARM_S), Pace(rate, BEFORE_S + AFTER_S)


def _shared(deployment: Deployment) -> list[list[int]]:
    """The raw partitions of each worker."""
    found = [partitions_of(deployment.metrics(number)) for number in range(WORKERS)]
    every = sorted(partition.partition for partition in deployment.topics["raw"])
    if not all(found) or sorted(chain(*found)) != every:
        raise SystemExit(f"{deployment.system.name}: the workers have partitions {found} of {every}")
    return found
