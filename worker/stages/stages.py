"""The stages themselves, for the batches of one worker. What is read is kept until its verdicts come."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from worker.events import Headline, Kind, Reason, Rejection
from worker.normalize import Limits, Normalizer
from worker.normalize.timestamp import LAST_MS, LAST_YEAR, is_sane_ms
from worker.route.envelope import Labels, Origin, duplicate, routed
from worker.stages.messages import Print, Read, Tally, Written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from worker.deduplicate import Matcher
    from worker.events import Route, Verdict
    from worker.route.rules import RuledRouter
    from worker.stages.messages import Decided, Raw
    from worker.tokens import Tokens

_SOURCE = attrgetter("source")


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where outputs go: the prefix of routed topics, the topic of duplicates, and the partitions of each topic."""

    output_prefix: str
    duplicates: str
    partitions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator has decided: sizes, thresholds (0..1), and whether duplicates are routed too."""

    limits: Limits
    threshold: float
    also_threshold: float
    mark_duplicates: bool


class _Kept(Struct, frozen=True):
    """What has been read of a fetch, and waits for its verdicts: a column of origins and of headlines a partition."""

    origins: list[list[Origin]]
    headlines: list[list[Headline]]
    tokens: Tokens


class Stages:
    """Reads what fetches bring, and writes what goes out. For one thread at a time.

    Args:
        matcher: gives the blocking keys; of the version of the log that is written. Without one there are no keys.
    """

    def __init__(
        self,
        *,
        policy: Policy,
        destinations: Destinations,
        router: RuledRouter,
        labels: Labels,
        matcher: Matcher | None,
    ) -> None:
        self._policy = policy
        self._to = destinations
        self._router = router
        self._labels = labels
        self._matcher = matcher
        self._normalizer = Normalizer(policy.limits)
        self._kept: dict[int, _Kept] = {}

    def read(self, fetch: int, parts: Sequence[Raw]) -> list[Read]:
        """Make headlines of raw records, and keep them.

        Args:
            fetch: a number by which `write`, which must follow, finds them.
            parts: the fetch's records, partition by partition.

        Returns:
            For each part what became of its records.
        """
        timed = [list(map(is_sane_ms, part.timestamps)) for part in parts]
        values = [
            value if is_timed else None
            for part, of_part in zip(parts, timed, strict=True)
            for value, is_timed in zip(part.values, of_part, strict=True)
        ]
        results, tokens = self._normalizer.normalize(values)
        keys = iter(self._keys([each for each in results if isinstance(each, Headline)], tokens))
        kept = self._kept[fetch] = _Kept([], [], tokens)
        remaining = iter(results)
        return [
            self._read(part, of_part, remaining, keys, kept)
            for part, of_part in zip(parts, timed, strict=True)
        ]

    def write(self, fetch: int, decided: Sequence[Decided]) -> Written:
        """Encode what a fetch has brought, by the verdicts on each part's headlines."""
        kept = self._kept.pop(fetch)
        verdicts = [each.each() for each in decided]
        words = self._router.words
        routes = iter(self._routes(kept, verdicts))
        records: defaultdict[tuple[str, int], list[bytes]] = defaultdict(list)
        tallies = [
            self._write(*part, routes, records)
            for part in zip(kept.origins, kept.headlines, verdicts, strict=True)
        ]
        met = self._router.words.since(words)
        return Written(
            [(topic, partition, outgoing) for (topic, partition), outgoing in records.items()],
            tallies,
            (met.met, met.unknown),
        )

    def _keys(self, headlines: Sequence[Headline], tokens: Tokens) -> list[tuple[int, ...]]:
        matcher = self._matcher
        if matcher is None or not headlines:
            return [()] * len(headlines)
        if matcher.keys_of is None:
            return [tuple(dict.fromkeys(matcher.keys(headline.match))) for headline in headlines]
        return matcher.keys_of(tokens)

    def _read(
        self,
        part: Raw,
        timed: Sequence[bool],
        results: Iterator[Headline | Rejection],
        keys: Iterator[tuple[int, ...]],
        kept: _Kept,
    ) -> Read:
        rejected: list[tuple[int, Rejection]] = []
        origins: list[Origin] = []
        headlines: list[Headline] = []
        prints: list[Print] = []
        topic, partition = part.topic, part.partition
        columns = zip(part.offsets, part.timestamps, timed, results)  # noqa: B905 - the results go on with other parts
        for row, (offset, timestamp, is_timed, result) in enumerate(columns):
            if isinstance(result, Rejection):
                rejected.append((row, result if is_timed else _untimed(timestamp)))
            else:
                origins.append(Origin(topic, partition, offset, timestamp))
                headlines.append(result)
                prints.append(Print(result.id, result.match, result.guard, result.language, next(keys)))
        kept.origins.append(origins)
        kept.headlines.append(headlines)
        return Read(rejected, prints, dict(Counter(map(_SOURCE, headlines))))

    def _routes(self, kept: _Kept, verdicts: Sequence[Sequence[Verdict]]) -> list[Route]:
        """The routes of the headlines that are not suppressed, in order."""
        policy = self._policy
        headlines = [headline for of_part in kept.headlines for headline in of_part]
        flat = [verdict for of_part in verdicts for verdict in of_part]
        tokens = kept.tokens
        if not policy.mark_duplicates:
            passing = [row for row, verdict in enumerate(flat) if verdict.kind is not Kind.DUPLICATE]
            if len(passing) < len(flat):
                headlines, flat = [headlines[row] for row in passing], [flat[row] for row in passing]
                tokens = tokens.select(passing)
        return self._router.route(
            headlines,
            tokens,
            threshold=policy.threshold,
            also_threshold=policy.also_threshold,
            evidence={row: verdict.topics for row, verdict in enumerate(flat) if verdict.topics},
        )

    def _write(
        self,
        origins: Sequence[Origin],
        headlines: Sequence[Headline],
        verdicts: Sequence[Verdict],
        routes: Iterator[Route],
        records: defaultdict[tuple[str, int], list[bytes]],
    ) -> Tally:
        to, labels, mark = self._to, self._labels, self._policy.mark_duplicates
        topics: defaultdict[str, int] = defaultdict(int)
        rules: defaultdict[str, int] = defaultdict(int)
        duplicates = 0
        for origin, headline, verdict in zip(origins, headlines, verdicts, strict=True):
            if mark or verdict.kind is not Kind.DUPLICATE:
                route = next(routes)
                target = to.output_prefix + route.topic
                output = routed(headline, verdict, route, origin, labels)
                topics[route.topic] += 1
                if route.rule is not None:
                    rules[route.rule] += 1
            else:
                target = to.duplicates
                output = duplicate(headline, verdict, origin, labels)
                duplicates += 1
            records[target, partition_of(headline.id, to.partitions[target])].append(output)
        return Tally(dict(topics), dict(rules), duplicates)


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
