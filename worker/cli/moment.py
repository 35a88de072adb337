"""A time on a command line: as RFC 3339, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

_AGO: Final = re.compile(r"(\d{1,9})([smhd])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType):
    """`2026-01-09T10:00:00Z`, with any offset, or `30s`, `15m`, `2h`, `7d` ago; gives a time in the past, with zone."""

    name = "time"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The time; a usage error where it is none."""
        if isinstance(value, datetime):
            return value
        now = datetime.now(UTC)
        moment = _moment(value, now)
        if moment is None:
            self.fail(
                f"{value!r} is no time; write it with its offset, such as 2026-01-09T10:00:00Z, or how long ago,"
                " such as 30s, 15m, 2h or 7d",
                param,
                ctx,
            )
        if moment > now:
            self.fail(f"{value} lies in the future; it is {now:%Y-%m-%dT%H:%M:%SZ} now", param, ctx)
        return moment


def _moment(text: str, now: datetime) -> datetime | None:
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        return None
    return None if moment.tzinfo is None else moment
