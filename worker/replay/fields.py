"""How the fields of a record of a file become the fields of a raw event."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from worker.errors import UsageError
from worker.replay.entry import Entry, Fault, fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EVENT_FIELDS: Final = (
    "id", "source", "headline", "published_at", "url", "language", "body", "supersedes",
)  # fmt: skip
"""The raw event's own fields; each one is text."""

_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


class FieldMap:
    """Which field of a record gives which field of the event.

    A field that is not mapped gives the event's field of the same name; one that the event does not know
    travels on under its own name.
    """

    def __init__(self, origins: Mapping[str, str] | None = None) -> None:
        """Take the origin of each mapped field: `{"headline": "title"}` reads the headline from `title`."""
        origins = origins or {}
        self._origin = {name: origins.get(name, name) for name in EVENT_FIELDS}
        self._taken = frozenset(self._origin.values()) | frozenset(EVENT_FIELDS)

    @property
    def headline(self) -> str:
        """The record's field that holds the headline."""
        return self._origin["headline"]

    @property
    def origins(self) -> tuple[str, ...]:
        """The record's fields that give fields of the event, in the event's order."""
        return tuple(self._origin.values())

    def entry(self, line: int, record: Mapping[str, Any], raw: str | bytes) -> Entry | Fault:
        """Read one record; `raw` is what a fault quotes."""
        fields: dict[str, Any] = {}
        for name, origin in self._origin.items():
            value = record.get(origin)
            if name == "id" and type(value) is int:
                value = str(value)
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                names = record if name == "headline" else ()
                return fault(line, f"{origin} is {_json_type(value)}, not text", raw, names=names)
            fields[name] = value
        headline = fields.pop("headline", "").strip()
        if not headline:
            return fault(line, f"no headline: {self.headline} is missing or empty", raw, names=record)
        if "published_at" in fields:
            published_at = rfc3339(fields["published_at"])
            if published_at is None:
                origin, given = self._origin["published_at"], fields["published_at"]
                message = f"{origin} is {given!r}; expected an ISO 8601 time such as 2026-01-09T10:00:00Z"
                return fault(line, message, raw)
            fields["published_at"] = published_at
        fields |= {k: v for k, v in record.items() if k not in self._taken and v is not None and v != ""}
        return Entry(line, headline, fields or None)


def parse_field_options(options: Iterable[str]) -> FieldMap:
    """Read `--field headline=title` options.

    Raises:
        UsageError: an option that is not NAME=FIELD, or names a field that the raw event does not have.
    """
    origins: dict[str, str] = {}
    for option in options:
        name, equals, origin = option.partition("=")
        if not equals or not origin or name not in EVENT_FIELDS:
            raise UsageError(
                f"--field {option}: give the event's field and where it comes from, such as headline=title; "
                f"the event's fields are {', '.join(EVENT_FIELDS)}"
            )
        origins[name] = origin
    return FieldMap(origins)


def rfc3339(text: str) -> str | None:
    """An ISO 8601 date or time as RFC 3339; without an offset it is UTC. None where it is no time."""
    if _RFC3339.fullmatch(text):
        return text
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return format_utc(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def format_utc(moment: datetime) -> str:
    """An aware time as RFC 3339 in UTC, with `Z`, as short as it can be."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:  # the first and the last day that a datetime can hold
        return moment.isoformat()
    return moment.isoformat().removesuffix("+00:00") + "Z"


def _json_type(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "a value")
