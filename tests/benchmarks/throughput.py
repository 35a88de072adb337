"""Headlines a second: a full topic, and how fast it comes out, without the beginning and the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.deployment import Deployment
from tests.benchmarks.load import send
from tests.benchmarks.reading import Cost, Meter, Reading, appended, cost, stages_us

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.corpus import Corpus
    from tests.benchmarks.system import System
    from worker.broker import LocalBroker

WARM, DONE = 0.2, 0.95
"""Shares of a round's headlines between which is measured: before, caches fill; after, fetches are not full."""


@dataclass(frozen=True)
class Round:
    """What one system did in one round."""

    system: str
    number: int
    load: int
    cost: Cost
    """Of the measured part."""
    peak_rss_mb: float
    """Of the whole round; read a few times a second."""
    stages_us: Mapping[str, float]
    appended: Mapping[str, Mapping[str, float]]
    """Of the whole round."""


def measure(
    broker: LocalBroker,
    system: System,
    corpus: Corpus,
    headlines: int,
    number: int,
    settings: Mapping[str, str],
    *,
    workers: int = 1,
) -> Round:
    """One round on topics of its own, with headlines of its own: those after the rounds before, or a file's first ones.

    The load is there before the system is started; before several workers, only once all are ready.
    """
    load = int(headlines * system.load)
    deployment = Deployment(broker, system, settings)
    # A file has not enough for all rounds, and what it is lengthened by is unlike it.
    first = 0 if corpus.file else (number - 1) * load
    events = corpus.events(load, first)
    if workers == 1:
        send(broker.bootstrap_servers, deployment.raw, events)
    with deployment.running(workers) as processes:
        meter = Meter(deployment, processes)
        if workers > 1:
            deployment.seconds_to_ready(processes, 0)
            send(broker.bootstrap_servers, deployment.raw, events)
        begin: Reading | None = None
        end: Reading | None = None
        for at, out in deployment.progress(processes, load):
            meter.quick(at, out)
            if begin is None and out >= WARM * load:
                begin = meter.whole()
            elif end is None and out >= DONE * load:
                end = meter.whole()
        last = meter.final()
    deployment.remove()
    if begin is None or begin.out >= (end or last).out:
        raise SystemExit(
            f"{system.name}: {load:,} headlines came out at once, too few to measure; give it more by --headlines"
        )
    return Round(
        system=system.name,
        number=number,
        load=load,
        cost=cost(begin, end or last),
        peak_rss_mb=meter.peak_rss / 1e6,
        stages_us=stages_us(begin, end or last),
        appended=appended(last),
    )
