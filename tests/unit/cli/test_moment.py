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
        "2026-01-09T10:00:00",
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
    "text", ["", "yesterday", "2026-13-09T10:00:00Z", "9999-01-01T00:00:00Z", "15", "-5m", "5w", "999999999d"]
)
def test_what_is_no_time_is_told_with_how_to_write_one(text):
    with pytest.raises(
        click.BadParameter, match=rf"^{text}: give an ISO 8601 time \(.*\), or how long ago \(90s"
    ):
        moment(text)


def test_a_date_is_its_beginning_in_utc():
    assert moment("2026-01-09") == datetime(2026, 1, 9, tzinfo=UTC)
