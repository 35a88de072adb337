"""Where a replay goes: the raw topic as the cluster has it, and a producer for it."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from aiokafka import AIOKafkaProducer

from worker.errors import BrokerUnavailableError, TopicDriftError
from worker.kafka.calm import calm
from worker.kafka.records import Packing
from worker.rights import of_replay
from worker.topics.cluster import open_cluster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from worker.config import KafkaSettings

_DEFAULT_MAX_BYTES: Final = 1_048_576
_STOP_S: Final = 5.0


class Target(NamedTuple):
    """A topic: how many partitions it has, and the largest record batch that it takes."""

    partitions: int
    max_record_bytes: int

    def packing(self, kafka: KafkaSettings) -> Packing:
        """How records for it are put into record batches."""
        return Packing(self.max_record_bytes, None if kafka.compression == "none" else kafka.compression)


async def find_target(kafka: KafkaSettings, topic: str) -> Target:
    """Look the topic up, once every partition of it can be written to.

    Raises:
        BrokerUnavailableError: no broker answers within `kafka.connect_patience_s`.
        TopicDriftError: there is no such topic.
        AccessDeniedError: the right to write to it, or to read its configuration, is missing.
    """
    async with open_cluster(kafka) as cluster:
        await cluster.require(of_replay(topic))
        found = (await cluster.describe([topic])).get(topic)
        if found is None:
            raise TopicDriftError(
                f"there is no topic {topic} at {kafka.bootstrap_servers}; run `newswire topics apply`"
            )
        await cluster.wait_for_leaders({topic: found.partitions})
    return Target(found.partitions, int(found.configs.get("max.message.bytes", _DEFAULT_MAX_BYTES)))


@asynccontextmanager
async def open_producer(
    kafka: KafkaSettings, target: Target, *, name: str = "replay"
) -> AsyncIterator[AIOKafkaProducer]:
    """An idempotent producer, acks=all, whose record batches fit the topic; `name` ends its client id."""
    producer = AIOKafkaProducer(
        **kafka.client_kwargs(),
        client_id=f"{kafka.client_id}-{name}",
        enable_idempotence=True,
        acks="all",
        max_batch_size=target.max_record_bytes,
        compression_type=None if kafka.compression == "none" else kafka.compression,
        request_timeout_ms=round(kafka.request_timeout_s * 1000),
    )
    calm(producer)
    try:
        async with asyncio.timeout(kafka.connect_patience_s):
            await producer.start()
    except TimeoutError:
        raise BrokerUnavailableError(
            f"Kafka at {kafka.bootstrap_servers} gave no producer id within {kafka.connect_patience_s:g} s;"
            " check the broker's log"
        ) from None
    try:
        yield producer
    finally:
        # A producer whose broker is gone would wait for it much longer; what counts is counted by now.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_S):
                await producer.stop()
