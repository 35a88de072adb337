"""The parts of the roofline that are a client's: fetch, send, the log's append and its reading back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer
from confluent_kafka import TopicPartition as Partition
from tests.benchmarks.core import AT_ONCE
from tests.benchmarks.deployment import Deployment
from tests.benchmarks.load import send
from tests.benchmarks.roofline_parts import BATCH_BYTES, Loop, batch_of
from tests.benchmarks.systems import NEWSWIRE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.benchmarks.roofline_parts import Sample
    from worker.broker import LocalBroker

IN_FLIGHT = 2
"""Fetches whose outputs are sent before the first one's are confirmed."""
FETCH_BYTES = 4 * 1024 * 1024
CONSUMED_AT_ONCE = 10_000

Batches = list[tuple[str, int, BatchBuilder]]


def loops(broker: LocalBroker, sample: Sample) -> Iterator[Loop]:
    """One after the other, on topics that are made for them. Each has to be closed before the next is asked for."""
    deployment = Deployment(broker, NEWSWIRE)
    servers, prefix, size = broker.bootstrap_servers, deployment.prefix, len(sample.records)
    raw = [(partition.topic, partition.partition) for partition in deployment.topics["raw"]]
    log = [(partition.topic, partition.partition) for partition in deployment.topics["log"]]
    send(servers, deployment.raw, ((record.key or b"", record.value or b"") for record in sample.records))
    yield _Getmany(servers, raw, size).loop("fetch", size)
    yield _Consume(servers, raw, size).loop("fetch", size)
    yield _SendBatches(servers, sample, prefix).loop()
    yield _Produce(servers, sample, prefix).loop()
    yield _SendFrames(servers, log[0], sample.frames).loop(size)
    frames = sum(map(len, sample.frames))
    yield _Getmany(servers, log, frames).loop("read log", size)
    yield _Consume(servers, log, frames).loop("read log", size)
    deployment.remove()


class _Getmany:
    """Reads so many records from the beginning of the partitions, with aiokafka."""

    def __init__(self, servers: str, partitions: Sequence[tuple[str, int]], records: int) -> None:
        self._records = records
        self._runner = asyncio.Runner()
        self._partitions = [TopicPartition(*partition) for partition in partitions]
        self._consumer = self._runner.run(self._start(servers))

    def loop(self, part: str, headlines: int) -> Loop:
        return Loop(
            part,
            "aiokafka, getmany",
            headlines,
            lambda: self._runner.run(self._read()),
            prepare=lambda: self._runner.run(self._consumer.seek_to_beginning()),
            close=self._close,
        )

    async def _start(self, servers: str) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(bootstrap_servers=servers, max_partition_fetch_bytes=FETCH_BYTES)
        await consumer.start()
        consumer.assign(self._partitions)
        return consumer

    async def _read(self) -> None:
        left = self._records
        while left > 0:
            left -= sum(map(len, (await self._consumer.getmany(timeout_ms=1_000)).values()))

    def _close(self) -> None:
        self._runner.run(self._consumer.stop())
        self._runner.close()


class _Consume:
    """The same with confluent-kafka: its threads' CPU is counted too."""

    def __init__(self, servers: str, partitions: Sequence[tuple[str, int]], records: int) -> None:
        self._records = records
        self._partitions = [Partition(*partition, OFFSET_BEGINNING) for partition in partitions]
        self._consumer = Consumer(
            {"bootstrap.servers": servers, "group.id": "roofline", "enable.auto.commit": False}
        )

    def loop(self, part: str, headlines: int) -> Loop:
        return Loop(
            part,
            "confluent-kafka, consume",
            headlines,
            self._read,
            prepare=self._consumer.unassign,
            close=self._consumer.close,
        )

    def _read(self) -> None:
        self._consumer.assign(self._partitions)
        left = self._records
        while left > 0:
            messages = self._consumer.consume(min(left, CONSUMED_AT_ONCE), timeout=1)
            for message in messages:
                if message.error():
                    raise KafkaException(message.error())
                message.value()
            left -= len(messages)


class _SendBatches:
    """Sends the outputs' record batches, which are built beforehand, and waits for their confirmation."""

    def __init__(self, servers: str, sample: Sample, prefix: str) -> None:
        self._sample = sample
        self._prefix = prefix
        self._ready: Batches = []
        self._runner = asyncio.Runner()
        self._producer = self._runner.run(_started(servers))

    def loop(self) -> Loop:
        size = len(self._sample.records)
        batches = len(self._sample.lanes) * 1_000 / size
        return Loop(
            "send",
            f"aiokafka, send_batch, {batches:.0f} for 1,000 headlines",
            size,
            lambda: self._runner.run(_send(self._producer, self._ready, batches * AT_ONCE / 1_000)),
            prepare=self._prepare,
            close=self._close,
        )

    def _prepare(self) -> None:
        self._ready = [
            (self._prefix + topic, partition, batch_of(lane)) for topic, partition, lane in self._sample.lanes
        ]

    def _close(self) -> None:
        self._runner.run(self._producer.stop())
        self._runner.close()


class _SendFrames:
    """Appends frames to the log, those of one fetch in one record batch."""

    def __init__(self, servers: str, log: tuple[str, int], frames: Sequence[Sequence[bytes]]) -> None:
        self._log = log
        self._frames = frames
        self._ready: Batches = []
        self._runner = asyncio.Runner()
        self._producer = self._runner.run(_started(servers))

    def loop(self, entries: int) -> Loop:
        mean = sum(len(frame) for of_fetch in self._frames for frame in of_fetch) / entries
        return Loop(
            "log",
            f"aiokafka, send_batch, {mean:.0f} bytes a headline",
            entries,
            lambda: self._runner.run(_send(self._producer, self._ready, 1)),
            prepare=self._prepare,
            close=self._close,
        )

    def _prepare(self) -> None:
        self._ready = []
        for of_fetch in self._frames:
            batch = BatchBuilder(BATCH_BYTES, 0)
            for frame in of_fetch:
                batch.append(timestamp=None, key=None, value=frame)
            self._ready.append((*self._log, batch))

    def _close(self) -> None:
        self._runner.run(self._producer.stop())
        self._runner.close()


class _Produce:
    """Builds and sends the outputs with librdkafka; its threads' CPU is counted too."""

    def __init__(self, servers: str, sample: Sample, prefix: str) -> None:
        self._sample = sample
        self._prefix = prefix
        self._failed: list[Any] = []
        self._producer = Producer(
            {
                "bootstrap.servers": servers,
                "enable.idempotence": True,
                "acks": "all",
                "queue.buffering.max.messages": 1_000_000,
                "queue.buffering.max.kbytes": 2_000_000,
            }
        )

    def loop(self) -> Loop:
        return Loop("append and send", "confluent-kafka, produce", len(self._sample.records), self._run)

    def _run(self) -> None:
        produce, prefix = self._producer.produce, self._prefix
        for topic, partition, lane in self._sample.lanes:
            name = prefix + topic
            for output in lane:
                produce(
                    name,
                    output.value,
                    output.key,
                    partition,
                    headers=output.headers,
                    on_delivery=self._delivered,
                )
            self._producer.poll(0)
        self._producer.flush()
        if self._failed:
            raise KafkaException(self._failed[0])

    def _delivered(self, error: Any, _message: object) -> None:
        if error is not None:
            self._failed.append(error)


async def _started(servers: str) -> AIOKafkaProducer:
    producer = AIOKafkaProducer(
        bootstrap_servers=servers,
        enable_idempotence=True,
        acks="all",
        linger_ms=0,
        max_batch_size=BATCH_BYTES,
        max_request_size=64 * 1024 * 1024,
    )
    await producer.start()
    return producer


async def _send(producer: AIOKafkaProducer, batches: Batches, at_once: float) -> None:
    """Send batches, of so many a fetch, and wait until all are confirmed."""
    most = max(1, round(at_once * IN_FLIGHT))
    under_way: set[asyncio.Future[Any]] = set()
    for topic, partition, batch in batches:
        under_way.add(await producer.send_batch(batch, topic, partition=partition))
        if len(under_way) >= most:
            done, under_way = await asyncio.wait(under_way)
            _raise_failed(done)
    if under_way:
        _raise_failed((await asyncio.wait(under_way))[0])


def _raise_failed(done: set[asyncio.Future[Any]]) -> None:
    for future in done:
        future.result()
