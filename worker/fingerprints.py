"""The fingerprint log on Kafka: tail it into the replica, append to it, and read off the verdicts agreed on.

The rules are in `worker.deduplicate`; here they meet a topic. Kafka gives the one order, the replica does the rest.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaError,
    OffsetOutOfRangeError,
    OutOfOrderSequenceNumber,
)

from worker.deduplicate import Batch, Matcher, Plan, Replica, Rule, Status, Writer, start_time_ms
from worker.deduplicate.frame import decode
from worker.deduplicate.replica import RESTART
from worker.deduplicate.versions import readable, to_write
from worker.errors import (
    BrokerUnavailableError,
    DeliveryError,
    LogIntegrityError,
    LogVersionError,
    NewswireError,
)
from worker.events import Kind, Verdict
from worker.kafka import lenient
from worker.kafka.calm import calm
from worker.kafka.commits import GroupOffsets
from worker.logs import get_logger

if TYPE_CHECKING:
    from worker.config import Settings
    from worker.deduplicate.evidence import Evidence
    from worker.evidence import EvidenceDesk
    from worker.metrics import Metrics
    from worker.outbox import Outbox

log = get_logger(__name__)

Verdicts = Awaitable[list[Verdict]]

_POLL_MS = 500
_SETTLE_ENTRIES = 2_000
_TELL_S = 3.0
_FRAME_SHARE = 0.5
"""Frames stay below this share of the topic's largest record batch."""


class RecordBatch(Protocol):
    """A record batch that is being filled."""

    def append(
        self,
        *,
        timestamp: int | None,
        key: bytes | None,
        value: bytes | None,
        headers: list[tuple[str, bytes]],
    ) -> object | None:
        """Add a record; None when the batch is full."""


class Off:
    """De-duplication turned off: every headline is an original, and the log is neither read nor written."""

    _VERDICT = Verdict(Kind.ORIGINAL, "off")

    async def submit(self, batches: Sequence[Batch]) -> list[Verdicts]:
        """Call everything an original."""
        return [self._decided(batch) for batch in batches]

    def _decided(self, batch: Batch) -> Verdicts:
        future: asyncio.Future[list[Verdict]] = asyncio.get_running_loop().create_future()
        future.set_result([self._VERDICT] * len(batch.headlines))
        return future


@dataclass(slots=True, eq=False)
class _Pending:
    """A batch whose fingerprints are on their way through the log."""

    batch: Batch
    evidence: Mapping[bytes, Evidence]
    plan: Plan
    verdicts: asyncio.Future[list[Verdict]]
    offsets: list[int] = field(default_factory=list)
    """Where the log holds the plan's frames, as far as Kafka has said."""
    due: int = -1
    """The verdicts can be read off once the replica has applied this offset."""
    first_due: int = -1
    """What was due at the first try; later ones are no progress."""


class FingerprintLog:
    """The log's topic, tailed into a replica and appended to by a writer.

    `matcher` is the one of this release. `on_failure` gets the error that makes going on impossible: by a log that can
    not be trusted nothing is decided. `open_desk` makes what gathers evidence for this worker's entries,
    if anything does.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        matcher: Matcher,
        outbox: Outbox,
        metrics: Metrics,
        on_failure: Callable[[BaseException], None],
        open_desk: Callable[[Replica, Writer], EvidenceDesk] | None = None,
    ) -> None:
        self.replica: Replica
        self.caught_up = False
        self._settings = settings
        self._matcher = matcher
        self._outbox = outbox
        self._metrics = metrics
        self._on_failure = on_failure
        self._open_desk = open_desk
        self._desk: EvidenceDesk | None = None
        self._tp = TopicPartition(settings.topics.fingerprints, 0)
        self._rule = Rule(
            version=to_write(matcher, settings.dedup.write_version),
            window_ms=round(settings.dedup.window_s * 1000),
            max_entries=settings.dedup.max_entries,
        )
        self._consumer: AIOKafkaConsumer | None = None
        self._writer: Writer
        self._unsent: deque[tuple[_Pending, bytes]] = deque()
        self._unapplied: deque[_Pending] = deque()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    # -- life

    async def start(self) -> None:
        """Read the log as far as it goes, then keep up with it.

        Raises:
            LogIntegrityError: the log has a gap, or the epoch has begun although the consumer group has not.
            LogVersionError: the log holds frames that this release or these settings can not judge by.
        """
        kafka = self._settings.kafka
        self._consumer = AIOKafkaConsumer(
            **kafka.client_kwargs(),
            client_id=f"{kafka.client_id}-log",
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=4 * self._settings.topics.log_max_message_bytes,
            request_timeout_ms=round(kafka.request_timeout_s * 1000),
        )
        calm(self._consumer)
        await self._consumer.start()
        self._consumer.assign([self._tp])
        await self._catch_up()
        self._writer = Writer(
            self.replica,
            self._matcher,
            max_frame_bytes=int(self._settings.topics.log_max_message_bytes * _FRAME_SHARE),
            writer_id=secrets.randbits(64),
        )
        if self._open_desk is not None:
            self._desk = self._open_desk(self.replica, self._writer)
        self.caught_up = True
        self._tasks = [
            asyncio.create_task(self._guarded(self._tail()), name="log-tail"),
            asyncio.create_task(self._guarded(self._append()), name="log-append"),
        ]

    async def stop(self) -> None:
        """Stop reading and appending."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._desk is not None:
            self._desk.close()
        if self._consumer is not None:
            await self._consumer.stop()

    @property
    def lag(self) -> int:
        """Records of the log that are not applied yet, as far as the last fetch tells."""
        if self._consumer is None:
            return 0
        end = self._consumer.highwater(self._tp)
        return max(0, end - self.replica.next_offset) if end is not None and self.caught_up else 0

    @property
    def read_so_far(self) -> tuple[int, int] | None:
        """Where the replica began to read the log, and how far it is; None before that."""
        replica = getattr(self, "replica", None)
        return None if replica is None else (replica.start, replica.next_offset)

    @property
    def awaited(self) -> int | None:
        """How far the oldest batch's frames are applied: None when no batch waits; stands still with it.

        What other workers append is no progress of this one's.
        """
        if not self._unapplied:
            return None
        return min(self.replica.next_offset, self._unapplied[0].first_due)

    # -- verdicts

    async def submit(self, batches: Sequence[Batch]) -> list[Verdicts]:
        """Append what is new of a fetch's batches; each awaitable gives the verdicts of one, in its order."""
        evidence = {} if self._desk is None else await self._desk.gather(batches)
        return [self._submit(batch, evidence) for batch in batches]

    def _submit(self, batch: Batch, evidence: Mapping[bytes, Evidence]) -> Verdicts:
        plan = self._writer.plan(batch, evidence)
        pending = _Pending(batch, evidence, plan, asyncio.get_running_loop().create_future())
        self._enter(pending)
        return pending.verdicts

    def _enter(self, pending: _Pending) -> None:
        if pending.plan.frames:
            self._unsent.extend((pending, frame) for frame in pending.plan.frames)
            self._wake.set()
        elif not self._resolve(pending):
            # Forgotten between the plan and now; another plan knows it for late.
            pending.plan = self._writer.plan(pending.batch, pending.evidence)
            self._enter(pending)

    def _settle(self) -> None:
        """Answer the batches whose frames the replica has applied."""
        while self._unapplied and self.replica.next_offset > self._unapplied[0].due:
            pending = self._unapplied.popleft()
            if len(pending.offsets) == len(pending.plan.frames):
                self._writer.verify(pending.plan, pending.offsets)
            if not self._resolve(pending):
                # A frame came too late to count: this worker was behind the log. Say it again, knowing what it missed.
                log.warning("appending fingerprints again", partition=pending.batch.partition)
                pending.plan = self._writer.plan(pending.batch, pending.evidence)
                pending.offsets.clear()
                self._enter(pending)

    def _resolve(self, pending: _Pending) -> bool:
        batch = pending.batch
        ids = [headline.id for headline in batch.headlines]
        verdicts = self.replica.verdicts(batch.topic, batch.partition, batch.offsets, ids)
        known = [verdict for verdict in verdicts if verdict is not None]
        if len(known) < len(verdicts):
            return False
        if not pending.verdicts.done():
            pending.verdicts.set_result(known)
        return True

    # -- the topic

    async def _append(self) -> None:
        """Append what waits, in the order of the plans."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._unsent:
                batch = self._outbox.open_batch()
                owners, frames = self._fill(batch)
                base = await self._deliver(batch, frames)
                await self._note(owners, base)
                self._settle()

    async def _deliver(self, batch: RecordBatch, frames: Sequence[bytes]) -> int:
        """The log offset of the first of these frames, once Kafka has them."""
        try:
            return await self._outbox.deliver(self._tp.topic, 0, batch, partial(self._filled, frames))
        except DeliveryError as error:
            if isinstance(error.__cause__, OutOfOrderSequenceNumber):
                raise LogIntegrityError(
                    "the fingerprint log no longer has frames that it had confirmed: it was truncated. "
                    + RESTART
                ) from error
            raise

    def _filled(self, frames: Sequence[bytes]) -> RecordBatch:
        batch: RecordBatch = self._outbox.open_batch()
        for frame in frames:
            batch.append(timestamp=None, key=None, value=frame, headers=[])
        return batch

    def _fill(self, batch: RecordBatch) -> tuple[list[_Pending], list[bytes]]:
        """Move waiting frames into a record batch while it has room: whose they are, frame by frame, and they."""
        owners, frames = [], []
        while self._unsent:
            pending, frame = self._unsent[0]
            if batch.append(timestamp=None, key=None, value=frame, headers=[]) is None:
                break
            self._unsent.popleft()
            owners.append(pending)
            frames.append(frame)
        return owners, frames

    async def _note(self, owners: list[_Pending], base: int) -> None:
        """Note where frames were appended, from the log offset `base` on."""
        if base < 0:  # Kafka had the batch already and does not say where: it is below the end as it is now
            end = (await self._running.end_offsets([self._tp]))[self._tp]
        for index, pending in enumerate(owners):
            if base >= 0:
                pending.offsets.append(base + index)
            pending.due = end - 1 if base < 0 else base + index
            last_here = index + 1 == len(owners) or owners[index + 1] is not pending
            if last_here and not (self._unsent and self._unsent[0][0] is pending):
                if pending.first_due < 0:
                    pending.first_due = pending.due
                self._unapplied.append(pending)

    async def _tail(self) -> None:
        """Apply what is appended, by whomever."""
        while True:
            await self._apply_next()

    async def _apply_next(self) -> None:
        """Apply one fetch of records; verdicts are read off many frames at once, since that costs once."""
        try:
            fetched = await lenient.getmany(
                self._running, {self._tp: self.replica.next_offset}, timeout_ms=_POLL_MS
            )
        except OffsetOutOfRangeError as error:
            raise LogIntegrityError(
                f"the fingerprint log no longer holds offset {self.replica.next_offset}: it was truncated, or records "
                f"aged out before they were read. {RESTART}"
            ) from error
        unsettled = 0
        for record in fetched.get(self._tp, ()):
            applied = self.replica.apply(record.offset, record.timestamp, record.value)
            if applied.status is Status.UNREADABLE:
                self._metrics.unreadable_frames.inc()
                log.error("a record of the fingerprint log is no frame; passed over", offset=record.offset)
            elif applied.status is Status.VOID:
                self._metrics.void_frames.inc()
            unsettled += applied.new + applied.replays
            if unsettled >= _SETTLE_ENTRIES:
                self._settle()
                unsettled = 0
                await asyncio.sleep(0)
        self._settle()

    async def _guarded(self, task: Awaitable[None]) -> None:
        try:
            await task
        except Exception as error:  # noqa: BLE001 - whatever it is, the worker ends
            self._on_failure(error)

    @property
    def _running(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            raise LogIntegrityError("the fingerprint log is used before it was started")
        return self._consumer

    # -- catching up

    async def _catch_up(self) -> None:
        """Make the replica and feed it with the log as it is now."""
        fresh = not await self._group_has_commits()
        reach = self._rule
        further_ms = 0
        while True:
            begin = await self._open_replica(reach, further_ms, whole=fresh)
            try:
                await self._read_up_to_the_end()
                if not self.replica.missing_ms or self.replica.start == begin:
                    break
                # Of a log with long pauses four windows hold little. Doubled, so that a few readings are enough.
                further_ms = 2 * further_ms + self.replica.missing_ms
                log.info("the log has long pauses; reading further back", further_ms=further_ms)
            except LogVersionError:
                wider = await self._rule_at(self.replica.next_offset - 1)
                if wider is None or wider.version not in readable(self._matcher) or reach.covers(wider):
                    raise
                reach = reach.widened(wider)
                log.info(
                    "the log holds frames of a wider window; reading further back", window_ms=reach.window_ms
                )
        # Another worker of the group may have begun the epoch while this one was reading.
        if fresh and not (self.replica.epoch_frames and await self._group_has_commits()):
            self.replica.begin_epoch()
        log.info(
            "the replica of the fingerprint log has caught up",
            frames=self.replica.next_offset - self.replica.start,
            entries=self.replica.entries,
            reads=list(readable(self._matcher)),
            writes=self._rule.version,
        )

    async def _read_up_to_the_end(self) -> None:
        replica = self.replica
        told = time.monotonic()
        while not replica.ready:
            await self._apply_next()
            if time.monotonic() - told > _TELL_S:
                told = time.monotonic()
                log.info(
                    "reading the fingerprint log",
                    read=replica.next_offset - replica.start,
                    of=replica.end - replica.start,
                    entries=replica.entries,
                )

    async def _open_replica(self, reach: Rule, further_ms: int, *, whole: bool) -> int:
        """Make a replica that starts as far back as its verdicts need, or at the log's beginning, which is returned.

        `further_ms` is how much further back it starts, for the pauses in between.
        """
        consumer, tp = self._running, self._tp
        begin = (await consumer.beginning_offsets([tp]))[tp]
        end = (await consumer.end_offsets([tp]))[tp]
        start = begin
        if not whole and end > begin:
            last_ms = await self._timestamp_at(end - 1)
            since_ms = max(0, start_time_ms(last_ms, reach) - further_ms)
            found = (await consumer.offsets_for_times({tp: since_ms}))[tp]
            start = begin if found is None else max(begin, found.offset)
        self.replica = Replica(
            self._rule,
            self._settings.dedup.epoch,
            start=start,
            end=end,
            matcher=self._matcher,
            reach=reach,
        )
        consumer.seek(tp, start)
        return int(begin)

    async def _timestamp_at(self, offset: int) -> int:
        return int((await self._record_at(offset)).timestamp)

    async def _rule_at(self, offset: int) -> Rule | None:
        frame = decode((await self._record_at(offset)).value)
        return None if frame is None else frame.header.rule

    async def _record_at(self, offset: int) -> Any:
        self._running.seek(self._tp, offset)
        fetched: list[Any] = []
        try:
            async with asyncio.timeout(self._settings.kafka.request_timeout_s):
                while not fetched:
                    found = await lenient.getmany(self._running, {self._tp: offset}, timeout_ms=_POLL_MS)
                    fetched = found.get(self._tp, [])
        except TimeoutError:
            raise BrokerUnavailableError(
                f"Kafka does not hand out offset {offset} of {self._tp.topic}; check that the topic has a leader"
            ) from None
        return fetched[0]

    async def _group_has_commits(self) -> bool:
        """Whether the consumer group has ever committed an offset of the raw topic."""
        kafka = self._settings.kafka
        raw = self._settings.topics.raw
        tps = [TopicPartition(raw, partition) for partition in range(await self._outbox.partitions(raw))]
        try:
            return bool(await GroupOffsets(self._running, kafka.group).read(tps))
        except GroupAuthorizationFailedError as error:
            raise NewswireError(
                f"Kafka does not let the worker into the consumer group {kafka.group}: the user needs Read on it"
                f" and on {kafka.group}.progress"
            ) from error
        except KafkaError as error:
            raise BrokerUnavailableError(
                f"Kafka does not say what the consumer group {kafka.group} has committed: {error!r}"
            ) from error
