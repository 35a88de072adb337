"""Growth of a headline's cost with Kafka: with the partitions of the raw topic, and with worker processes."""

from __future__ import annotations

import os
import time
from statistics import median
from typing import TYPE_CHECKING
from uuid import uuid4

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from tests.benchmarks import throughput
from tests.benchmarks.growth_core import applied_us
from tests.benchmarks.series import Series
from tests.benchmarks.systems import NEWSWIRE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.corpus import Corpus
    from tests.benchmarks.throughput import Round
    from worker.broker import LocalBroker

ENTRIES = 100_000
"""Of the window, where only what a foreign entry costs is asked."""
MOST_PREDICTED = 64
LOG_BYTES = 400_000_000
"""Of frames that one partition takes."""


def partitions(
    broker: LocalBroker, corpus: Corpus, counts: Sequence[int], headlines: int, rounds: int
) -> Series:
    """By partitions of the raw topic, one worker."""
    found = [
        [
            throughput.measure(
                broker,
                NEWSWIRE,
                corpus,
                headlines,
                number,
                {"NEWSWIRE_TOPICS__RAW_PARTITIONS": str(count)},
            )
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
    """By worker processes on this machine, and what a cluster with a core for each would do by what they cost.

    Every worker applies every entry of the log, and does all the rest for its own share. With `c` seconds of CPU a
    headline of all workers together where there is one, and `a` of these to apply an entry, W workers with a core
    each do 1 / ((c - a) / W + a) headlines a second: never more than 1 / a.
    """
    found = [
        [
            throughput.measure(broker, NEWSWIRE, corpus, headlines, number, {}, workers=count)
            for number in range(1, rounds + 1)
        ]
        for count in counts
    ]
    columns = _columns(found)
    whole_us = columns["workers us"][0]
    _, foreign_us = applied_us(corpus, ENTRIES)
    cluster = [2**exponent for exponent in range(MOST_PREDICTED.bit_length())]
    rates = [(count, cluster_rate(whole_us, foreign_us, count)) for count in cluster]
    log = found[0][0].appended["log"]
    appended, fetched = log_rates(broker, round(log["bytes"] / log["records"]))
    return Series(
        name="workers",
        title="Headlines a second by worker processes",
        x="workers",
        sizes=counts,
        columns=columns,
        fitted={"headlines/s": "headlines/s"},
        notes=(
            f"{headlines:,} headlines a round, medians of {rounds} rounds, all processes on the cores of this machine",
            (
                f"calculated: an entry that another worker wrote costs {foreign_us:.1f} us, a headline of one's own"
                f" {whole_us:.1f} us; workers with a core each do"
            ),
            "  " + ", ".join(f"{count}: {rate:,.0f}/s" for count, rate in rates),
            f"  and never more than {1e6 / foreign_us:,.0f}/s, when all of a core goes into others' entries",
            (
                f"the log's one partition, at {log['bytes']:.0f} bytes a headline in frames of"
                f" {log['bytes'] / log['records']:,.0f} bytes: {appended / log['bytes']:,.0f} headlines/s appended,"
                f" {fetched / log['bytes']:,.0f}/s fetched by one reader"
            ),
        ),
        predicted={"with a core each": rates},
    )


def log_rates(broker: LocalBroker, frame_bytes: int) -> tuple[float, float]:
    """Bytes a second that one partition takes, confirmed and idempotent, and then gives to one reader."""
    topic = f"log-{uuid4().hex[:6]}"
    admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    producer = Producer(
        {
            "bootstrap.servers": broker.bootstrap_servers,
            "enable.idempotence": True,
            "queue.buffering.max.kbytes": 2 * LOG_BYTES // 1024,
        }
    )
    # As little to compress, and to take from a cache, as in real ones.
    frames = [os.urandom(frame_bytes) for _ in range(LOG_BYTES // frame_bytes)]
    started = time.perf_counter()
    for frame in frames:
        producer.produce(topic, frame)
    if left := producer.flush(60):
        raise SystemExit(f"{left} frames of {len(frames)} were not confirmed in a minute")
    appended_s = time.perf_counter() - started
    consumer = Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": topic})
    consumer.assign([TopicPartition(topic, 0, 0)])
    started = time.perf_counter()
    read = 0
    while read < len(frames):
        found = consumer.consume(1_000, 10)
        if not found:
            raise SystemExit(f"{read} frames of {len(frames)} could be read")
        read += len(found)
    fetched_s = time.perf_counter() - started
    consumer.close()
    admin.delete_topics([topic])[topic].result(30)
    size = len(frames) * frame_bytes
    return size / appended_s, size / fetched_s


def cluster_rate(whole_us: float, foreign_us: float, workers: int) -> float:
    """Headlines a second of so many workers with a core each, by what headlines and foreign entries cost one."""
    return 1e6 / ((whole_us - foreign_us) / workers + foreign_us)


def _columns(found: Sequence[Sequence[Round]]) -> dict[str, list[float]]:
    return {
        "headlines/s": [median(one.cost.rate for one in rounds) for rounds in found],
        "workers us": [median(one.cost.cpu_us["system"] for one in rounds) for rounds in found],
        "broker us": [median(one.cost.cpu_us["broker"] for one in rounds) for rounds in found],
        "peak MB": [median(one.peak_rss_mb for one in rounds) for rounds in found],
        "cores elsewhere": [median(one.cost.elsewhere for one in rounds) for rounds in found],
    }
