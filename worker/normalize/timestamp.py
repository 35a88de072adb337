"""Times as producers write them, to the one form that consumers read: RFC 3339 in UTC, ending in Z."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
"""What counts as sane: a fixed range and no clock, so that a replay reads every time as before."""

LAST_MS: Final = round(datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp() * 1000) - 1
"""The last sane time as Kafka counts it, in milliseconds since 1970. It has none before, and -1 for none at all."""

_RFC_3339: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ]((?:[01]\d|2[0-3]):[0-5]\d):([0-5]\d|60)(?:\.(\d{1,32}))?"
    r"(?:[Zz]|([+-](?:[01]\d|2[0-3]):[0-5]\d))",
    re.ASCII,
)
_CANONICAL: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", re.ASCII)


def canonical(text: str) -> str | None:
    """The same instant in UTC, `2026-01-09T08:00:00Z`; None where `text` is no RFC 3339 time or no sane one.

    A fraction of a second is kept to nine digits without trailing zeros. A leap second (`:60`) becomes
    second 59. A space for the T is taken, as RFC 3339, 5.6 allows.
    """
    ready = _CANONICAL.fullmatch(text)
    if ready is None:
        return _general(text)
    return text if _is_sane(ready[1]) else None


def is_sane_ms(milliseconds: int) -> bool:
    """Whether a record's Kafka timestamp is one that every output can show and the log can keep."""
    return 0 <= milliseconds <= LAST_MS


@lru_cache(maxsize=4096)
def _is_sane(day: str) -> bool:
    try:
        return FIRST_YEAR <= date.fromisoformat(day).year <= LAST_YEAR
    except ValueError:
        return False


def _general(text: str) -> str | None:
    parts = _RFC_3339.fullmatch(text)
    if parts is None:
        return None
    day, minute, second, fraction, offset = parts.groups()
    try:
        local = datetime.fromisoformat(
            f"{day}T{minute}:{'59' if second == '60' else second}{offset or '+00:00'}"
        )
        moment = local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return None
    digits = (fraction or "")[:9].rstrip("0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}{'.' + digits if digits else ''}Z"
