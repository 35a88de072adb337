"""The dates of feeds: RFC 822 in RSS, RFC 3339 in Atom and JSON Feed, and what programs write in their place."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Final

from worker.replay.fields import format_utc, rfc3339

_ZONES: Final = {
    "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}  # fmt: skip
"""Hours ahead of UTC, of names that mean one zone only; RFC 822 knows those of the United States."""
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d")
_NO_ZONE: Final = re.compile(r"\d:\d\d$")


def feed_date(words: str) -> str | None:
    """A date as RFC 3339, to the fraction of a second where it stands there; without a zone it is UTC.

    None where it is no date, or its zone may be one of several: what is guessed could be another time tomorrow.
    """
    words = words.strip()
    if _ISO.match(words):
        return rfc3339(words)
    date, _, zone = words.rpartition(" ")
    hours = _ZONES.get(zone.upper())
    try:
        moment = parsedate_to_datetime(words if hours is None else date)
    except (ValueError, IndexError, OverflowError):
        return None
    if hours is not None:
        moment = moment.replace(tzinfo=timezone(timedelta(hours=hours)))
    elif moment.tzinfo is None:
        if not _NO_ZONE.search(words):
            return None
        moment = moment.replace(tzinfo=UTC)
    return format_utc(moment)
