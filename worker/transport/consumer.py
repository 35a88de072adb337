"""A Faust consumer that hands what was fetched to its agent as one event: a tuple of batches, one a partition.

Faust's own drain loop costs four asyncio tasks and eleven `call_soon` a message; a fetch pays that once. What Faust
does with offsets is replaced too, by a `Ledger`: Faust acknowledges events that it skips during a rebalance or a
shutdown, unprocessed, so its acks say nothing here. Only `Batch.done` moves what is committed.

Written against faust-streaming 0.15.3, which is pinned.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers.aiokafka import Consumer
from mode.utils.futures import notify

from worker.errors import BrokerUnavailableError
from worker.logs import get_logger
from worker.transport.backlog import BacklogAge
from worker.transport.batch import Batch, Record
from worker.transport.fetching import Bounds, FetchThread
from worker.transport.ledger import Delivery, Ledger
from worker.transport.room import Room

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faust.types import TP

log = get_logger(__name__)

_POLL_S = 1.0
_SEEK_SHARE = 0.8
"""Of a request's longest time, what may pass until the positions of an assignment are known."""
_AGED_OUT = "records aged out before they were read; raise the topic's retention or add workers"
_RESET = "the group's offsets were reset from outside, over records that nobody has read"


class _Event:
    """What Faust knows of a fetch: one message, to be acknowledged when all its batches are done."""

    __slots__ = ("message", "open")

    def __init__(self, message: Any, batches: int) -> None:
        self.message = message
        self.open = batches


class BatchConsumer(Consumer):
    """Delivers `Batch`es, commits the done prefix, and accounts for every offset that it passes over."""

    logger = logging.getLogger("mode.transport")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ledger: Ledger[TP] = Ledger()
        self._backlog_age: BacklogAge[TP] = BacklogAge()
        self.abandoned = 0
        """Batches of this assignment that agents had begun and that the wait for them gave up on."""
        self._events: dict[Delivery[TP], _Event] = {}
        self._room = Room(self.transport.in_flight)
        self._retried_gap: dict[TP, int] = {}

    def _new_consumer_thread(self) -> FetchThread:
        return FetchThread(self, loop=self.loop, beacon=self.beacon)

    # -- reading

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self._stopped.is_set() or fetcher._stopped.is_set()):
                if not await self._room.free(_POLL_S):
                    continue
                try:
                    fetched, _ = await self._wait_next_records(_POLL_S)
                except (OffsetOutOfRangeError, NoOffsetForPartitionError):
                    await self._look_into_range()
                    continue
                except UnicodeDecodeError:
                    fetched = await self._fetch_leniently()
                await asyncio.sleep(0)
                generation = self.ledger.generation
                due = []
                for tp, records in (fetched or {}).items():
                    following = await self._following(tp, records)
                    if following:
                        due.append((tp, following))
                # Once a rebalance or a shutdown has begun, what was fetched is fetched again by the next owner; after
                # one has passed, the positions that it follows are no longer those of the ledger.
                current = self.flow_active and generation == self.ledger.generation
                if due and current and not self.should_stop:
                    await self._deliver(due)
        except self.consumer_stopped_errors:
            if not self.app.should_stop:
                raise
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise

    async def _following(self, tp: TP, records: Sequence[Record]) -> Sequence[Record]:
        """Those of the fetched records that follow what was delivered of their partition."""
        position = self.ledger.position(tp)
        if position is None:
            return ()
        if records[0].offset > position and not await self._pass_gap(tp, position, records[0].offset):
            return ()
        if records[0].offset < position:
            return [record for record in records if record.offset >= position]
        return records

    async def _deliver(self, due: Sequence[tuple[TP, Sequence[Record]]]) -> None:
        """Hand a batch of each partition to the agent, all as one event."""
        last_tp, last_records = due[-1]
        message = self._to_message(last_tp, last_records[-1])
        event = _Event(message, len(due))
        self._room.take()
        batches = []
        for tp, records in due:
            delivery = self.ledger.deliver(tp, records[0].offset, records[-1].offset + 1)
            self._events[delivery] = event
            self._backlog_age.take(tp, records[-1].timestamp)
            batches.append(Batch(tp, records, delivery, self._finish))
        message.value = tuple(batches)
        await self.wait_first(self.callback(message), self.suspend_flow.wait())

    async def _pass_gap(self, tp: TP, position: int, first: int) -> bool:
        """Whether to go on at `first` although `position` was expected; every offset between is accounted for.

        Records that aged out are counted as skipped. Otherwise what lies between may have been fetched and dropped
        while a rebalance was under way, so it is fetched again, once; if it still does not come, it is no record
        (control markers of transactions, compaction).
        """
        generation = self.ledger.generation
        begin = (await self.earliest_offsets(tp))[tp]
        if generation != self.ledger.generation:
            return False
        if begin > position:
            self._skip(tp, position, min(begin, first), _AGED_OUT)
            return True
        if self._retried_gap.get(tp) == position:
            del self._retried_gap[tp]
            return True
        self._retried_gap[tp] = position
        await self._thread.seek_all({tp: position})
        return False

    async def _fetch_leniently(self) -> dict[TP, list[Record]]:
        """Read over a record that aiokafka can not decode. What it had fetched is fetched again: it may be torn."""
        try:
            fetched: dict[TP, list[Record]] = await self._thread.fetch_leniently(self.ledger.positions())
        except OffsetOutOfRangeError:
            await self._look_into_range()
            return {}
        return fetched

    async def _look_into_range(self) -> None:
        """Resolve an offset out of range: records aged out under the reader, or the topic was made anew."""
        bounds = await self._thread.bounds()
        for tp, bound in bounds.items():
            position = self.ledger.position(tp)
            if position is not None:
                self._enter(tp, bound._replace(committed=position))
        await self._thread.seek_all({tp: self.ledger.position(tp) or 0 for tp in bounds})

    # -- positions and commits

    async def perform_seek(self) -> None:
        """Begin an assignment: read each partition from its committed offset on.

        Faust waits for this as long as for a request, and after that never lets records flow again, unsaid; so a
        broker that does not answer by then ends the worker.
        """
        patience_s = self.app.conf.broker_request_timeout * _SEEK_SHARE
        try:
            async with asyncio.timeout(patience_s):
                await self._begin_assignment()
        except TimeoutError:
            await self.crash(
                BrokerUnavailableError(
                    f"Kafka did not say within {patience_s:g} s where the assigned partitions stand;"
                    " nothing of them is committed, a restarted worker reads on where the group stands"
                )
            )

    async def _begin_assignment(self) -> None:
        bounds = await self._thread.bounds()
        self._forget_events()
        self._retried_gap.clear()
        self._backlog_age.forget()
        self.abandoned = 0
        self.ledger.assign({tp: b.begin if b.committed is None else b.committed for tp, b in bounds.items()})
        for tp, bound in bounds.items():
            self._enter(tp, bound)
        await self._thread.seek_all({tp: self.ledger.position(tp) or 0 for tp in bounds})
        log.info("assigned", partitions=sorted(tp.partition for tp in bounds))
        # A group that has begun has commits, from before its first output on: see the log's epochs.
        await self.force_commit()

    def _enter(self, tp: TP, bound: Bounds) -> None:
        if bound.committed is None:
            self.ledger.restart(tp, bound.begin)
            return
        if bound.done is not None and bound.done < bound.committed <= bound.end:
            # Committed anew even if nothing follows, as a commit of our own: it is counted once.
            self.ledger.restart(tp, bound.done)
            self._skip(tp, bound.done, bound.committed, _RESET)
        if bound.committed < bound.begin:
            self._skip(tp, bound.committed, bound.begin, _AGED_OUT)
        elif bound.committed > bound.end:
            log.warning(
                "the partition ends before the offset that was read last: its topic was made anew, or its log was"
                " truncated; reading it from its beginning",
                topic=tp.topic,
                partition=tp.partition,
                position=bound.committed,
                begin=bound.begin,
                end=bound.end,
            )
            self.ledger.restart(tp, bound.begin)

    def _skip(self, tp: TP, first: int, end: int, why: str) -> None:
        log.error(
            why,
            topic=tp.topic,
            partition=tp.partition,
            first=first,
            last=end - 1,
            skipped=end - first,
        )
        self.ledger.finish(self.ledger.deliver(tp, first, end))
        self.transport.on_skipped(tp.partition, end - first)

    def _finish(self, delivery: Delivery[TP]) -> bool:
        event = self._events.pop(delivery, None)
        counted = self.ledger.finish(delivery)
        if event is not None:
            event.open -= 1
            if not event.open:
                self._room.give_back()
                self.ack(event.message)
        return counted

    def _forget_events(self) -> None:
        self._events.clear()
        self._room.clear()

    def ack(self, message: Any) -> bool:
        """Let Faust's wait for its tracked events go on; says nothing about what may be committed."""
        message.acked = True
        self._unacked_messages.discard(message)
        notify(self._waiting_for_ack)
        return True

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit the done prefix of each partition."""
        offsets = self.ledger.committable()
        if not offsets:
            return False
        generation = self.ledger.generation
        confirmed: bool = await self._commit(offsets)
        if confirmed and generation == self.ledger.generation:
            self.ledger.committed(offsets)
        return confirmed

    # -- rebalance and shutdown

    async def wait_empty(self) -> None:
        """Wait until what the agents have begun is done, but never longer than the transport allows.

        A revocation that waits for a broker that does not answer would hold up the whole group. What is not done by
        then is done again by the next owner, and recognised by its ids.
        """
        deadline = time.monotonic() + self.transport.drain_s
        while self._unacked_messages and time.monotonic() < deadline:
            await self._wait_for_ack(timeout=1.0)
            self._clean_unacked_messages()
        if self._unacked_messages:
            self.abandoned += len(self._unacked_messages)
            log.warning("gave up waiting for batches in flight", batches=len(self._unacked_messages))
            self._unacked_messages.clear()
        # Where a commit is under way Faust waits for it and makes none; it may have begun before the last batch ended.
        await self.maybe_wait_for_commit_to_finish()
        await self.commit()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Drain, commit, then forget the assignment."""
        await super().on_partitions_revoked(revoked)
        self.ledger.revoke()
        self._forget_events()
        self.transport.on_rebalance()

    def lag_by_partition(self) -> dict[int, int]:
        """Records still to read, by assigned partition.

        Counted from where the reading stands, since commits trail behind what is in flight, and the marker that ends
        a transaction would leave a lag of one for ever.
        """
        return {tp.partition: lag for tp, lag in self._lags().items()}

    def lag_seconds(self) -> float:
        """How old the oldest of what is still to read is; see `BacklogAge`."""
        return self._backlog_age.seconds(self._lags(), time.time())

    def _lags(self) -> dict[TP, int]:
        lags = {}
        for tp, (position, end) in self._thread.progress().items():
            delivered = self.ledger.position(tp)
            if delivered is not None and end is not None:
                lags[tp] = max(0, end - max(delivered, position or 0))
        return lags

    def on_buffer_full(self, tp: TP) -> None:
        """Leave the partition in the fetch: a full queue already stops the drain loop, without a pause of 1 s."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing was paused."""
