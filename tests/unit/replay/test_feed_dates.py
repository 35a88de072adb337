"""Dates of feeds: what is read as which time, and what is not guessed at."""

import pytest
from worker.replay.feed_dates import feed_date


@pytest.mark.parametrize(
    ("words", "time"),
    [
        ("Fri, 09 Jan 2026 10:00:00 GMT", "2026-01-09T10:00:00Z"),
        ("Fri, 9 Jan 2026 10:00 +0530", "2026-01-09T04:30:00Z"),
        ("09 Jan 26 12:00 EST", "2026-01-09T17:00:00Z"),
        ("Fri, 09 Jan 2026 12:00:00 EDT", "2026-01-09T16:00:00Z"),
        ("Fri, 09 Jan 2026 12:00:00 CET", "2026-01-09T11:00:00Z"),
        ("Fri, 09 Jan 2026 12:00:00 cest", "2026-01-09T10:00:00Z"),
        ("Fri, 09 Jan 2026 12:00:00", "2026-01-09T12:00:00Z"),
        ("2026-01-09T10:00:00.123+01:00", "2026-01-09T10:00:00.123+01:00"),
        (" 2026-01-09 ", "2026-01-09T00:00:00Z"),
    ],
)
def test_a_date_is_a_time(words, time):
    assert feed_date(words) == time


@pytest.mark.parametrize(
    "words",
    [
        "Fri, 09 Jan 2026 12:00:00 BST",
        "Fri, 09 Jan 2026 12:00:00 IST",
        "Fri, 99 Jan 2026 12:00:00 GMT",
        "12:00",
        "2026",
        "1767952800",
        "yesterday",
        "CET",
        "2026-13-01",
        " ",
    ],
)
def test_what_could_be_another_time_is_none(words):
    assert feed_date(words) is None
