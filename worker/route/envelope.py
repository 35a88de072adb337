"""What goes out: routed headlines and duplicates as JSON, in CloudEvents' Kafka binary mode.

Everything is a function of the record and its verdict, byte for byte: what is published twice is the same twice.
Source: CloudEvents 1.0, Kafka Protocol Binding 1.0, binary content mode.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import orjson
from msgspec import Struct

from worker.events import Headline, Kind, Route, Verdict
from worker.kafka.records import header, sized, varint

_ROUTED: Final = (
    header("ce_type", b"newswire.headline.routed.v1"),
    header("ce_dataschema", b"urn:newswire:headline.routed:v1.1"),
)
_DUPLICATE: Final = (
    header("ce_type", b"newswire.headline.duplicate.v1"),
    header("ce_dataschema", b"urn:newswire:headline.duplicate:v1.1"),
)
_ID_LENGTH: Final = varint(32)
_BEFORE_ID: Final = varint(7) + header("ce_specversion", b"1.0") + sized(b"ce_id") + _ID_LENGTH
"""How many headers there are, and those up to the id itself."""
_LAST: Final = header("content-type", b"application/json")
_OF_DUPLICATES: Final = b"/duplicates"
"""CloudEvents tells events apart by source and id, and a copy that is suppressed has the id of what came out."""


class Origin(Struct, frozen=True, gc=False):
    """Where the raw record stands and when Kafka took it (milliseconds since 1970)."""

    topic: str
    partition: int
    offset: int
    timestamp: int


class Labels(NamedTuple):
    """What decides, by name and version.

    The matching rule, the topic model, the one that the log may quote, and an editor's rules, where there are.
    """

    rule: str
    model: str
    deep: str
    topic_rules: str | None = None


def routed(headline: Headline, verdict: Verdict, route: Route, origin: Origin, labels: Labels) -> bytes:
    """The record of a routed headline, as `worker.kafka.records.encoded` makes it, under its id.

    `verdict` is original or update; duplicate in the mode `mark`.
    """
    value = routed_value(headline, verdict, route, origin, labels)
    return _record(headline, value, origin, _about(_source(headline.source), _ROUTED))


def duplicate(headline: Headline, verdict: Verdict, origin: Origin, labels: Labels) -> bytes:
    """The record of a suppressed headline, which supersedes none: such a one is never suppressed."""
    value = duplicate_value(headline, verdict, origin, labels)
    return _record(headline, value, origin, _about(_source(headline.source) + _OF_DUPLICATES, _DUPLICATE))


def routed_value(headline: Headline, verdict: Verdict, route: Route, origin: Origin, labels: Labels) -> bytes:
    """The event of a routed headline, the record's value."""
    event = _headline(headline, origin)
    event["topic"] = route.topic
    event["code"] = route.code
    event["confidence"] = route.confidence
    if route.also:
        event["also"] = [{"topic": f.topic, "code": f.code, "confidence": f.confidence} for f in route.also]
    event["verdict"] = verdict.kind.value
    if verdict.kind is Kind.UPDATE:
        event["update_of"] = verdict.of
    elif verdict.kind is Kind.DUPLICATE:
        event["duplicate_of"] = verdict.of
    if headline.supersedes is not None:
        event["supersedes"] = headline.supersedes
    if headline.repairs:
        event["repairs"] = headline.repairs
    event["rule"] = labels.rule
    event["model"] = labels.model if verdict.topics is None else labels.deep
    if labels.topic_rules is not None:
        event["topic_rules"] = labels.topic_rules
        if route.rule is not None:
            event["topic_rule"] = route.rule
    return _finish(event, headline, origin)


def duplicate_value(headline: Headline, verdict: Verdict, origin: Origin, labels: Labels) -> bytes:
    """The event of a suppressed headline, the record's value."""
    event = _headline(headline, origin)
    event["verdict"] = verdict.kind.value
    event["duplicate_of"] = verdict.of
    event["reason"] = verdict.reason
    event["score"] = verdict.score
    if headline.repairs:
        event["repairs"] = headline.repairs
    event["rule"] = labels.rule
    return _finish(event, headline, origin)


def _headline(headline: Headline, origin: Origin) -> dict[str, Any]:
    """Begin an event; what is absent is left out, never null."""
    event: dict[str, Any] = {
        "id": headline.id,
        "event_id": headline.event_id,
        "source": headline.source,
        "headline": headline.display,
    }
    if headline.original is not None:
        event["original_headline"] = headline.original
    if headline.published_at is not None:
        event["published_at"] = headline.published_at
    event["ingested_at"] = rfc3339(origin.timestamp)
    if headline.url is not None:
        event["url"] = headline.url
    if headline.language is not None:
        event["language"] = headline.language
    return event


def _finish(event: dict[str, Any], headline: Headline, origin: Origin) -> bytes:
    event["position"] = {"topic": origin.topic, "partition": origin.partition, "offset": origin.offset}
    if headline.extra:
        event["extra"] = headline.extra
    return orjson.dumps(event)


def _record(headline: Headline, value: bytes, origin: Origin, about: bytes) -> bytes:
    key = headline.id.encode()
    # The key, the value, and seven headers.
    return b"".join(
        (_ID_LENGTH, key, varint(len(value)), value, _BEFORE_ID, key, about, _when(origin.timestamp))
    )


@lru_cache(maxsize=4096)
def _about(source: bytes, kind: tuple[bytes, ...]) -> bytes:
    """The headers that all of a source and a kind have in common."""
    return b"".join((header("ce_source", source), *kind))


@lru_cache(maxsize=4096)
def _when(timestamp: int) -> bytes:
    """The last headers, from the time on."""
    return header("ce_time", rfc3339(timestamp).encode()) + _LAST


@lru_cache(maxsize=4096)
def _source(source: str) -> bytes:
    # A URI reference (RFC 3986), as CloudEvents asks for.
    return f"/newswire/{quote(source, safe='')}".encode()


@lru_cache(maxsize=4096)
def rfc3339(timestamp: int) -> str:
    """Milliseconds since 1970 as an RFC 3339 time in UTC, to the millisecond."""
    seconds, millis = divmod(timestamp, 1000)
    return f"{_second(seconds)}.{millis:03d}Z"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
