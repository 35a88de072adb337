"""Minutes of full load: whether the system declines as the window fills, and whether it grows.

The load is fed while the system runs, or it is a backlog that was there before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.deployment import Deployment
from tests.benchmarks.load import ahead
from tests.benchmarks.reading import Cost, Meter, appended, cost, stages_us
from tests.benchmarks.start import ENTRIES, Start, again

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.corpus import Corpus
    from tests.benchmarks.system import System
    from worker.broker import LocalBroker

SLICE_S = 10.0
LEAD = 100_000
"""Headlines that wait in the raw topic at any time: the system never has to, and what loads shares the cores with it
all the time."""
FILL_S = 1_800
"""A backlog is there within this, or something is wrong."""
BYTES = ("newswire_index_bytes",)


@dataclass(frozen=True)
class Slice:
    """Some seconds of the run."""

    cost: Cost
    stages_us: Mapping[str, float]
    entries: int
    """Of the window, at the end of the slice."""
    index_bytes: int
    """What the worker itself counts for its replica of the log, at the end of the slice."""


@dataclass(frozen=True)
class Sustained:
    """A run of one system."""

    system: str
    slices: list[Slice]
    """From the first headline that came out on; the first one is the warm-up."""
    whole: Cost
    """Without the warm-up."""
    appended: Mapping[str, Mapping[str, float]]
    peak_rss_mb: float
    restart: Start | None
    """On the log that it left, if what was sent is what went through."""


def measure(
    broker: LocalBroker,
    system: System,
    corpus: Corpus,
    minutes: float,
    most: int,
    settings: Mapping[str, str],
    *,
    backlog: bool = False,
) -> Sustained:
    """Run for so many minutes after the warm-up, or until `most` headlines are through.

    All of them are sent beforehand where it is to be a `backlog`: then only the system and the broker have the cores.
    """
    deployment = Deployment(broker, system, settings)
    slices: list[Slice] = []
    with ahead(broker.bootstrap_servers, deployment.raw, corpus, most) as loader:
        loader.hear()
        if backlog:
            loader.tell(most)
            loader.hear(FILL_S)
        with deployment.running() as processes:
            meter = Meter(deployment, processes, **({} if backlog else {"loader": loader.process}))
            begin = last = meter.whole()
            deadline = float("inf")
            for at, out in deployment.progress(processes, most):
                meter.quick(at, out)
                if at >= deadline or (not backlog and loader.said_all):
                    break
                if not backlog:
                    loader.tell(out + LEAD)
                if not out:
                    last = meter.whole()
                elif at >= last.at + SLICE_S:
                    now = meter.whole()
                    entries, held = (int(now.metrics.get(name, 0)) for name in (ENTRIES, BYTES))
                    slices.append(Slice(cost(last, now), stages_us(last, now), entries, held))
                    if len(slices) == 1:
                        begin, deadline = now, now.at + 60 * minutes
                    last = now
            if len(slices) < 2:
                raise SystemExit(
                    f"{system.name}: the load was over before it was warm; give it more --minutes"
                )
            sent = 0
            if not backlog:
                if not loader.said_all:
                    loader.tell(None)
                sent = int(loader.hear())
                for _ in deployment.progress(processes, sent):
                    pass
            end = meter.final()
    restart = again(deployment, sent) if system.has_http and not backlog else None
    deployment.remove()
    return Sustained(
        system=system.name,
        slices=slices,
        whole=cost(begin, last),
        appended=appended(end),
        peak_rss_mb=meter.peak_rss / 1e6,
        restart=restart,
    )
