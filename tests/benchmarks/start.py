"""From the start of a worker's process until it is ready, with an empty window and with a kept log."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.deployment import Deployment
from tests.benchmarks.load import send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.corpus import Corpus
    from tests.benchmarks.system import System
    from worker.broker import LocalBroker

ENTRIES = ("newswire_index_entries",)


@dataclass(frozen=True)
class Start:
    """One start. The broker's `group.initial.rebalance.delay.ms` is 0, so nothing of it is in here."""

    system: str
    headlines: int
    """In the log, and in the window when it was ready."""
    entries: int
    seconds: float


def measure(
    broker: LocalBroker,
    system: System,
    corpus: Corpus,
    headlines: int,
    starts: int,
    settings: Mapping[str, str],
) -> list[Start]:
    """So many starts, each on topics of its own that are empty, or on one log of `headlines` headlines."""
    if not headlines:
        return [_empty(broker, system, settings) for _ in range(starts)]
    deployment = Deployment(broker, system, settings)
    send(broker.bootstrap_servers, deployment.raw, corpus.events(headlines))
    with deployment.running() as processes:
        for _ in deployment.progress(processes, headlines):
            pass
    found = [again(deployment, headlines) for _ in range(starts)]
    deployment.remove()
    return found


def again(deployment: Deployment, headlines: int) -> Start:
    """Start a system that has ended on the topics that it left."""
    started = time.perf_counter()
    with deployment.running() as processes:
        seconds = deployment.seconds_to_ready(processes, started)
        entries = int(deployment.metrics()[ENTRIES])
    return Start(deployment.system.name, headlines, entries, seconds)


def _empty(broker: LocalBroker, system: System, settings: Mapping[str, str]) -> Start:
    deployment = Deployment(broker, system, settings)
    found = again(deployment, 0)
    deployment.remove()
    return found
