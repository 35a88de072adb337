"""A time on a command line: ISO 8601, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

import click

_AGO: Final = re.compile(r"(\d{1,9})([smhd])", re.ASCII)
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Moment(click.ParamType):
    """`2026-01-09T10:00:00Z`, without an offset in UTC, or `90s`, `30m`, `2h`, `7d` ago; gives a time with its zone."""

    name = "time"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The time; a usage error where it is none."""
        moment = value if isinstance(value, datetime) else _moment(value)
        if moment is None:
            self.fail(
                f"{value}: give an ISO 8601 time (2026-01-09T06:00:00Z), or how long ago (90s, 30m, 2h, 7d)",
                param,
                ctx,
            )
        return moment


def _moment(text: str) -> datetime | None:
    from worker.normalize.timestamp import canonical
    from worker.replay.fields import rfc3339

    if ago := _AGO.fullmatch(text):
        try:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        except OverflowError:  # longer than there is a calendar
            return None
    moment = canonical(rfc3339(text) or "")
    return None if moment is None else datetime.fromisoformat(moment)
