"""What one partition takes and gives, which the fingerprint log is: the bound of all workers together."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING
from uuid import uuid4

from confluent_kafka import Consumer, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.broker import LocalBroker

LOG_BYTES = 400_000_000
"""Of frames that are appended in a row, and then read."""
ROUND_TRIPS = 300
"""Frames that go through the log one by one, each when the one before is back."""
PATIENCE_S = 60.0


@dataclass(frozen=True)
class LogPartition:
    """What one partition did, with one writer and one reader on the machine of the broker."""

    appended: float
    """Bytes a second, confirmed and idempotent."""
    fetched: float
    """Bytes a second to one reader."""
    round_trip_ms: float
    """From the append of a frame to its being read, with nothing else under way; the median."""


def measured(broker: LocalBroker, frame_bytes: int) -> LogPartition:
    """Append frames of so many bytes to a topic of one partition, and read them.

    Raises:
        SystemExit: the broker does not keep up.
    """
    topic = f"log-{uuid4().hex[:6]}"
    servers = broker.bootstrap_servers
    admin = AdminClient({"bootstrap.servers": servers})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    producer = Producer(
        {
            "bootstrap.servers": servers,
            "enable.idempotence": True,
            "queue.buffering.max.kbytes": 2 * LOG_BYTES // 1024,
        }
    )
    prompt = Producer({"bootstrap.servers": servers, "enable.idempotence": True, "linger.ms": 0})
    consumer = Consumer({"bootstrap.servers": servers, "group.id": topic})
    consumer.assign([TopicPartition(topic, 0, 0)])
    try:
        # As little to compress, and to take from a cache, as in real ones.
        frames = [os.urandom(frame_bytes) for _ in range(LOG_BYTES // frame_bytes)]
        appended_s = _append(producer, topic, frames)
        fetched_s = _read(consumer, len(frames))
        trips = [_round_trip_ms(prompt, consumer, topic, frame) for frame in frames[:ROUND_TRIPS]]
    finally:
        consumer.close()
        admin.delete_topics([topic])[topic].result(30)
    size = len(frames) * frame_bytes
    return LogPartition(size / appended_s, size / fetched_s, median(trips))


def _append(producer: Producer, topic: str, frames: Sequence[bytes]) -> float:
    """Seconds until all are confirmed."""
    started = time.perf_counter()
    for frame in frames:
        producer.produce(topic, frame)
    if left := producer.flush(PATIENCE_S):
        raise SystemExit(f"{left} frames of {len(frames)} were not confirmed in {PATIENCE_S:g} s")
    return time.perf_counter() - started


def _read(consumer: Consumer, count: int) -> float:
    """Seconds until so many are read."""
    started = time.perf_counter()
    read = 0
    while read < count:
        found = consumer.consume(min(1_000, count - read), 10)
        if not found:
            raise SystemExit(f"{read} frames of {count} could be read, and no more in 10 s")
        read += len(found)
    return time.perf_counter() - started


def _round_trip_ms(producer: Producer, consumer: Consumer, topic: str, frame: bytes) -> float:
    started = time.perf_counter()
    producer.produce(topic, frame)
    producer.poll(0)
    found: Message | None = consumer.poll(PATIENCE_S)
    if found is None or found.error():
        raise SystemExit(f"a frame did not come back: {found.error() if found else 'nothing came'}")
    producer.poll(0)
    return (time.perf_counter() - started) * 1e3
