"""Reading the output streams: every partition, outside of any consumer group, committed records only."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError
from msgspec import DecodeError, Struct
from msgspec.json import Decoder

from worker.errors import TopicDriftError, UsageError
from worker.kafka import lenient
from worker.kafka.calm import calm
from worker.mediatopics import STREAMS
from worker.rights import denied, of_tail
from worker.topics import open_cluster, output_topics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
    from datetime import datetime

    from aiokafka.structs import ConsumerRecord

    from worker.config import Settings, TopicSettings

POLL_S: Final = 0.5
"""How long to wait for records before looking whether anybody still reads."""


def stream_names(topics: TopicSettings) -> dict[str, str]:
    """Every topic that can be shown, by its short name: `sport` is `news.sport`."""
    outputs = dict(zip(STREAMS, output_topics(topics), strict=True))
    return {**outputs, "duplicates": topics.duplicates, "deadletter": topics.deadletter}


def resolve(names: Sequence[str], topics: TopicSettings) -> tuple[str, ...]:
    """Kafka's names of the topics that are asked for, by short or full name; the 18 streams when none is.

    Raises:
        UsageError: a name is no stream.
    """
    known = stream_names(topics)
    for name in names:
        if name not in known and name not in known.values():
            raise UsageError(f"there is no stream {name}; the streams are {', '.join(known)}")
    return tuple(dict.fromkeys(known.get(name, name) for name in names)) or output_topics(topics)


class Tail:
    """A reader of whole topics, opened by `open_tail`.

    `ends` is where the partitions ended when it was opened, as far as they still have to be read up to there.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        starts: Mapping[TopicPartition, int],
        ends: Mapping[TopicPartition, int],
    ) -> None:
        self._consumer = consumer
        self._positions = dict(starts)
        self._ends = dict(ends)

    async def next(self) -> list[ConsumerRecord]:
        """The records of one fetch, in the order of their timestamps; none after `POLL_S` without any."""
        fetched = await lenient.getmany(self._consumer, self._positions, timeout_ms=round(POLL_S * 1000))
        self._positions |= {partition: records[-1].offset + 1 for partition, records in fetched.items()}
        return in_time(record for part in fetched.values() for record in part)

    async def up_to_the_end(self) -> bool:
        """Whether all has been read that was there when the tail was opened."""
        # By position, not by record: the last offsets of a partition may be control records.
        for partition, end in list(self._ends.items()):
            if await self._consumer.position(partition) >= end:
                del self._ends[partition]
        return not self._ends


@asynccontextmanager
async def open_tail(
    settings: Settings,
    topics: Sequence[str],
    *,
    from_beginning: bool = False,
    since: datetime | None = None,
    last: int | None = None,
) -> AsyncIterator[Tail]:
    """Read topics from where they begin, from a time on, or from where they end now.

    `since` goes by the records' Kafka times. `last` is the most of each partition; which are the newest of all is for
    the reader to say.

    Raises:
        BrokerUnavailableError: no broker answers within `kafka.connect_patience_s`.
        TopicDriftError: one of the topics is missing.
        AccessDeniedError: the right to read one of them is missing, or withdrawn later.
    """
    kafka = settings.kafka
    async with open_cluster(kafka) as cluster:
        await cluster.require(of_tail(topics))
        found = await cluster.partitions(topics)
    if missing := [topic for topic in topics if topic not in found]:
        raise TopicDriftError(
            f"no topic {', '.join(missing)} at {kafka.bootstrap_servers}; run `newswire topics apply`"
        )
    partitions = [TopicPartition(topic, part) for topic in topics for part in range(found[topic])]
    consumer = AIOKafkaConsumer(
        **kafka.client_kwargs(),
        client_id=f"{kafka.client_id}-tail",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=kafka.fetch_max_wait_ms,
        request_timeout_ms=round(kafka.request_timeout_s * 1000),
    )
    calm(consumer)
    await consumer.start()
    try:
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        if since is not None:
            starts = await _offsets_at(consumer, since, ends)
        elif from_beginning or last is not None:
            starts = await consumer.beginning_offsets(partitions)
        else:
            starts = ends
        if last is not None:
            starts = {partition: max(start, ends[partition] - last) for partition, start in starts.items()}
        for partition in partitions:
            consumer.seek(partition, starts[partition])
        yield Tail(
            consumer,
            starts,
            {partition: end for partition, end in ends.items() if end > starts[partition]},
        )
    except TopicAuthorizationFailedError as error:
        raise denied(kafka, of_tail(map(str, error.args))) from error
    finally:
        await consumer.stop()


async def _offsets_at(
    consumer: AIOKafkaConsumer, moment: datetime, ends: Mapping[TopicPartition, int]
) -> dict[TopicPartition, int]:
    """The first record of each partition that is not older than a time; the end where all are."""
    # Below 0 Kafka has other meanings.
    milliseconds = max(0, round(moment.timestamp() * 1000))
    found = await consumer.offsets_for_times(dict.fromkeys(ends, milliseconds))
    return {
        partition: end if found[partition] is None else found[partition].offset
        for partition, end in ends.items()
    }


def as_json_line(record: ConsumerRecord, deadletter: str) -> bytes:
    """A record as a line of JSON: an event as it is, a dead letter with its cause and its bytes as text."""
    if record.topic == deadletter:
        return orjson.dumps(_dead_letter(record), option=orjson.OPT_APPEND_NEWLINE)
    value: bytes | None = record.value
    # Nearly all are lines of JSON already: they are checked, which is quicker than to parse them, and passed on.
    if value is None or not _is_object(value):
        return orjson.dumps(_plain(record), option=orjson.OPT_APPEND_NEWLINE)
    if b"\n" in value:
        return orjson.dumps(orjson.loads(value), option=orjson.OPT_APPEND_NEWLINE)
    return value + b"\n"


class _Object(Struct):
    """Any JSON object: none of its fields are decoded."""


_OBJECT: Final = Decoder(_Object)


def _is_object(value: bytes) -> bool:
    try:
        _OBJECT.decode(value)
        # The text of what is passed over is not looked at.
        value.decode()
    except (DecodeError, UnicodeDecodeError):
        return False
    return True


def event_of(record: ConsumerRecord) -> dict[str, Any] | None:
    """The event in a record's value, or None where that is no JSON object."""
    try:
        event = orjson.loads(record.value or b"")
    except orjson.JSONDecodeError:
        return None
    return event if isinstance(event, dict) else None


def _dead_letter(record: ConsumerRecord) -> dict[str, Any]:
    headers = {name: _text(value) for name, value in record.headers}
    return {"reason": headers.get("newswire.reason"), **_plain(record), "headers": headers}


def _plain(record: ConsumerRecord) -> dict[str, Any]:
    return {
        "stream": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "key": _text(record.key),
        "value": _text(record.value),
    }


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="backslashreplace")


def in_time(records: Iterable[ConsumerRecord]) -> list[ConsumerRecord]:
    """Records in the order of their timestamps."""
    return sorted(records, key=attrgetter("timestamp"))


def clock_time(timestamp_ms: int) -> str:
    """A record's time of day here, to the second."""
    return time.strftime("%H:%M:%S", time.localtime(timestamp_ms / 1000))
