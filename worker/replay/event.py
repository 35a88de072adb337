"""Raw events: the key and value that an entry becomes, the same at every replay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import orjson
from msgspec import Struct

from worker.errors import UsageError
from worker.normalize.timestamp import FIRST_YEAR, LAST_YEAR
from worker.replay.fields import format_utc

if TYPE_CHECKING:
    from worker.replay.entry import Entry


class RawEvent(Struct, frozen=True, gc=False):
    """What goes to Kafka: the event's id as the key, the event as JSON."""

    key: bytes
    value: bytes


class Schedule(Struct, frozen=True):
    """When events count as published: the first at `start`, each further one `spacing` later."""

    start: datetime
    spacing: timedelta

    def published_at(self, index: int) -> str:
        """The time of the event of this index (from 0) as RFC 3339.

        Raises:
            UsageError: it lies outside the years that a raw event may name.
        """
        try:
            moment = (self.start + index * self.spacing).astimezone(UTC)
        except OverflowError:
            moment = None
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise UsageError(
                f"headline {index + 1:,} would be published outside the years {FIRST_YEAR} to {LAST_YEAR}:"
                f" --start-time is {format_utc(self.start)}, and each further one is"
                f" {self.spacing.total_seconds():g} s later; give another --start-time, a higher --rate, or a"
                " --limit"
            )
        return format_utc(moment)


SEED_SCHEDULE: Final = Schedule(datetime.fromisoformat("2026-01-09T06:00:00+00:00"), timedelta(minutes=1))
"""The seeds are one morning's news; their own times are not known."""


class EventEncoder:
    """Makes the raw events of one document.

    An event's id is the record's own where it has one; else it is 16 hex digits, a hash of the source and
    the document's name, with the line after them: `3f2a9c1b7d6e5f40-12`. The text takes no part, so that a
    headline mended in its place keeps its id.
    """

    def __init__(self, document_name: str, source: str, schedule: Schedule | None = None) -> None:
        """Take the default source, and the schedule that overrules the records' own times, if any."""
        digest = blake2b(f"{source}\0{document_name}".encode(), digest_size=8).hexdigest()
        self._prefix = digest.encode()
        self._source = source
        self._source_json = orjson.dumps(source)
        self._schedule = schedule

    def encode(self, entry: Entry, index: int) -> RawEvent:
        """The event of an entry; `index` counts the replay's entries from 0."""
        key = b"%b-%d" % (self._prefix, entry.line)
        if entry.fields:
            return self._encode_fields(key.decode(), entry.headline, dict(entry.fields), index)
        headline = orjson.dumps(entry.headline)
        if self._schedule is None:
            value = b'{"id":"%b","source":%b,"headline":%b}' % (key, self._source_json, headline)
        else:
            time = self._schedule.published_at(index).encode()
            value = b'{"id":"%b","source":%b,"headline":%b,"published_at":"%b"}' % (
                key,
                self._source_json,
                headline,
                time,
            )
        return RawEvent(key, value)

    def _encode_fields(self, key: str, headline: str, fields: dict[str, Any], index: int) -> RawEvent:
        if self._schedule is not None:
            fields["published_at"] = self._schedule.published_at(index)
        event_id = fields.pop("id", key)
        source = fields.pop("source", self._source)
        event = {"id": event_id, "source": source, "headline": headline, **fields}
        return RawEvent(event_id.encode(), orjson.dumps(event))
