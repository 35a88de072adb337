"""JSON Feed: what an item gives, where it stands, and what is said of one that gives nothing."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from worker.errors import UsageError
from worker.replay.entry import Entry, Fault
from worker.replay.fields import FieldMap
from worker.replay.formats import Format, detect, read

VERSION = "https://jsonfeed.org/version/1.1"


def found(content: bytes) -> list[Entry | Fault]:
    return list(read(BytesIO(content), Format.JSON_FEED, FieldMap(), content))


def feed(*items: object, **more: object) -> bytes:
    return json.dumps({"version": VERSION, "title": "Coast", **more, "items": items}, indent=1).encode()


def test_an_item_gives_an_entry():
    item = {
        "id": "guid-1",
        "url": "https://coast.example/1",
        "title": "Storm cuts\n power",
        "content_text": "long",
        "date_published": "2026-01-09T10:00:00-05:00",
        "date_modified": "2026-01-10T10:00:00-05:00",
        "tags": ["Weather"],
        "authors": [{"name": "A"}, {"url": "x"}, {"name": "B"}],
        "_own": 1,
    }
    assert found(feed(item, language="en")) == [
        Entry(
            6,
            "Storm cuts power",
            {
                "id": "guid-1",
                "source": "Coast",
                "published_at": "2026-01-09T10:00:00-05:00",
                "url": "https://coast.example/1",
                "language": "en",
                "author": "A, B",
                "categories": ["Weather"],
            },
        )
    ]


@pytest.mark.parametrize(("given", "event_id"), [(7, "7"), ("7", "7"), (7.5, "7.5")])
def test_an_id_may_be_a_number(given, event_id):
    [entry] = found(feed({"id": given, "title": "Rain"}))
    assert entry.fields["id"] == event_id


def test_an_item_without_an_id_keeps_the_one_that_is_made_for_it():
    item = {"url": "https://c.example/9", "title": "Rain"}
    [alone] = found(feed(item))
    [_, later] = found(feed({"title": "Snow"}, item))
    assert alone.fields["id"] == later.fields["id"]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"id": 1, "content_text": "a note"}, "no headline: the item has no title"),
        (
            {"id": 1, "title": 5},
            "not an item of a JSON Feed: Expected `str | null`, got `int` - at `$.title`",
        ),
        ("Rain", "not an item of a JSON Feed: Expected `object`, got `str`"),
        ({"id": 1, "title": "Rain", "url": "https://c.example/" + "x" * 3000}, "url has 3018 characters"),
        (
            {"id": 1, "title": "Rain", "date_published": "today"},
            "published_at is 'today'; expected an ISO 8601 time such as 2026-01-09T10:00:00Z",
        ),
    ],
)
def test_an_item_that_can_be_no_event_is_a_fault_on_its_line(item, message):
    before, wrong, after = found(feed({"title": "A"}, item, {"title": "B"}))
    assert (before.headline, after.headline) == ("A", "B")
    assert isinstance(wrong, Fault)
    assert wrong.line == 8
    assert wrong.message.startswith(message)


def test_items_are_found_on_their_lines_though_they_are_the_same():
    lines = [entry.line for entry in found(feed({"title": "A"}, {"title": "A"}, {"title": "A"}))]
    assert lines == [5, 8, 11]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            b'{"version": "https://jsonfeed.org/version/1", "items": [\n{"id": 1,}]}',
            "line 2: not JSON: .* column",
        ),
        (feed({"title": "A"})[:-9], "line 6: not JSON"),
        (
            b'{"version": "https://jsonfeed.org/version/1"}',
            "it is no JSON Feed: .*missing required field `items`",
        ),
        (
            b'{"version": "https://jsonfeed.org/version/1", "items": [' + b"[" * 5_000 + b"]" * 5_000 + b"]}",
            "it is no JSON Feed: it is nested too deeply",
        ),
        (b"[]", "it is no JSON Feed: Expected `object`, got `array`"),
        (b'{"version": "1",\n "title": "\xff", "items": []}', "line 2: not UTF-8: byte 0xff$"),
        (b"", "not JSON"),
    ],
)
def test_what_is_no_feed_is_refused_whole(content, problem):
    with pytest.raises(UsageError, match=problem):
        found(content)


@pytest.mark.parametrize(
    ("extension", "head", "form"),
    [
        (".json", feed(), Format.JSON_FEED),
        ("", b'\xef\xbb\xbf {"version":"https:\\/\\/jsonfeed.org\\/version\\/1","items":[', Format.JSON_FEED),
        (".json", b'{"headline": "Rain"}\n', Format.JSONL),
        (".json", b'{"headline": "Rain", "version": "https://other.org/version/1"}\n', Format.JSONL),
        (".csv", feed(), Format.CSV),
    ],
)
def test_a_json_feed_is_known_by_its_version(extension, head, form):
    assert detect(extension, head, FieldMap()) is form
