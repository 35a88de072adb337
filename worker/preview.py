"""The stages offline: what the worker would make of headlines, without Kafka.

The fingerprint log is simulated: one partition, every frame appended at the same moment, so all headlines lie
within one window, and the order of the input is the order of the log.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.structs import replace

from worker.deduplicate import Batch, Replica, Rule, Writer
from worker.events import Headline, Kind, Rejection, Route, Verdict
from worker.normalize import Limits, normalize
from worker.replay.entry import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from worker.deduplicate import Matcher
    from worker.deep.opening import Offline
    from worker.replay.plan import Reading
    from worker.route.rules import RuledRouter

BATCH_RECORDS: Final = 1_000
DUPLICATES: Final = "duplicates"
REJECTED: Final = "rejected"

_LOG_TIME_MS: Final = 1_767_952_800_000
_MAX_FRAME_BYTES: Final = 512 * 1024
_OFF: Final = Verdict(Kind.ORIGINAL, "off")
_SOURCE: Final = ("preview", 0)


class Policy(Struct, frozen=True):
    """What the operator has decided: as for the worker, from the same settings."""

    limits: Limits
    max_entries: int
    threshold: float
    also_threshold: float
    deduplicate: bool = True
    mark_duplicates: bool = False


class Outcome(Struct, frozen=True):
    """What the worker would make of one line.

    `position` counts every line that was met, from 1; `of` is the position of the headline that this one is a
    duplicate or an update of. A rejected line has a `rejection` and no headline.
    """

    position: int
    reading: Reading
    headline: Headline | None = None
    verdict: Verdict | None = None
    of: int | None = None
    route: Route | None = None
    rejection: str | None = None
    message: str | None = None

    @property
    def suppressed(self) -> bool:
        """Whether it would be held back."""
        return self.route is not None and self.route.topic == DUPLICATES


class Preview:
    """The three stages over one input, in memory."""

    def __init__(
        self,
        policy: Policy,
        matcher: Matcher,
        router: RuledRouter,
        open_deep: Callable[[Replica, Writer], Offline] | None = None,
    ) -> None:
        """Take what decides; each input needs a preview of its own. `open_deep` makes what gathers evidence, if any."""
        rule = Rule(matcher.version, window_ms=24 * 3_600_000, max_entries=policy.max_entries)
        self._policy = policy
        self._router = router
        self._replica = Replica(rule, 1, start=0, end=0, matcher=matcher)
        self._replica.begin_epoch()
        self._writer = Writer(self._replica, matcher, max_frame_bytes=_MAX_FRAME_BYTES, writer_id=0)
        self._deep = None if open_deep is None else open_deep(self._replica, self._writer)
        self._positions: dict[str, int] = {}

    def outcomes(self, readings: Iterable[Reading]) -> Iterator[Outcome]:
        """What becomes of each line, in order."""
        position = 1
        remaining = iter(readings)
        while batch := list(islice(remaining, BATCH_RECORDS)):
            yield from self._batch(batch, position)
            position += len(batch)

    def _batch(self, readings: Sequence[Reading], position: int) -> Iterator[Outcome]:
        limits = self._policy.limits
        results = [reading.event and normalize(reading.event.value, limits) for reading in readings]
        headlines = {
            position + index: result for index, result in enumerate(results) if isinstance(result, Headline)
        }
        decided = dict(zip(headlines, self._decide(headlines), strict=True))
        for number, (reading, result) in enumerate(zip(readings, results, strict=True), position):
            if isinstance(result, Headline):
                verdict, route = decided[number]
                of = self._positions[verdict.of] if verdict.of else None
                yield Outcome(number, reading, headline=result, verdict=verdict, of=of, route=route)
            elif isinstance(result, Rejection):
                yield Outcome(number, reading, rejection=result.reason.value, message=result.message)
            elif isinstance(reading.found, Fault):
                yield Outcome(number, reading, rejection="unreadable", message=reading.found.message)

    def _decide(self, headlines: dict[int, Headline]) -> Iterator[tuple[Verdict, Route]]:
        for number, headline in headlines.items():
            self._positions.setdefault(headline.id, number)
        policy = self._policy
        verdicts = self._verdicts(headlines) if policy.deduplicate else [_OFF] * len(headlines)
        routes = self._router.route(
            list(headlines.values()),
            threshold=policy.threshold,
            also_threshold=policy.also_threshold,
            evidence={place: verdict.topics for place, verdict in enumerate(verdicts) if verdict.topics},
        )
        for verdict, route in zip(verdicts, routes, strict=True):
            if verdict.kind is Kind.DUPLICATE and not policy.mark_duplicates:
                yield verdict, replace(route, topic=DUPLICATES)
            else:
                yield verdict, route

    def _verdicts(self, headlines: dict[int, Headline]) -> list[Verdict]:
        topic, partition = _SOURCE
        offsets = list(headlines)
        batch = Batch(topic, partition, offsets, [_LOG_TIME_MS] * len(offsets), list(headlines.values()))
        evidence = {} if self._deep is None else self._deep.gather(batch)
        for frame in self._writer.plan(batch, evidence).frames:
            self._replica.apply(self._replica.next_offset, _LOG_TIME_MS, frame)
        ids = [headline.id for headline in batch.headlines]
        return [
            verdict
            for verdict in self._replica.verdicts(topic, partition, offsets, ids)
            if verdict is not None
        ]


def as_json(outcome: Outcome) -> dict[str, Any]:
    """One outcome as an object; every key is there for every line, null where it says nothing."""
    headline, verdict, route = outcome.headline, outcome.verdict, outcome.route
    kind = verdict.kind if verdict else REJECTED
    of = verdict.of if verdict else None
    return {
        "position": outcome.position,
        "document": outcome.reading.document.name,
        "line": outcome.reading.found.line,
        "id": headline.id if headline else None,
        "headline": shown(outcome),
        "language": headline.language if headline else None,
        "verdict": kind,
        "duplicate_of": of if kind is Kind.DUPLICATE else None,
        "update_of": of if kind is Kind.UPDATE else None,
        "of_position": outcome.of,
        "score": verdict.score if verdict else None,
        "reason": verdict.reason if verdict else outcome.rejection,
        "message": outcome.message,
        "topic": route.topic if route else None,
        "best_topic": route.best if route else None,
        "code": route.code if route else None,
        "confidence": route.confidence if route else None,
        "topic_rule": route.rule if route else None,
        "also": [
            {"topic": further.topic, "code": further.code, "confidence": further.confidence}
            for further in (route.also if route else ())
        ],
    }


def shown(outcome: Outcome) -> str:
    """The headline as it would be published; of a rejected line, how it reads."""
    if outcome.headline is not None:
        return outcome.headline.display
    found = outcome.reading.found
    return found.text if isinstance(found, Fault) else found.headline
