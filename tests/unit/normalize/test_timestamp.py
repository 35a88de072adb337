from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.normalize.timestamp import canonical


@pytest.mark.parametrize(
    ("given_form", "expected"),
    [
        ("2026-01-09T08:00:00Z", "2026-01-09T08:00:00Z"),
        ("2026-01-09t08:00:00z", "2026-01-09T08:00:00Z"),
        ("2026-01-09 08:00:00+00:00", "2026-01-09T08:00:00Z"),
        ("2026-01-09T08:00:00-00:00", "2026-01-09T08:00:00Z"),
        ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z"),
        ("2026-01-09T08:00:00.250Z", "2026-01-09T08:00:00.25Z"),
        ("2026-01-09T08:00:00.000Z", "2026-01-09T08:00:00Z"),
        ("2026-01-09T08:00:00.1234567891+05:30", "2026-01-09T02:30:00.123456789Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00Z"),
        ("2100-12-31T23:59:59Z", "2100-12-31T23:59:59Z"),
    ],
)
def test_a_time_is_given_in_utc(given_form, expected):
    assert canonical(given_form) == expected


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2026-01-09",
        "2026-01-09T08:00:00",
        "2026-01-09T08:00Z",
        "20260109T080000Z",
        "2026-W02-5T08:00:00Z",
        "2026-02-30T08:00:00Z",
        "2025-02-29T08:00:00Z",
        "2026-13-01T08:00:00Z",
        "2026-01-09T24:00:00Z",
        "2026-01-09T08:60:00Z",
        "2026-01-09T08:00:61Z",
        "2026-01-09T08:00:00+24:00",
        "2026-01-09T08:00:00.Z",
        " 2026-01-09T08:00:00Z",
        "2026-01-09T08:00:00Z\n",
        "٢٠٢٦-01-09T08:00:00Z",
        "0000-01-01T00:00:00Z",
        "1899-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "1767945600",
    ],
)
def test_what_is_no_sane_rfc_3339_time_is_none(text):
    assert canonical(text) is None


@given(
    st.datetimes(datetime.fromisoformat("1901-01-01"), datetime.fromisoformat("2100-01-01")).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.integers(-23 * 60, 23 * 60),
)
def test_every_spelling_of_an_instant_gives_the_same(moment, minutes):
    instant = moment.replace(tzinfo=UTC)
    local = instant.astimezone(timezone(timedelta(minutes=minutes)))
    expected = f"{moment.isoformat()}Z"
    assert canonical(expected) == canonical(local.isoformat()) == expected


@given(st.text(alphabet="0123456789-:T.Z+ W", max_size=30))
def test_a_canonical_time_is_canonical_already(text):
    once = canonical(text)
    if once is not None:
        assert canonical(once) == once
