"""The stage itself: decode, check, repair, match form, in this order."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import orjson
from msgspec import Struct

from worker.events import Guard, Headline, Reason, Rejection
from worker.language import UND, examine
from worker.normalize import language, timestamp
from worker.normalize.characters import is_visible
from worker.normalize.decode import FIELDS, decode
from worker.normalize.guard import guard_of
from worker.normalize.limits import DEFAULT, Limits
from worker.normalize.match import tokens_of, with_language
from worker.normalize.repair import clean
from worker.normalize.schema import shown

if TYPE_CHECKING:
    from worker.language import Language


def normalize(value: bytes | None, limits: Limits = DEFAULT) -> Headline | Rejection:
    """A raw record's value as a headline, or why it can never become one. Never raises.

    A function of the bytes and the limits alone. Of an optional field null and the empty string mean that
    it is absent; a source's name loses the white space around it.
    """
    draft = drafted(value, limits)
    if isinstance(draft, Rejection):
        return draft
    match, tokens = tokens_of(draft.display, draft.source)
    return finished(draft, match, examine(tokens))


class Draft(Struct, frozen=True, gc=False):
    """A raw record that is a headline, before its words are read.

    `raw` is the headline as it came, `published_at` as it goes out. `extra` is what the document has besides the
    schema's fields.
    """

    value: bytes
    document: dict[str, Any]
    source: str
    raw: str
    display: str
    repairs: tuple[str, ...]
    published_at: str | None
    extra: dict[str, Any] | None


def drafted(value: bytes | None, limits: Limits) -> Draft | Rejection:
    """Decodes, checks and repairs a raw record's value."""
    if value is None:
        return Rejection(Reason.NULL, "the record has no value; a raw headline is a JSON object")
    document = decode(value, limits)
    if isinstance(document, Rejection):
        return document
    raw = document["headline"]
    if len(raw) > limits.max_headline_chars:
        return _too_long(len(raw), "", limits)
    display, repairs = clean(raw)
    if len(display) > limits.max_headline_chars:
        return _too_long(len(display), " after repair", limits)
    if not (display.isascii() and display) and not is_visible(display):
        return Rejection(
            Reason.EMPTY, f"headline is {shown(raw)}; nothing printable is left of it", "headline"
        )
    published = document.get("published_at")
    if published:
        at = timestamp.canonical(published)
        if at is None:
            years = f"{timestamp.FIRST_YEAR} to {timestamp.LAST_YEAR}"
            expected = f"expected an RFC 3339 time of the years {years}, such as 2026-01-09T10:00:00Z"
            return Rejection(
                Reason.TIMESTAMP, f"published_at is {shown(published)}; {expected}", "published_at"
            )
        published = at
    extra = None if document.keys() <= FIELDS else _unknown(document)
    if extra is not None and (size := len(orjson.dumps(extra))) > limits.max_extra_bytes:
        message = (
            f"the unknown fields have {size} bytes of JSON; at most {limits.max_extra_bytes} are allowed"
        )
        return Rejection(Reason.TOO_LARGE, message)
    source = document["source"].strip()
    return Draft(value, document, source, raw, display, repairs, published or None, extra)


def finished(draft: Draft, match: str, spoken: Language) -> Headline:
    """The headline of a draft, with its match form and the language of its words."""
    document, display = draft.document, draft.display
    event_id = document["id"]
    tag = document.get("language")
    declared = language.declared(tag) if tag else None
    elsewhere = spoken.language == UND and not language.is_english(declared)
    if elsewhere and declared:
        match = with_language(match, declared.partition("-")[0])
    supersedes = document.get("supersedes") or None
    return Headline(
        blake2b(event_id.encode() + b"\0" + draft.value, digest_size=16).hexdigest(),
        event_id,
        draft.source,
        display,
        match,
        draft.raw if draft.repairs else None,
        guard_of(display) or (Guard.SUPERSEDES if supersedes else None),
        draft.repairs,
        draft.published_at,
        document.get("url") or None,
        declared or (None if spoken.language == UND else spoken.language),
        spoken.foreign or elsewhere,
        supersedes,
        draft.extra,
    )


def _too_long(chars: int, when: str, limits: Limits) -> Rejection:
    message = f"headline has {chars} characters{when}; at most {limits.max_headline_chars} are allowed"
    return Rejection(Reason.TOO_LARGE, message, "headline")


def _unknown(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in FIELDS}
