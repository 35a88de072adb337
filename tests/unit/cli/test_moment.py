"""Times on a command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
import pytest
from worker.cli.moment import Moment


def moment(text):
    return Moment().convert(text, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-09T10:00:00Z",
        "2026-01-09 10:00:00Z",
        "2026-01-09T10:00:00.000Z",
        "2026-01-09T11:00:00+01:00",
        "2026-01-09T04:30:00-05:30",
    ],
)
def test_an_instant_is_read_with_its_offset(text):
    assert moment(text) == datetime(2026, 1, 9, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("30s", timedelta(seconds=30)),
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("7d", timedelta(days=7)),
        ("0s", timedelta()),
    ],
)
def test_how_long_ago_is_counted_from_now(text, ago):
    before = datetime.now(UTC)
    found = moment(text)

    assert before - ago <= found <= datetime.now(UTC) - ago


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-09",
        "2026-01-09T10:00:00",
        "2026-13-09T10:00:00Z",
        "15",
        "-5m",
        "5w",
        "999999999d",
    ],
)
def test_what_is_no_time_is_told_with_how_to_write_one(text):
    with pytest.raises(click.BadParameter, match=r"is no time; write it .* 2026-01-09T10:00:00Z, or .* 15m"):
        moment(text)


def test_a_time_to_come_is_refused():
    with pytest.raises(click.BadParameter, match=r"9999-01-01T00:00:00Z lies in the future; it is 20"):
        moment("9999-01-01T00:00:00Z")
