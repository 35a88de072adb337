"""Raw events: ids, bytes and times that are the same at every replay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.errors import UsageError
from worker.normalize.timestamp import canonical
from worker.replay.entry import Entry
from worker.replay.event import EventEncoder, Schedule

SCHEDULE = Schedule(datetime(2026, 1, 9, 6, tzinfo=UTC), timedelta(seconds=90))


def test_an_event_has_the_required_fields_and_its_id_as_key():
    event = EventEncoder("news.txt", "wire").encode(Entry(12, "Rain — at last"), 0)

    assert orjson.loads(event.value) == {
        "id": event.key.decode(),
        "source": "wire",
        "headline": "Rain — at last",
    }
    assert event.key.endswith(b"-12")


def test_a_record_s_own_id_source_and_time_are_kept():
    fields = {"id": "guid-1", "source": "own", "published_at": "2020-02-02T02:02:02Z", "desk": "west"}
    event = EventEncoder("news.txt", "wire").encode(Entry(1, "Rain", fields), 0)

    assert event.key == b"guid-1"
    assert orjson.loads(event.value) == {**fields, "headline": "Rain"}


def test_a_schedule_gives_each_event_its_time_and_overrules_the_record_s():
    encoder = EventEncoder("news.txt", "wire", SCHEDULE)
    bare = encoder.encode(Entry(1, "Rain"), 0)
    own = encoder.encode(Entry(2, "Snow", {"published_at": "2020-02-02T02:02:02Z"}), 3)

    assert orjson.loads(bare.value)["published_at"] == "2026-01-09T06:00:00Z"
    assert orjson.loads(own.value)["published_at"] == "2026-01-09T06:04:30Z"


@pytest.mark.parametrize(
    ("start", "spacing", "index"),
    [
        (datetime(2100, 12, 31, 23, 59, 58, tzinfo=UTC), timedelta(seconds=1), 2),
        (datetime(2026, 1, 9, tzinfo=UTC), timedelta(days=999_999_999), 1),
        (datetime(2026, 1, 9, tzinfo=UTC), timedelta(days=999_999_999), 2),
        (datetime.max.replace(tzinfo=UTC), timedelta(0), 0),
        (datetime.min.replace(tzinfo=UTC), timedelta(0), 0),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=1))), timedelta(0), 0),
    ],
)
def test_a_time_that_no_raw_event_may_name_is_refused_with_what_to_do(start, spacing, index):
    with pytest.raises(UsageError, match=rf"^headline {index + 1} would .* 1900 to 2100: .* --limit$"):
        Schedule(start, spacing).published_at(index)


def test_the_last_second_of_the_last_year_is_still_a_time():
    schedule = Schedule(datetime(2100, 12, 31, 23, 59, 58, tzinfo=UTC), timedelta(seconds=1))

    assert canonical(schedule.published_at(1)) == "2100-12-31T23:59:59Z"


@given(st.text(), st.text(min_size=1), st.integers(min_value=1), st.text(min_size=1))
def test_the_same_source_document_and_line_give_the_same_bytes(document, source, line, headline):
    first = EventEncoder(document, source, SCHEDULE).encode(Entry(line, headline), 5)

    assert EventEncoder(document, source, SCHEDULE).encode(Entry(line, headline), 5) == first
    assert orjson.loads(first.value)["headline"] == headline


def test_another_source_document_or_line_gives_another_id():
    keys = {
        EventEncoder(document, source).encode(Entry(line, "Rain"), 0).key
        for document in ("a", "b")
        for source in ("x", "y")
        for line in (1, 2)
    }

    assert len(keys) == 8


def test_a_headline_mended_in_its_place_keeps_its_id():
    encoder = EventEncoder("news.txt", "wire")

    assert encoder.encode(Entry(1, "Rian"), 0).key == encoder.encode(Entry(1, "Rain"), 0).key
