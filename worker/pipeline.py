"""The way of a batch: Kafka records into the pure stages, what they answer out to Kafka.

Each method is what one agent does with a batch. Nothing here knows Faust; a batch that is given in gets its `done`
called once all that comes of it is confirmed, and not before.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from worker import deadletter, deduplicate
from worker.events import Headline, Kind, Reason, Rejection, Verdict
from worker.metrics import Metrics, Outcome, Stage
from worker.normalize import Limits, normalize
from worker.outbox import Outbox, Outgoing, Receipt
from worker.route.envelope import Labels, Origin, duplicate, routed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from worker.route.router import Router
    from worker.transport import Batch, Record


class Agreement(Protocol):
    """Where verdicts come from: the fingerprint log, or nobody when de-duplication is off."""

    async def submit(self, batch: deduplicate.Batch) -> Awaitable[list[Verdict]]:
        """Append what is new of a batch; the awaitable gives the verdicts in the batch's order."""


@dataclass(slots=True)
class Work:
    """A batch on its way, and what the stages have made of it so far."""

    batch: Batch
    receipt: Receipt
    tally: Tally
    accepted: list[Record] = field(default_factory=list)
    headlines: list[Headline] = field(default_factory=list)
    verdicts: Awaitable[list[Verdict]] | None = None
    submitted: float = 0.0


@dataclass(slots=True)
class Tally:
    """What is counted of a batch once it is done."""

    dead_letters: Counter[Reason] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    duplicates: int = 0
    sent: float = 0.0
    """When everything had been handed to the outbox, by `time.perf_counter`."""


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where outputs go.

    `partitions` is the number of partitions of each topic, `deadletter_max_bytes` what one dead letter may take.
    """

    output_prefix: str
    duplicates: str
    deadletter: str
    deadletter_max_bytes: int
    partitions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator has decided: sizes, thresholds (0..1), and whether duplicates are routed too."""

    limits: Limits
    threshold: float
    also_threshold: float
    mark_duplicates: bool


class Pipeline:
    """The three stages over the batches of one worker."""

    def __init__(
        self,
        *,
        policy: Policy,
        destinations: Destinations,
        agreement: Agreement,
        router: Router,
        labels: Labels,
        outbox: Outbox,
        dead_letters: Outbox,
        metrics: Metrics,
        on_done: Callable[[], None],
    ) -> None:
        self._policy = policy
        self._to = destinations
        self._agreement = agreement
        self._router = router
        self._labels = labels
        self._outbox = outbox
        self._dead_letters = dead_letters
        self._metrics = metrics
        self._on_done = on_done

    def normalize(self, batch: Batch) -> Work:
        """Make headlines of raw records; what can never be one is sent to the dead letters."""
        started = time.perf_counter()
        tally = Tally()
        work = Work(batch, Receipt(lambda: self._done(batch, tally)), tally)
        limits = self._policy.limits
        rejected = []
        for record in batch.records:
            result = normalize(record.value, limits)
            if isinstance(result, Rejection):
                tally.dead_letters[result.reason] += 1
                rejected.append(self._dead_letter(batch, record, result))
            else:
                work.accepted.append(record)
                work.headlines.append(result)
        if rejected:
            self._dead_letters.put(self._to.deadletter, 0, rejected, work.receipt)
        self._metrics.batch(len(batch))
        self._metrics.stage(Stage.NORMALIZE, time.perf_counter() - started)
        return work

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
                cause, key=record.key, value=record.value, max_bytes=self._to.deadletter_max_bytes
            )
        )

    async def deduplicate(self, work: Work) -> Work:
        """Append the fingerprints to the log; the verdicts follow once the log has them in order."""
        started = time.perf_counter()
        work.verdicts = await self._agreement.submit(
            deduplicate.Batch(
                topic=work.batch.topic,
                partition=work.batch.partition,
                offsets=[record.offset for record in work.accepted],
                raw_ms=[record.timestamp for record in work.accepted],
                headlines=work.headlines,
            )
        )
        work.submitted = time.perf_counter()
        self._metrics.stage(Stage.FINGERPRINT, work.submitted - started)
        return work

    async def route(self, work: Work) -> None:
        """Give each headline that is not suppressed its topic, and send everything on."""
        if work.verdicts is None:
            raise TypeError("a batch must be de-duplicated before it is routed")
        verdicts = await work.verdicts
        started = time.perf_counter()
        self._metrics.stage(Stage.AGREE, started - work.submitted)
        outputs = self._encode(work, verdicts)
        for (topic, partition), records in outputs.items():
            self._outbox.put(topic, partition, records, work.receipt)
        work.tally.sent = time.perf_counter()
        self._metrics.stage(Stage.ROUTE, work.tally.sent - started)
        work.receipt.confirm()

    def _encode(self, work: Work, verdicts: Sequence[Verdict]) -> Mapping[tuple[str, int], list[Outgoing]]:
        policy, to, tally = self._policy, self._to, work.tally
        mark = policy.mark_duplicates
        passing = [
            headline.match
            for headline, verdict in zip(work.headlines, verdicts, strict=True)
            if mark or verdict.kind is not Kind.DUPLICATE
        ]
        routes = iter(
            self._router.route(passing, threshold=policy.threshold, also_threshold=policy.also_threshold)
        )
        outputs: defaultdict[tuple[str, int], list[Outgoing]] = defaultdict(list)
        topic, partition = work.batch.topic, work.batch.partition
        for record, headline, verdict in zip(work.accepted, work.headlines, verdicts, strict=True):
            origin = Origin(topic, partition, record.offset, record.timestamp)
            if mark or verdict.kind is not Kind.DUPLICATE:
                route = next(routes)
                target = to.output_prefix + route.topic
                value, headers = routed(headline, verdict, route, origin, self._labels)
                tally.topics[route.topic] += 1
            else:
                target = to.duplicates
                value, headers = duplicate(headline, verdict, origin, self._labels)
                tally.duplicates += 1
            outputs[target, partition_of(headline.id, to.partitions[target])].append(
                Outgoing(headline.id.encode(), value, headers)
            )
        # Nearly all verdicts are one and the same object: count objects, then what they say.
        by_object = {id(verdict): verdict for verdict in verdicts}
        for key, count in Counter(map(id, verdicts)).items():
            tally.verdicts[by_object[key].kind, by_object[key].reason] += count
        return outputs

    def _done(self, batch: Batch, tally: Tally) -> None:
        counted = batch.done()
        self._on_done()
        if not counted:
            return  # its assignment is over: whoever has the partition now answers for these records again
        metrics = self._metrics
        metrics.stage(Stage.DELIVER, time.perf_counter() - tally.sent)
        now = time.time()
        metrics.end_to_end.observe([max(0.0, now - record.timestamp / 1000) for record in batch.records])
        for reason, count in tally.dead_letters.items():
            metrics.dead_letter(reason, count)
        for (kind, why), count in tally.verdicts.items():
            metrics.verdict(kind, why, count)
        for topic, count in tally.topics.items():
            metrics.routed(topic, count)
        metrics.outcome(Outcome.DEAD_LETTER, tally.dead_letters.total())
        metrics.outcome(Outcome.DUPLICATE, tally.duplicates)
        metrics.outcome(Outcome.ROUTED, tally.topics.total())


def partition_of(headline_id: str, partitions: int) -> int:
    """The output partition of a headline: its id, which is a hash already, modulo the number of partitions."""
    return int(headline_id[:8], 16) % partitions
