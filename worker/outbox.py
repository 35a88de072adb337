"""What leaves the worker: records, confirmed by Kafka one by one, in whole record batches and in order.

`AIOKafkaProducer.send` costs 19 to 23 us of CPU a record; whole record batches (`send_batch`) cost 1 to 4, and some
50 us more for each batch, whatever it holds. Each output partition has a *lane*. A lane has at most one record batch
under way and takes everything that has gathered meanwhile into the next, so batches grow with the load, and order is
kept even over a resend.

Lanes *depart* together: what is put on one leaves at once when the last departure was long enough ago, else it
gathers until then. A departure of many record batches keeps the next one off for longer, which bounds what batches
cost: a few headlines a second leave within a millisecond or two, many share a request and a batch with others.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from aiokafka.errors import (
    KafkaError,
    KafkaTimeoutError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from msgspec import Struct

from worker.errors import AccessDeniedError, BrokerUnavailableError, DeliveryError
from worker.kafka.records import Packing, RecordBatch, encoded, fitting, size
from worker.logs import get_logger
from worker.rights import Operation, Resource, Right, lacking

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

log = get_logger(__name__)

_RESEND_S = 0.5
_PACKING = Packing()
_THEN = "nothing of it is committed: start the worker again once `newswire topics check` finds nothing wrong"


class Outgoing(Struct, frozen=True, gc=False):
    """One record to send; its partition is the lane's."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class Producer(Protocol):
    """What an outbox needs of a producer; `aiokafka.AIOKafkaProducer` with idempotence fits."""

    def create_batch(self) -> Any:
        """Open an empty record batch."""

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        """Queue a record batch; the future is its delivery."""

    async def partitions_for(self, topic: str) -> set[int]:
        """The partitions of a topic."""

    @property
    def client(self) -> Any:
        """The connection to the cluster."""


class Receipt:
    """Resolves once everything that was put under it is confirmed."""

    __slots__ = ("_open", "_when_confirmed")

    def __init__(self, when_confirmed: Callable[[], None]) -> None:
        self._open = 1
        self._when_confirmed = when_confirmed

    def expect(self) -> None:
        """One more part has to be confirmed."""
        self._open += 1

    def confirm(self) -> None:
        """A part is confirmed; the last one calls back."""
        self._open -= 1
        if not self._open:
            # What is called holds the work, which holds the receipt: let go, or only the garbage collector would.
            when_confirmed, self._when_confirmed = self._when_confirmed, _nothing
            when_confirmed()


def _nothing() -> None:
    pass


class Outbox:
    """Lanes to output partitions over one producer.

    `on_failure` gets the error when a record can not be delivered: at once when Kafka refuses it for good, after
    `patience_s` seconds without a confirmation otherwise. The lane then stands still, so nothing behind it is ever
    confirmed. `on_error` is told of each failed try, `on_retry` of each further one. For each record batch of a
    departure the next one waits `spacing_s` seconds. `packing` is how records are put into record batches.
    """

    def __init__(
        self,
        producer: Producer,
        *,
        patience_s: float,
        on_failure: Callable[[Exception], None],
        on_error: Callable[[str], None] = lambda _: None,
        on_retry: Callable[[], None] = _nothing,
        spacing_s: float = 0.0,
        packing: Packing = _PACKING,
    ) -> None:
        self.packing = packing
        self._producer = producer
        self._patience_s = patience_s
        self._on_failure = on_failure
        self._on_error = on_error
        self._on_retry = on_retry
        self._spacing_s = spacing_s
        self._lanes: dict[tuple[str, int], _Lane] = {}
        self._gathered: list[_Lane] = []
        self._next_departure = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self.stopped = False

    def put(self, topic: str, partition: int, records: list[Outgoing], receipt: Receipt) -> None:
        """Queue records for a partition, behind what waits there; `receipt` gets one part more to confirm."""
        self.put_encoded(
            topic, partition, [encoded(each.key, each.value, each.headers) for each in records], receipt
        )

    def put_encoded(self, topic: str, partition: int, records: list[bytes], receipt: Receipt) -> None:
        """`put` of records that `worker.kafka.records.encoded` has made, or what gives the same bytes."""
        receipt.expect()
        lane = self._lanes.get((topic, partition))
        if lane is None:
            lane = self._lanes[topic, partition] = _Lane(self, topic, partition)
        lane.put(records, receipt)

    async def partitions(self, topic: str) -> int:
        """How many partitions a topic has."""
        return len(await self._producer.partitions_for(topic))

    async def probe(self) -> bool:
        """Ask a broker for the cluster's metadata; True if it answered."""
        return bool(await self._producer.client.force_metadata_update())

    @property
    def client(self) -> Any:
        """The producer's connection to the cluster."""
        return self._producer.client

    @property
    def waiting(self) -> int:
        """How many records are not confirmed yet."""
        return sum(lane.waiting for lane in self._lanes.values())

    def gather(self, lane: _Lane) -> None:
        """Let a lane, which has something to send and nothing under way, depart with the others."""
        if not self._gathered:
            loop = asyncio.get_running_loop()
            loop.call_at(max(loop.time(), self._next_departure), self._depart)
        self._gathered.append(lane)

    def _depart(self) -> None:
        if self.stopped:
            return
        lanes, self._gathered = self._gathered, []
        self._next_departure = asyncio.get_running_loop().time() + self._spacing_s * len(lanes)
        self.dispatch(lanes)

    def dispatch(self, lanes: list[_Lane]) -> None:
        """Send a record batch of each lane at once."""
        partitions_of = self._producer.client.cluster.partitions_for_topic
        known = [lane for lane in lanes if partitions_of(lane.topic)]
        if known:
            self.spawn(self._departure(known))
        if len(known) < len(lanes):
            # The producer waits for a topic that it does not know (any more): the other lanes need not.
            for lane in lanes:
                if not partitions_of(lane.topic):
                    self.spawn(self._departure([lane]))

    async def _departure(self, lanes: list[_Lane]) -> None:
        # One task for them all: with a task and a timeout for each, a record batch costs 90 us, not 50.
        started = time.monotonic()
        under_way = [future for lane in lanes if (future := await lane.send()) is not None]
        if under_way:
            left = self._patience_s - (time.monotonic() - started)
            _, late = await asyncio.wait(under_way, timeout=max(left, 0.001))
            for lane in lanes:
                if lane.under_way in late:
                    self.fail(self._impatient(lane.topic, lane.partition))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a part of the outbox's work beside the rest; `stop` ends it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Stop sending; what is not confirmed stays unconfirmed."""
        self.stopped = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()

    async def deliver(
        self, topic: str, partition: int, batch: Any, again: Callable[[], Any], started: float | None = None
    ) -> int:
        """Send one record batch and wait for its confirmation; raises when it can not be had.

        `again` makes another batch of the same records: aiokafka builds each one once. `started` is when the first
        try began, by `time.monotonic`, if it was not this one.

        Returns:
            The offset of its first record, or -1 where Kafka had the batch already and did not say.
        """
        started = time.monotonic() if started is None else started
        while True:
            try:
                future = await self.hand_over(topic, partition, batch)
                left = self._patience_s - (time.monotonic() - started)
                # The producer goes on retrying under its own sequence number; a resend beside it would be a copy.
                async with asyncio.timeout(max(left, 0.001)):
                    metadata = await asyncio.shield(future)
            except TimeoutError:
                raise self._impatient(topic, partition) from None
            except KafkaError as error:
                await self.pause(error, topic, partition, started)
                batch = again()
            else:
                return int(metadata.offset)

    async def hand_over(self, topic: str, partition: int, batch: Any) -> asyncio.Future[Any]:
        """Queue a record batch at the producer; the future is its delivery."""
        return await self._producer.send_batch(batch, topic, partition=partition)

    async def pause(self, error: KafkaError, topic: str, partition: int, started: float) -> None:
        """After a failed try: wait until the next one is due; raises when there is to be none.

        `started` is when the first try began, by `time.monotonic`.
        """
        self._on_error(type(error).__name__)
        if isinstance(error, TopicAuthorizationFailedError):
            missing = lacking([Right(Operation.WRITE, Resource.TOPIC, topic)])
            raise AccessDeniedError(
                f"{topic}-{partition}: Kafka does not allow this client: {missing}"
            ) from error
        if not _may_pass(error):
            raise DeliveryError(
                f"{topic}-{partition}: Kafka refuses a record batch: {error!r}; check the topic's settings "
                "(`newswire topics check`)"
            ) from error
        if time.monotonic() - started > self._patience_s:
            raise BrokerUnavailableError(
                f"{topic}-{partition}: no record could be sent for {self._patience_s:g} s: {error!r}; {_THEN}"
            ) from error
        log.warning("sending again", topic=topic, partition=partition, error=repr(error))
        await asyncio.sleep(_RESEND_S)
        self._on_retry()

    def _impatient(self, topic: str, partition: int) -> BrokerUnavailableError:
        return BrokerUnavailableError(
            f"{topic}-{partition}: Kafka has confirmed nothing for {self._patience_s:g} s; {_THEN}"
        )

    def open_batch(self) -> Any:
        """Open an empty record batch."""
        return self._producer.create_batch()

    def fail(self, error: Exception) -> None:
        """Report that a lane stands still for good."""
        self._on_failure(error)


def _may_pass(error: KafkaError) -> bool:
    # A topic that was just created, or a leader that is being elected, looks unknown for a moment.
    return bool(error.retriable) or isinstance(error, KafkaTimeoutError | UnknownTopicOrPartitionError)


class _Shipment(NamedTuple):
    """What one record batch holds: its records, the parts that end within it, and whether more waits behind it."""

    records: list[bytes]
    receipts: list[Receipt]
    full: bool
    started: float


class _Lane:
    """The way to one output partition."""

    __slots__ = ("_due", "_outbox", "_parts", "partition", "topic", "under_way", "waiting")

    def __init__(self, outbox: Outbox, topic: str, partition: int) -> None:
        self._outbox = outbox
        self.topic = topic
        self.partition = partition
        self._parts: deque[tuple[list[bytes], Receipt]] = deque()
        self._due = False
        """Whether it waits for a departure or has a record batch under way."""
        self.under_way: asyncio.Future[Any] | None = None
        self.waiting = 0

    def put(self, records: list[bytes], receipt: Receipt) -> None:
        self._parts.append((records, receipt))
        self.waiting += len(records)
        if not self._due:
            self._due = True
            self._outbox.gather(self)

    async def send(self) -> asyncio.Future[Any] | None:
        """Send what waits, as far as it fits into one record batch; the future is its delivery, None if it failed."""
        try:
            shipment = self._fill()
            try:
                batch = self._batch_of(shipment.records)
                future = await self._outbox.hand_over(self.topic, self.partition, batch)
            except KafkaError as error:
                self._outbox.spawn(self._resend(shipment, error))
                return None
        except Exception as error:  # noqa: BLE001 - a lane that stood still unsaid would be a silent stall
            self._outbox.fail(error)
            return None
        self.under_way = future
        future.add_done_callback(partial(self._settled, shipment))
        return future

    def _settled(self, shipment: _Shipment, future: asyncio.Future[Any]) -> None:
        self.under_way = None
        error = asyncio.CancelledError() if future.cancelled() else future.exception()
        if self._outbox.stopped:
            return
        if error is None:
            self._confirm(shipment)
        elif isinstance(error, KafkaError):
            self._outbox.spawn(self._resend(shipment, error))
        else:
            self._outbox.fail(
                DeliveryError(f"{self.topic}-{self.partition}: the producer gave up: {error!r}")
            )

    async def _resend(self, shipment: _Shipment, error: KafkaError) -> None:
        """Send a record batch again until it is confirmed, or the outbox has had enough."""
        outbox = self._outbox
        try:
            await outbox.pause(error, self.topic, self.partition, shipment.started)
            again = partial(self._batch_of, shipment.records)
            await outbox.deliver(self.topic, self.partition, again(), again, shipment.started)
        except Exception as failure:  # noqa: BLE001 - a lane that stood still unsaid would be a silent stall
            outbox.fail(failure)
        else:
            self._confirm(shipment)

    def _confirm(self, shipment: _Shipment) -> None:
        try:
            self.waiting -= len(shipment.records)
            for receipt in shipment.receipts:
                receipt.confirm()
        except Exception as error:  # noqa: BLE001 - whoever counts what was confirmed may not fail unsaid
            self._outbox.fail(error)
            return
        if shipment.full:
            self._outbox.dispatch([self])
        elif self._parts:
            self._outbox.gather(self)
        else:
            self._due = False

    def _batch_of(self, records: list[bytes]) -> RecordBatch:
        return RecordBatch(records, self._outbox.packing.compression)

    def _fill(self) -> _Shipment:
        """Take what waits, as far as one record batch holds it."""
        room = self._outbox.packing.room
        taken: list[bytes] = []
        receipts: list[Receipt] = []
        while self._parts:
            records, receipt = self._parts[0]
            room -= (needed := size(records))
            if room < 0:
                # It takes any first record, so each batch gets on by one at least.
                count = fitting(records, room + needed) or int(not taken)
                taken += records[:count]
                if count < len(records):
                    self._parts[0] = (records[count:], receipt)
                    return _Shipment(taken, receipts, full=True, started=time.monotonic())
            else:
                taken += records
            self._parts.popleft()
            receipts.append(receipt)
        return _Shipment(taken, receipts, full=False, started=time.monotonic())
