"""The way of what one fetch brought: Kafka records into the pure stages, what they answer out to Kafka.

Each method is what one agent does with it. Nothing here knows Faust; the batches that are given in get their `done`
called once all that comes of them is confirmed, and not before.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

from worker import deadletter, deduplicate
from worker.events import Headline, Kind, Reason, Rejection, Route, Verdict
from worker.metrics import Metrics, Outcome, Stage
from worker.normalize import Limits, normalize
from worker.normalize.timestamp import LAST_MS, LAST_YEAR, is_sane_ms
from worker.outbox import Outbox, Outgoing, Receipt
from worker.route.envelope import Labels, Origin, duplicate, routed
from worker.route.router import Words

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

    from worker.route.rules import RuledRouter
    from worker.transport import Batch, Record


_SOURCE = attrgetter("source")


class Agreement(Protocol):
    """Where verdicts come from: the fingerprint log, or nobody when de-duplication is off."""

    async def submit(self, batches: Sequence[deduplicate.Batch]) -> list[Awaitable[list[Verdict]]]:
        """Append what is new of a fetch's batches; each awaitable gives the verdicts of one, in its order."""


@dataclass(slots=True)
class Tally:
    """What is counted of a batch once its fetch is done."""

    dead_letters: Counter[Reason] = field(default_factory=Counter)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    topic_rules: Counter[str] = field(default_factory=Counter)
    redriven: Counter[Outcome] = field(default_factory=Counter)
    duplicates: int = 0


@dataclass(slots=True)
class Part:
    """A batch of one partition, and what was made of it: the records that passed, and their headlines."""

    batch: Batch
    tally: Tally = field(default_factory=Tally)
    accepted: list[Record] = field(default_factory=list)
    headlines: list[Headline] = field(default_factory=list)


@dataclass(slots=True)
class Work:
    """What one fetch brought, on its way. Its parts share their costs, and their end."""

    parts: list[Part]
    receipt: Receipt
    verdicts: list[Awaitable[list[Verdict]]] | None = None
    """A part's verdicts each."""
    words: Words = field(default_factory=Words)
    """What the topic model was given to read."""
    submitted: float = 0.0
    sent: float = 0.0
    """When everything had been handed to the outbox, by `time.perf_counter`, like `submitted`."""


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
        router: RuledRouter,
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

    def normalize(self, batches: Sequence[Batch]) -> Work:
        """Make headlines of raw records; what can never be one is sent to the dead letters."""
        started = time.perf_counter()
        work = Work([Part(batch) for batch in batches], Receipt(lambda: self._done(work)))
        for part in work.parts:
            self._normalize(part, work.receipt)
        self._metrics.batch(sum(map(len, batches)))
        self._metrics.stage(Stage.NORMALIZE, time.perf_counter() - started)
        return work

    def _normalize(self, part: Part, receipt: Receipt) -> None:
        limits = self._policy.limits
        rejected = []
        for record in part.batch.records:
            timed = is_sane_ms(record.timestamp)
            result = normalize(record.value, limits) if timed else _untimed(record.timestamp)
            if isinstance(result, Rejection):
                part.tally.dead_letters[result.reason] += 1
                if deadletter.is_redriven(record.headers):
                    part.tally.redriven[Outcome.DEAD_LETTER] += 1
                rejected.append(self._dead_letter(part.batch, record, result))
            else:
                part.accepted.append(record)
                part.headlines.append(result)
        if rejected:
            self._dead_letters.put(self._to.deadletter, 0, rejected, receipt)

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
            [
                deduplicate.Batch(
                    topic=part.batch.topic,
                    partition=part.batch.partition,
                    offsets=[record.offset for record in part.accepted],
                    raw_ms=[record.timestamp for record in part.accepted],
                    headlines=part.headlines,
                )
                for part in work.parts
            ]
        )
        work.submitted = time.perf_counter()
        self._metrics.stage(Stage.FINGERPRINT, work.submitted - started)
        return work

    async def route(self, work: Work) -> None:
        """Give each headline that is not suppressed its topic, and send everything on."""
        if work.verdicts is None:
            raise TypeError("a batch must be de-duplicated before it is routed")
        verdicts = [await of_part for of_part in work.verdicts]
        started = time.perf_counter()
        self._metrics.stage(Stage.AGREE, started - work.submitted)
        words = self._router.words
        outputs = self._encode(work.parts, verdicts)
        work.words = self._router.words.since(words)
        for (topic, partition), records in outputs.items():
            self._outbox.put_encoded(topic, partition, records, work.receipt)
        work.sent = time.perf_counter()
        self._metrics.stage(Stage.ROUTE, work.sent - started)
        work.receipt.confirm()

    def _encode(
        self, parts: Sequence[Part], verdicts: Sequence[Sequence[Verdict]]
    ) -> Mapping[tuple[str, int], list[bytes]]:
        policy = self._policy
        passing = [
            (headline, verdict.topics)
            for part, of_part in zip(parts, verdicts, strict=True)
            for headline, verdict in zip(part.headlines, of_part, strict=True)
            if policy.mark_duplicates or verdict.kind is not Kind.DUPLICATE
        ]
        routes = iter(
            self._router.route(
                [headline for headline, _ in passing],
                threshold=policy.threshold,
                also_threshold=policy.also_threshold,
                evidence={place: topics for place, (_, topics) in enumerate(passing) if topics},
            )
        )
        outputs: defaultdict[tuple[str, int], list[bytes]] = defaultdict(list)
        for part, of_part in zip(parts, verdicts, strict=True):
            self._encode_part(part, of_part, routes, outputs)
        return outputs

    def _encode_part(
        self,
        part: Part,
        verdicts: Sequence[Verdict],
        routes: Iterator[Route],
        outputs: defaultdict[tuple[str, int], list[bytes]],
    ) -> None:
        to, tally, mark = self._to, part.tally, self._policy.mark_duplicates
        topic, partition = part.batch.topic, part.batch.partition
        for record, headline, verdict in zip(part.accepted, part.headlines, verdicts, strict=True):
            origin = Origin(topic, partition, record.offset, record.timestamp)
            if mark or verdict.kind is not Kind.DUPLICATE:
                route = next(routes)
                target = to.output_prefix + route.topic
                output = routed(headline, verdict, route, origin, self._labels)
                tally.topics[route.topic] += 1
                if route.rule is not None:
                    tally.topic_rules[route.rule] += 1
                outcome = Outcome.ROUTED
            else:
                target = to.duplicates
                output = duplicate(headline, verdict, origin, self._labels)
                tally.duplicates += 1
                outcome = Outcome.DUPLICATE
            if record.headers and deadletter.is_redriven(record.headers):
                tally.redriven[outcome] += 1
            outputs[target, partition_of(headline.id, to.partitions[target])].append(output)
        # Nearly all verdicts are one and the same object: count objects, then what they say.
        by_object = {id(verdict): verdict for verdict in verdicts}
        for key, count in Counter(map(id, verdicts)).items():
            tally.verdicts[by_object[key].kind, by_object[key].reason] += count

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
        metrics.sources(Counter(map(_SOURCE, part.headlines)))
        for reason, count in tally.dead_letters.items():
            metrics.dead_letter(reason, count)
        for (kind, why), count in tally.verdicts.items():
            metrics.verdict(kind, why, count)
        for topic, count in tally.topics.items():
            metrics.routed(topic, count)
        for rule, count in tally.topic_rules.items():
            metrics.topic_rule(rule, count)
        for outcome, count in tally.redriven.items():
            metrics.redriven(outcome, count)
        metrics.outcome(Outcome.DEAD_LETTER, tally.dead_letters.total())
        metrics.outcome(Outcome.DUPLICATE, tally.duplicates)
        metrics.outcome(Outcome.ROUTED, tally.topics.total())


def _untimed(timestamp: int) -> Rejection:
    # On a topic with CreateTime a producer may set any; one that no calendar has could not be written into an event.
    return Rejection(
        Reason.TIMESTAMP,
        f"the record's Kafka timestamp is {timestamp}; expected milliseconds since 1970, from 0 to {LAST_MS} (the end"
        f" of {LAST_YEAR}); correct the producer, or let the topic stamp its records (LogAppendTime) and send it again",
    )


def partition_of(headline_id: str, partitions: int) -> int:
    """The output partition of a headline: its id, which is a hash already, modulo the number of partitions."""
    return int(headline_id[:8], 16) % partitions
