"""The way of what one fetch brought: Kafka records into the stages, what they answer out to Kafka.

Each method is what one agent does with it. Nothing here knows Faust; the batches that are given in get their `done`
called once all that comes of them is confirmed, and not before.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Protocol

from worker import deadletter, deduplicate
from worker.events import Kind, Reason, Rejection, Verdict
from worker.metrics import Metrics, Outcome, Stage
from worker.normalize.timestamp import is_sane_ms
from worker.outbox import Outbox, Outgoing, Receipt
from worker.route.counts import Words
from worker.stages import Raw
from worker.stages.messages import Decided

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from worker.stages import Read, Tally, Written
    from worker.transport import Batch, Record


class Computing(Protocol):
    """Who computes the stages: `worker.stages.Stages`, in this process or another; in the order of the calls."""

    def read(self, fetch: int, parts: Sequence[Raw]) -> Awaitable[list[Read]]:
        """`Stages.read`."""

    def write(self, fetch: int, decided: Sequence[Decided]) -> Awaitable[Written]:
        """`Stages.write`."""


class Agreement(Protocol):
    """Where verdicts come from: the fingerprint log, or nobody when de-duplication is off."""

    async def submit(self, batches: Sequence[deduplicate.Batch]) -> list[Awaitable[list[Verdict]]]:
        """Append what is new of a fetch's batches; each awaitable gives the verdicts of one, in its order."""


@dataclass(slots=True)
class Part:
    """A batch of one partition, and what was made of it: the records that passed, and what is read of each."""

    batch: Batch
    read: Read
    accepted: Sequence[Record]
    verdicts: list[Verdict] = field(default_factory=list)
    tally: Tally | None = None
    redriven: Counter[Outcome] = field(default_factory=Counter)


@dataclass(slots=True)
class Work:
    """What one fetch brought, on its way. Its parts share their costs, and their end.

    `number` is that of the fetch. `reads`, `verdicts` and `written` are what the stages answer, asked for one step
    before they are waited for, so that nobody who computes is without work. `words` were given to the topic model to
    read. Times are by `time.perf_counter`.
    """

    number: int
    batches: Sequence[Batch]
    begun: float
    reads: Awaitable[list[Read]]
    receipt: Receipt
    parts: list[Part] = field(default_factory=list)
    verdicts: list[Awaitable[list[Verdict]]] | None = None
    """A part's each."""
    written: Awaitable[Written] | None = None
    words: Words = field(default_factory=Words)
    submitted: float = 0.0
    decided: float = 0.0
    sent: float = 0.0
    """When everything had been handed to the outbox."""


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """Where dead letters go, through an outbox of their own, and what one of them may take."""

    topic: str
    max_bytes: int
    outbox: Outbox


class Pipeline:
    """The three stages over the batches of one worker.

    Args:
        mark_duplicates: duplicates are routed like other headlines.
    """

    def __init__(
        self,
        *,
        stages: Computing,
        agreement: Agreement,
        outbox: Outbox,
        dead_letters: DeadLetters,
        mark_duplicates: bool,
        metrics: Metrics,
        on_done: Callable[[], None],
    ) -> None:
        self._stages = stages
        self._agreement = agreement
        self._outbox = outbox
        self._dead_letters = dead_letters
        self._mark_duplicates = mark_duplicates
        self._metrics = metrics
        self._on_done = on_done
        self._fetches = count()

    def normalize(self, batches: Sequence[Batch]) -> Work:
        """Begin to make headlines of raw records."""
        number = next(self._fetches)
        begun = time.perf_counter()
        reads = self._stages.read(number, [_raw(batch) for batch in batches])
        self._metrics.batch(sum(map(len, batches)))
        work = Work(number, batches, begun, reads, Receipt(lambda: self._done(work)))
        return work

    def _put_aside(self, part: Part, receipt: Receipt) -> None:
        letters = []
        for row, rejection in part.read.rejected:
            record = part.batch.records[row]
            if deadletter.is_redriven(record.headers):
                part.redriven[Outcome.DEAD_LETTER] += 1
            letters.append(self._dead_letter(part.batch, record, rejection))
        self._dead_letters.outbox.put(self._dead_letters.topic, 0, letters, receipt)

    def _dead_letter(self, batch: Batch, record: Record, rejection: Rejection) -> Outgoing:
        cause = deadletter.headers(
            rejection,
            topic=batch.topic,
            partition=batch.partition,
            offset=record.offset,
            timestamp=record.timestamp,
            original=record.headers,
        )
        return Outgoing(
            *deadletter.letter(
                cause, key=record.key, value=record.value, max_bytes=self._dead_letters.max_bytes
            )
        )

    async def deduplicate(self, work: Work) -> Work:
        """Send what can never be a headline to the dead letters, and append the others' fingerprints to the log.

        The verdicts follow once the log has them in order.
        """
        reads = await work.reads
        started = time.perf_counter()
        self._metrics.stage(Stage.NORMALIZE, started - work.begun)
        work.parts = [_part(batch, read) for batch, read in zip(work.batches, reads, strict=True)]
        for part in work.parts:
            if part.read.rejected:
                self._put_aside(part, work.receipt)
        work.verdicts = await self._agreement.submit(
            [
                deduplicate.Batch(
                    topic=part.batch.topic,
                    partition=part.batch.partition,
                    offsets=[record.offset for record in part.accepted],
                    raw_ms=[record.timestamp for record in part.accepted],
                    headlines=part.read.prints,
                    keys=[each.keys for each in part.read.prints],
                )
                for part in work.parts
            ]
        )
        work.submitted = time.perf_counter()
        self._metrics.stage(Stage.FINGERPRINT, work.submitted - started)
        return work

    async def route(self, work: Work) -> Work:
        """Begin to give each headline that is not suppressed its topic, as soon as there are verdicts."""
        if work.verdicts is None:
            raise TypeError("a batch must be de-duplicated before it is routed")
        for part, verdicts in zip(work.parts, work.verdicts, strict=True):
            part.verdicts = await verdicts
        work.decided = time.perf_counter()
        self._metrics.stage(Stage.AGREE, work.decided - work.submitted)
        work.written = self._stages.write(work.number, [Decided.of(part.verdicts) for part in work.parts])
        return work

    async def send(self, work: Work) -> None:
        """Send everything on."""
        if work.written is None:
            raise TypeError("a batch must be routed before it is sent")
        written = await work.written
        work.words = Words(*written.words)
        for part, tally in zip(work.parts, written.tallies, strict=True):
            part.tally = tally
            self._count_redriven(part)
        for topic, partition, records in written.records:
            self._outbox.put_encoded(topic, partition, records, work.receipt)
        work.sent = time.perf_counter()
        self._metrics.stage(Stage.ROUTE, work.sent - work.decided)
        work.receipt.confirm()

    def _count_redriven(self, part: Part) -> None:
        for record, verdict in zip(part.accepted, part.verdicts, strict=True):
            if record.headers and deadletter.is_redriven(record.headers):
                suppressed = verdict.kind is Kind.DUPLICATE and not self._mark_duplicates
                part.redriven[Outcome.DUPLICATE if suppressed else Outcome.ROUTED] += 1

    def _done(self, work: Work) -> None:
        # Where an assignment is over, whoever has the partition now answers for its records again.
        counted = [part for part in work.parts if part.batch.done()]
        self._on_done()
        if not counted:
            return
        metrics = self._metrics
        metrics.stage(Stage.DELIVER, time.perf_counter() - work.sent)
        now = time.time()
        metrics.end_to_end.observe(
            [
                max(0.0, now - record.timestamp / 1000)
                for part in counted
                for record in part.batch.records
                if is_sane_ms(record.timestamp)
            ]
        )
        metrics.words(work.words)
        for part in counted:
            self._count(part)

    def _count(self, part: Part) -> None:
        metrics, tally = self._metrics, part.tally
        if tally is None:
            raise TypeError("a batch must be routed before it is counted")
        metrics.sources(part.read.sources)
        for reason, number in Counter(rejection.reason for _, rejection in part.read.rejected).items():
            metrics.dead_letter(Reason(reason), number)
        # Nearly all verdicts are one and the same object: count objects, then what they say.
        by_object = {id(verdict): verdict for verdict in part.verdicts}
        for key, number in Counter(map(id, part.verdicts)).items():
            metrics.verdict(by_object[key].kind, by_object[key].reason, number)
        for topic, number in tally.topics.items():
            metrics.routed(topic, number)
        for rule, number in tally.topic_rules.items():
            metrics.topic_rule(rule, number)
        for outcome, number in part.redriven.items():
            metrics.redriven(outcome, number)
        metrics.outcome(Outcome.DEAD_LETTER, len(part.read.rejected))
        metrics.outcome(Outcome.DUPLICATE, tally.duplicates)
        metrics.outcome(Outcome.ROUTED, sum(tally.topics.values()))


def _raw(batch: Batch) -> Raw:
    records = batch.records
    return Raw(
        batch.topic,
        batch.partition,
        [record.offset for record in records],
        [record.timestamp for record in records],
        [record.value for record in records],
    )


def _part(batch: Batch, read: Read) -> Part:
    if not read.rejected:
        return Part(batch, read, batch.records)
    rejected = {row for row, _ in read.rejected}
    return Part(batch, read, [record for row, record in enumerate(batch.records) if row not in rejected])
