"""The events of the streams as a consumer gets them.

Fields are those of the schemas. What is absent is None or empty. A field that this release does not know, of a later
minor version, is passed over.
"""

from datetime import datetime
from typing import Annotated, Any, TypeAlias

from msgspec import Meta, Struct

from worker.events import Further, Kind

Id: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
"""128 bits of a hash of the feed's id and the raw record's bytes, in hex."""


class Position(Struct, frozen=True, gc=False):
    """Where a raw record stands in Kafka."""

    topic: str
    partition: int
    offset: int


class _Headline(Struct, frozen=True, kw_only=True, gc=False):
    """What both events say. Times are in UTC, to the microsecond."""

    id: Id
    event_id: str
    source: str
    headline: str
    ingested_at: datetime
    verdict: Kind
    rule: str
    position: Position
    original_headline: str | None = None
    published_at: datetime | None = None
    url: str | None = None
    language: str | None = None
    repairs: tuple[str, ...] = ()
    extra: dict[str, Any] | None = None


class RoutedHeadline(_Headline, frozen=True, kw_only=True, gc=False):
    """A headline on the stream of its topic: `schemas/headline.routed/v1.1.json`.

    `code` and `confidence` (0..1) are those of the most likely Media Topic, also where `topic` is `unsorted`.
    `topic_rule` names the editor's rule that gave the topic, `topic_rules` the version of these rules.
    `update_of` is there for the verdict `update`, `duplicate_of` for `duplicate`, which occurs on a stream in the mode
    `mark` only.
    """

    topic: str
    code: str
    confidence: float
    model: str
    topic_rules: str | None = None
    topic_rule: str | None = None
    also: tuple[Further, ...] = ()
    update_of: Id | None = None
    duplicate_of: Id | None = None
    supersedes: str | None = None


class DuplicateHeadline(_Headline, frozen=True, kw_only=True, gc=False):
    """A headline that was suppressed, of which it is a duplicate, and why: `schemas/headline.duplicate/v1.json`.

    `score` (0..1) says how sure the rule is.
    """

    duplicate_of: Id
    reason: str
    score: float


Event: TypeAlias = RoutedHeadline | DuplicateHeadline
