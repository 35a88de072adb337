"""Latency at a steady load, open loop: the schedule does not wait for the system.

It is the time from the raw record's append to its output's append, both by the broker's clock and read afterwards, so
nothing that measures stands in the way. Whole milliseconds: Kafka has no finer ones.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import orjson
from confluent_kafka import Consumer, TopicPartition
from tests.benchmarks.deployment import OUTPUTS, Deployment
from tests.benchmarks.load import Pace, scheduled, send
from tests.benchmarks.reading import Cost, Meter, cost
from tests.benchmarks.stats import percentile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from tests.benchmarks.corpus import Corpus
    from tests.benchmarks.system import System
    from worker.broker import LocalBroker

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Loads, as shares of the throughput."""
QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}
FIRST = 2_000
"""Headlines that are sent before anything else, and have to come out: the system works then."""
WARM_SHARE = 0.5
WARM_S = 12.0
"""The load of the warm-up, and how long it lasts. The broker needs it: until Java has compiled what a load of many
small requests runs through, which that of full batches does not, its compiler takes up to a core of the two."""
SETTLE_S = 3.0
"""What is left out at the beginning of each load."""
LATE_S = 0.1
"""A schedule that was further behind than this was not kept."""


@dataclass(frozen=True)
class Latency:
    """Latencies of one system at one load."""

    system: str
    share: float
    """Of the throughput."""
    wanted: float
    offered: float
    """Headlines a second: by the schedule, and as they were appended."""
    late_s: float
    """Most that the schedule was behind."""
    headlines: int
    ms: Mapping[str, float]
    """By quantile."""
    most_ms: float
    cost: Cost
    """Of the whole load, what is left out of the latencies included."""

    @property
    def kept(self) -> bool:
        """Whether the load was what it should have been."""
        return self.late_s <= LATE_S


def measure(
    broker: LocalBroker,
    system: System,
    corpus: Corpus,
    throughput: float,
    seconds: float,
    settings: Mapping[str, str],
    shares: Sequence[float] = SHARES,
) -> list[Latency]:
    """Latencies at shares of a throughput in headlines a second, `seconds` each, one load after the other."""
    warm = Pace(WARM_SHARE * throughput, WARM_S)
    paces = [Pace(share * throughput, SETTLE_S + seconds) for share in shares]
    deployment = Deployment(broker, system, settings)
    servers = broker.bootstrap_servers
    late_s, costs = [], []
    with deployment.running() as processes, _loader(deployment, corpus, [warm, *paces]) as loader:
        loader.hear()
        meter = Meter(deployment, processes, loader=loader.process)
        # The load begins once the system works: how long it takes to start is another question.
        send(servers, deployment.raw, corpus.events(FIRST))
        sent = FIRST
        for _ in deployment.progress(processes, sent):
            pass
        for pace in (warm, *paces):
            begin = meter.quick(time.perf_counter(), sent)
            loader.tell(True)
            late_s.append(float(loader.hear()))
            sent += pace.count
            for _ in deployment.progress(processes, sent):
                pass
            costs.append(cost(begin, meter.quick(time.perf_counter(), sent)))
    appended, taken = read(deployment, sent)
    deployment.remove()
    found = []
    first = FIRST + warm.count
    for share, pace, late, taken_by in zip(shares, paces, late_s[1:], costs[1:], strict=True):
        measured = slice(first + int(pace.rate * SETTLE_S), first + pace.count)
        first += pace.count
        times, latencies = appended[measured], taken[measured]
        found.append(
            Latency(
                system=system.name,
                share=share,
                wanted=pace.rate,
                offered=(len(times) - 1) / max(float(np.ptp(times)), 1e-3),
                late_s=late,
                headlines=len(times),
                ms={name: percentile(latencies, quantile) * 1000 for name, quantile in QUANTILES.items()},
                most_ms=float(latencies.max()) * 1000,
                cost=taken_by,
            )
        )
    return found


def _loader(deployment: Deployment, corpus: Corpus, paces: Sequence[Pace]):
    return scheduled(deployment.broker.bootstrap_servers, deployment.raw, corpus, paces, FIRST)


def read(deployment: Deployment, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each headline was appended, and what it took until its output was, in seconds, by its number, (count,)."""
    appended, taken = np.full(count, np.nan), np.full(count, np.nan)
    consumer = Consumer(
        {
            "bootstrap.servers": deployment.broker.bootstrap_servers,
            "group.id": f"{deployment.prefix}read",
            "auto.offset.reset": "earliest",
            "isolation.level": "read_uncommitted",
        }
    )
    consumer.assign(
        [
            TopicPartition(partition.topic, partition.partition, 0)
            for group in OUTPUTS
            for partition in deployment.topics[group]
        ]
    )
    left = count
    while left:
        messages = consumer.consume(5_000, 10)
        if not messages:
            raise SystemExit(f"{deployment.system.name}: {left} of {count} outputs could not be read")
        for message in messages:
            event = orjson.loads(message.value())
            number = int(event["event_id"].removeprefix("bench-"))
            if np.isnan(appended[number]):  # one that is delivered twice counts once, as it came first
                left -= 1
                appended[number] = datetime.fromisoformat(event["ingested_at"]).timestamp()
                taken[number] = message.timestamp()[1] / 1000 - appended[number]
    consumer.close()
    return appended, taken
