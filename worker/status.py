"""A running deployment: what Kafka holds, how far the worker's group is, what the workers say."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from msgspec import Struct

from worker.errors import BrokerUnavailableError, NewswireError, UsageError, WorkerUnreachableError
from worker.kafka.calm import calm
from worker.kafka.commits import GroupOffsets
from worker.rights import of_status
from worker.scrape import ask
from worker.topics import declaration, open_cluster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from worker.config import KafkaSettings, Settings
    from worker.kafka.commits import Commit
    from worker.scrape import Answer

CONNECT_S: Final = 5.0
"""A status is asked for to see what is wrong: it does not wait for a broker as long as a worker does."""

ANSWER_S: Final = 15.0
"""Longer than Kafka goes on naming a broker that has died: 9 s by default."""


class TopicStatus(Struct, frozen=True):
    """A topic: its partitions, the records that it keeps, and all that it ever got, by offset."""

    name: str
    partitions: int
    kept: int
    end: int


class Lag(Struct, frozen=True):
    """How far the group is in a partition of the raw topic; `committed` is None where it never committed."""

    partition: int
    begin: int
    end: int
    committed: int | None

    @property
    def records(self) -> int:
        """Records still to do: from the commit, or from the oldest one kept."""
        return max(0, self.end - max(self.begin, self.committed or 0))


class KafkaStatus(Struct, frozen=True):
    """What the cluster says."""

    topics: tuple[TopicStatus, ...]
    missing: tuple[str, ...]
    group: str
    lags: tuple[Lag, ...]

    @property
    def lag(self) -> int:
        """Raw records that the group has still to do."""
        return sum(lag.records for lag in self.lags)


class WorkerStatus(Struct, frozen=True):
    """What a worker says at its HTTP port.

    `unready` names what it waits for; empty when it is ready. Counts are since its start.
    """

    url: str
    unready: dict[str, str]
    version: str | None
    outcomes: dict[str, int]
    verdicts: dict[str, int]
    dead_letters: dict[str, int]
    routed: dict[str, int]
    gauges: dict[str, float]


class Deployment(Struct, frozen=True):
    """Everything on one screen; `unreached` says of each thing that gave no answer why."""

    kafka: KafkaStatus | None
    workers: tuple[WorkerStatus, ...]
    unreached: dict[str, str]


async def observe(settings: Settings, urls: Iterable[str]) -> Deployment:
    """Ask Kafka and the workers, all at once; whatever does not answer is named.

    Raises:
        SettingsError: a certificate or key file is missing or cannot be used.
    """
    unreached: dict[str, str] = {}
    kafka = asyncio.create_task(_observe_kafka(settings, unreached))
    workers = await asyncio.gather(*(_observe_worker(url, unreached) for url in urls))
    return Deployment(await kafka, tuple(worker for worker in workers if worker), unreached)


async def _observe_kafka(settings: Settings, unreached: dict[str, str]) -> KafkaStatus | None:
    patience_s = min(settings.kafka.connect_patience_s, CONNECT_S)
    kafka = settings.kafka.model_copy(update={"connect_patience_s": patience_s})
    try:
        return await _ask_kafka(settings, kafka)
    except UsageError:
        raise
    except BrokerUnavailableError as error:
        unreached["kafka"] = str(error)
    except (NewswireError, KafkaError) as error:
        unreached["kafka"] = f"Kafka at {kafka.bootstrap_servers} gave no full answer: {error}"
    return None


async def _ask_kafka(settings: Settings, kafka: KafkaSettings) -> KafkaStatus:
    names = [spec.name for spec in declaration(settings)]
    async with open_cluster(kafka) as cluster:
        await cluster.require(of_status(names, kafka.group))
        found = await cluster.partitions(names)
    partitions = [TopicPartition(name, number) for name in found for number in range(found[name])]
    raw = [partition for partition in partitions if partition.topic == settings.topics.raw]
    begins, ends, commits = await _offsets(kafka, partitions, raw)
    return KafkaStatus(
        topics=tuple(
            TopicStatus(
                name,
                found[name],
                sum(ends[part] - begins[part] for part in partitions if part.topic == name),
                sum(ends[part] for part in partitions if part.topic == name),
            )
            for name in names
            if name in found
        ),
        missing=tuple(name for name in names if name not in found),
        group=kafka.group,
        lags=tuple(
            Lag(part.partition, begins[part], ends[part], commits[part].offset if part in commits else None)
            for part in raw
        ),
    )


async def _offsets(
    kafka: KafkaSettings, partitions: list[TopicPartition], raw: list[TopicPartition]
) -> tuple[Mapping[TopicPartition, int], Mapping[TopicPartition, int], Mapping[TopicPartition, Commit]]:
    """Where partitions begin and end, and what the group has committed of the raw ones."""
    if not partitions:
        return {}, {}, {}
    async with _reader(kafka) as reader:
        begins = await reader.beginning_offsets(partitions)
        ends = await reader.end_offsets(partitions)
        commits = await GroupOffsets(reader, kafka.group, patience_s=ANSWER_S).read(raw) if raw else {}
    return begins, ends, commits


@asynccontextmanager
async def _reader(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that asks about offsets; it joins no group."""
    consumer = AIOKafkaConsumer(
        **kafka.client_kwargs(),
        client_id=f"{kafka.client_id}-status",
        enable_auto_commit=False,
        request_timeout_ms=round(ANSWER_S * 1000),
    )
    calm(consumer)
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def _observe_worker(url: str, unreached: dict[str, str]) -> WorkerStatus | None:
    try:
        return _read(await ask(url))
    except WorkerUnreachableError as error:
        unreached[url] = error.why
    return None


def _read(answer: Answer) -> WorkerStatus:
    counts: dict[str, dict[str, int]] = {name: {} for name in _COUNTERS.values()}
    gauges: dict[str, float] = {}
    version = None
    for sample in answer.samples:
        label = _COUNTERS.get(sample.name)
        if label is not None:
            count = counts[label]
            key = sample.labels[label]
            count[key] = count.get(key, 0) + int(sample.value)
        elif sample.name in _GAUGES:
            gauges[_GAUGES[sample.name]] = sample.value
        elif sample.name == "newswire_build_info":
            version = sample.labels.get("version")
    return WorkerStatus(
        url=answer.url,
        unready=answer.unready,
        version=version,
        outcomes=counts["outcome"],
        verdicts=counts["verdict"],
        dead_letters=counts["reason"],
        routed=counts["topic"],
        gauges=gauges,
    )


_COUNTERS: Final = {
    "newswire_records_total": "outcome",
    "newswire_verdicts_total": "verdict",
    "newswire_dead_letters_total": "reason",
    "newswire_routed_total": "topic",
}
"""The counters that are shown, each with the label that they are shown by."""

_GAUGES: Final = {
    "newswire_log_replica_lag_records": "log_lag",
    "newswire_log_replica_age_seconds": "log_age_s",
    "newswire_index_entries": "index_entries",
    "newswire_index_bytes": "index_bytes",
    "newswire_in_flight_batches": "in_flight_batches",
}
