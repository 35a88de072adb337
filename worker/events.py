"""The values that travel between the stages: what a headline is at each step of its way.

Small frozen structs without behaviour. Stages take and return them; nothing here knows Kafka, Faust or a clock.
The JSON forms are in `schemas/`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct


class Reason(StrEnum):
    """Why a raw record was dead-lettered. One line of explanation each; see `explanation`."""

    NULL = "null"
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    SCHEMA = "schema"
    VERSION = "version"
    EMPTY = "empty"
    TIMESTAMP = "timestamp"

    @property
    def explanation(self) -> str:
        """What the reason means, in one line for a person."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Reason.NULL: "the record has no value (a tombstone); a raw headline always has one",
    Reason.TOO_LARGE: "the value, or a field of it, is larger than the limits allow",
    Reason.NOT_UTF8: "the value is not valid UTF-8",
    Reason.NOT_JSON: "the value is not one JSON document, or is nested too deeply",
    Reason.SCHEMA: "the JSON does not fit the raw headline's schema: a field is missing or of the wrong type",
    Reason.VERSION: "the event names a schema version that this release does not read",
    Reason.EMPTY: "nothing printable is left of the headline after repair",
    Reason.TIMESTAMP: "published_at is not an RFC 3339 time, or it or Kafka's time lies absurdly far from now",
}


class Guard(StrEnum):
    """Why a headline must never be suppressed, whatever came before it."""

    CORRECTION = "correction"
    REFILE = "refile"
    KILL = "kill"
    SUPERSEDES = "supersedes"


class Headline(Struct, frozen=True, gc=False):
    """A raw record that passed normalization; route and encode are total for it.

    `id` is 32 hex digits, a function of the event id and the raw bytes. `display` is what is published, `original`
    the headline as it came where repair changed it. `match` is the match form: casefolded tokens joined by one space,
    only ever compared. `repairs` names what was mended, in the order of the repairs. `language` is as the feed says,
    else as its text shows, else None. `foreign` is a headline that is not English, by its text or, where that
    does not tell, by its feed: whatever knows English only must not judge it.
    """

    id: str
    event_id: str
    source: str
    display: str
    match: str
    original: str | None = None
    guard: Guard | None = None
    repairs: tuple[str, ...] = ()
    published_at: str | None = None
    url: str | None = None
    language: str | None = None
    foreign: bool = False
    supersedes: str | None = None
    extra: dict[str, Any] | None = None


class Rejection(Struct, frozen=True, gc=False):
    """A raw record that can never become a headline: the cause that goes into the dead letter's headers.

    `field` is the JSON pointer-like name of the field at fault (`headline`, `published_at`), or None.
    """

    reason: Reason
    message: str
    field: str | None = None


class Kind(StrEnum):
    """What de-duplication says of a headline."""

    ORIGINAL = "original"
    DUPLICATE = "duplicate"
    UPDATE = "update"


class Verdict(Struct, frozen=True, gc=False):
    """De-duplication's answer. `of` is the id of the other headline (duplicate and update), `score` is 0..1.

    `topics` is what the log says of the headline's topics, where a costly model was asked: the probability of each, in
    255ths, in the order of their codes.
    """

    kind: Kind
    reason: str
    of: str | None = None
    score: float | None = None
    topics: bytes | None = None


class Further(Struct, frozen=True, gc=False):
    """A further topic that fits a headline too."""

    topic: str
    code: str
    confidence: float


class Route(Struct, frozen=True, gc=False):
    """Where a headline goes: `topic` names the stream, `best` the most likely topic even where that is `unsorted`.

    `code` and `confidence` (0..1, calibrated) belong to `best`. `rule` is the name of the editor's rule that chose the
    topic, None where the model did.
    """

    topic: str
    best: str
    code: str
    confidence: float
    also: tuple[Further, ...] = ()
    rule: str | None = None
