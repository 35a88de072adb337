"""The map from a record's fields to an event's, and its times."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.errors import UsageError
from worker.replay.fields import format_utc, parse_field_options, rfc3339


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-09T06:00:00Z", "2026-01-09T06:00:00Z"),
        ("2026-01-09T06:00:00.5+02:00", "2026-01-09T06:00:00.5+02:00"),
        ("2026-01-09", "2026-01-09T00:00:00Z"),
        ("2026-01-09 06:00", "2026-01-09T06:00:00Z"),
        ("20260109T060000+0200", "2026-01-09T04:00:00Z"),
        ("yesterday", None),
        ("2026-13-01", None),
        ("", None),
    ],
)
def test_times_become_rfc_3339(text, expected):
    assert rfc3339(text) == expected


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_is_read_back_as_it_was(moment):
    assert datetime.fromisoformat(format_utc(moment)) == moment


@given(st.text())
def test_no_text_is_too_strange_to_be_no_time(text):
    result = rfc3339(text)

    assert result is None or datetime.fromisoformat(result.replace(" ", "T").upper())


@pytest.mark.parametrize("option", ["headline", "headline=", "titel=title", "=title"])
def test_an_option_that_maps_nothing_names_the_fields_there_are(option):
    with pytest.raises(UsageError, match="published_at"):
        parse_field_options([option])
