"""Reading what dead letters are about: the letters, their states, and raw records that fitted no letter."""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, KafkaTimeoutError, TopicAuthorizationFailedError
from msgspec.structs import replace

from worker.deadletters.letter import Letter, own, read
from worker.deadletters.status import Statuses
from worker.errors import BrokerUnavailableError, NewswireError, TopicDriftError, UsageError
from worker.kafka import any_broker, lenient
from worker.kafka.calm import calm
from worker.logs import get_logger
from worker.rights import denied
from worker.topics import open_cluster

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    from aiokafka.structs import ConsumerRecord

    from worker.config import KafkaSettings, Settings
    from worker.deadletters.choice import Choice
    from worker.deadletters.letter import Address
    from worker.rights import Right

log = get_logger(__name__)

Spans = dict[int, tuple[int, int]]
"""By partition an offset and the one behind the last."""

_POLL_MS: Final = 500
_STOP_S: Final = 5.0
_RECORDS: Final = 500
"""Most records that one poll brings; with their size, which the broker bounds, what is held in memory."""


@asynccontextmanager
async def open_desk(settings: Settings, rights: Collection[Right]) -> AsyncIterator[Desk]:
    """A desk with the newest states, over consumers outside of any group, for the time of the `with`.

    Raises:
        BrokerUnavailableError: no broker answers within `kafka.connect_patience_s`, or none went on answering.
        TopicDriftError: one of the topics is missing.
        AccessDeniedError: one of the rights is missing, or was withdrawn.
    """
    kafka = settings.kafka
    wanted = {right.name for right in rights}
    async with open_cluster(kafka) as cluster:
        await cluster.require(rights)
        partitions = await cluster.partitions(sorted(wanted))
    if missing := sorted(wanted - partitions.keys()):
        raise TopicDriftError(
            f"no topic {', '.join(missing)} at {kafka.bootstrap_servers}; run `newswire topics apply`"
        )
    try:
        async with AsyncExitStack() as stack:
            letters, aside = [await stack.enter_async_context(_open_reader(kafka)) for _ in range(2)]
            desk = Desk(settings, partitions, letters, aside)
            await desk.open()
            yield desk
    except TopicAuthorizationFailedError as error:
        raise denied(kafka, [right for right in rights if right.name in map(str, error.args)]) from error
    except (*any_broker.SILENT, KafkaTimeoutError) as error:
        raise BrokerUnavailableError(
            f"Kafka at {kafka.bootstrap_servers} gives no answer any more ({error!r}); once it is back, give the"
            " command again"
        ) from error
    except KafkaError as error:
        raise NewswireError(f"Kafka at {kafka.bootstrap_servers} refused: {error!r}") from error


class Desk:
    """Dead letters and their states. Made by `open_desk`."""

    def __init__(
        self, settings: Settings, partitions: Mapping[str, int], letters: Reader, aside: Reader
    ) -> None:
        self._topics = settings.topics
        self._partitions = partitions
        self._letters = letters
        self._aside = aside
        self.kept: Spans = {}
        """Where the dead-letter topic begins, and where it ended when the desk was opened."""
        self.statuses = Statuses({})
        self._read: dict[int, int] = {}

    async def open(self) -> None:
        """Look where the letters are, and read all states."""
        topic, status_topic = self._topics.deadletter, self._topics.deadletter_status
        self.kept = await self._letters.bounds(topic, self._partitions[topic])
        self.statuses = Statuses({partition: begin for partition, (begin, _) in self.kept.items()})
        bounds = await self._aside.bounds(status_topic, self._partitions[status_topic])
        self._read = {partition: begin for partition, (begin, _) in bounds.items()}
        await self.refresh()
        if self.statuses.unreadable:
            log.warning(
                "records are no status that this release reads; they do not count",
                topic=status_topic,
                records=self.statuses.unreadable,
            )

    async def refresh(self) -> None:
        """Read what has been marked since, by whomever."""
        topic = self._topics.deadletter_status
        ends = await self._aside.ends(topic, self._partitions[topic])
        spans = {partition: (self._read[partition], end) for partition, end in ends.items()}
        async for records in self._aside.read(topic, spans):
            for record in records:
                self.statuses.apply(record.key, record.value)
        self._read |= ends

    async def chosen(self, choice: Choice) -> AsyncIterator[Letter]:
        """The letters that a choice takes, partition by partition in their order."""
        async for letter in self.letters(choice.within(self.kept)):
            if choice.takes(letter, self.statuses.state(letter)):
                yield letter

    async def letters(self, spans: Mapping[int, tuple[int, int]]) -> AsyncIterator[Letter]:
        """The letters of spans, partition by partition in their order."""
        for partition, span in sorted(spans.items()):
            async for records in self._letters.read(self._topics.deadletter, {partition: span}):
                for record in records:
                    yield read(record)

    async def letter(self, address: Address) -> Letter:
        """One letter.

        Raises:
            UsageError: there is none; the message says which there are.
        """
        begin, end = self.kept.get(address.partition, (0, 0))
        if begin <= address.offset < end:
            async for letter in self.letters({address.partition: (address.offset, address.offset + 1)}):
                return letter
        there = f"{begin} to {end - 1} are there" if begin < end else "none is there"
        raise UsageError(f"no dead letter {address} in {self._topics.deadletter}: {there}")

    async def whole(self, letter: Letter) -> Letter | None:
        """The letter with its record, from the raw topic where it was omitted; None where it is not there any more."""
        source = letter.source
        if not letter.omitted:
            return letter
        raw = self._topics.raw
        if source is None or source.topic != raw or source.partition >= self._partitions[raw]:
            return None
        begin, end = (await self._aside.bounds(raw, source.partition + 1))[source.partition]
        if not begin <= source.offset < end:
            return None
        async for records in self._aside.read(raw, {source.partition: (source.offset, source.offset + 1)}):
            for record in records:
                if (record.offset, record.timestamp) == (source.offset, source.timestamp):
                    return replace(
                        letter, key=record.key, value=record.value, headers=tuple(own(record.headers))
                    )
        return None


class Reader:
    """Reads parts of topics over one consumer; one part at a time."""

    def __init__(self, consumer: AIOKafkaConsumer, kafka: KafkaSettings) -> None:
        self._consumer = consumer
        self._kafka = kafka

    async def bounds(self, topic: str, partitions: int) -> Spans:
        """The first offset kept and the end of each partition."""
        wanted = _partitions(topic, partitions)
        begins = await self._consumer.beginning_offsets(wanted)
        ends = await self._consumer.end_offsets(wanted)
        return {tp.partition: (begins[tp], ends[tp]) for tp in wanted}

    async def ends(self, topic: str, partitions: int) -> dict[int, int]:
        """The end of each partition."""
        ends = await self._consumer.end_offsets(_partitions(topic, partitions))
        return {tp.partition: end for tp, end in ends.items()}

    async def read(
        self, topic: str, spans: Mapping[int, tuple[int, int]]
    ) -> AsyncIterator[list[ConsumerRecord]]:
        """The records of spans that are still there, some at a time.

        Raises:
            BrokerUnavailableError: nothing came for `kafka.outage_patience_s`.
        """
        consumer = self._consumer
        positions = {
            TopicPartition(topic, part): begin for part, (begin, end) in spans.items() if begin < end
        }
        left = {tp: spans[tp.partition][1] for tp in positions}
        if not left:
            return
        consumer.assign(list(left))
        for partition, begin in positions.items():
            consumer.seek(partition, begin)
        heard = time.monotonic()
        while left:
            fetched = await lenient.getmany(consumer, positions, timeout_ms=_POLL_MS)
            if fetched:
                heard = time.monotonic()
            elif time.monotonic() - heard > self._kafka.outage_patience_s:
                raise BrokerUnavailableError(
                    f"{topic}: nothing came for {self._kafka.outage_patience_s:g} s; see whether Kafka at"
                    f" {self._kafka.bootstrap_servers} is well, and give the command again"
                )
            for partition, records in fetched.items():
                positions[partition] = records[-1].offset + 1
                if wanted := [record for record in records if record.offset < left.get(partition, 0)]:
                    yield wanted
            for partition, end in list(left.items()):
                # By position, not by record: the last offsets may be control records, or aged out meanwhile.
                if await consumer.position(partition) >= end:
                    del left[partition]


@asynccontextmanager
async def _open_reader(kafka: KafkaSettings) -> AsyncIterator[Reader]:
    consumer = AIOKafkaConsumer(
        **kafka.client_kwargs(),
        client_id=f"{kafka.client_id}-deadletters",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=kafka.fetch_max_wait_ms,
        request_timeout_ms=round(kafka.request_timeout_s * 1000),
        max_poll_records=_RECORDS,
    )
    calm(consumer)
    try:
        async with asyncio.timeout(kafka.connect_patience_s):
            await consumer.start()
        yield Reader(consumer, kafka)
    except TimeoutError as error:
        raise BrokerUnavailableError(
            f"Kafka at {kafka.bootstrap_servers} gave no answer within {kafka.connect_patience_s:g} s"
        ) from error
    finally:
        # Where Kafka went away, a fetch that is under way makes the stop wait, or ends it by a cancellation of its own.
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(_STOP_S):
                await consumer.stop()


def _partitions(topic: str, count: int) -> list[TopicPartition]:
    return [TopicPartition(topic, partition) for partition in range(count)]
