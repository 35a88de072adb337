"""What a consumer gets of a record, whichever client it has, and what it is told where there is no event."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import orjson
import pytest
from confluent_kafka import KafkaError, Message
from worker.events import Further, Kind
from worker.normalize.schema import load
from worker.reader import (
    DuplicateHeadline,
    Position,
    RoutedHeadline,
    UnknownVersionError,
    UnreadableRecordError,
    decode,
)

from .streams import duplicate_parts, of_aiokafka, of_confluent, routed_parts

REPOSITORY = Path(__file__).resolve().parents[3]
BOTH_CLIENTS = pytest.mark.parametrize("of_client", [of_aiokafka, of_confluent])
BOTH_EVENTS = pytest.mark.parametrize(
    ("struct", "event"), [(RoutedHeadline, "headline.routed"), (DuplicateHeadline, "headline.duplicate")]
)
ROUTED_HEADERS = dict(routed_parts()[1])


def examples(event):
    folder = REPOSITORY / "schemas" / "examples" / event / "v1"
    return [orjson.loads(line) for line in (folder / "valid.jsonl").read_text("utf-8").splitlines()]


def with_headers(value, **headers):
    """A record with the headers of a routed headline, some of them otherwise; None takes one away."""
    changed = {**ROUTED_HEADERS, **headers}
    return of_confluent((value, [(name, text) for name, text in changed.items() if text is not None]))


@BOTH_CLIENTS
def test_a_routed_headline_is_what_the_worker_made(of_client):
    event = decode(of_client(routed_parts(5, published_at="2026-01-09T10:00:00.5Z", repairs=("tags",))))

    assert event == RoutedHeadline(
        id=f"{5:032x}",
        event_id="guid-5",
        source="agency",
        headline="Rain ends drought",
        published_at=datetime(2026, 1, 9, 10, 0, 0, 500_000, UTC),
        ingested_at=datetime(2026, 1, 9, 10, 0, 1, 204_000, UTC),
        topic="weather",
        code="medtop:17000000",
        confidence=0.75,
        verdict=Kind.ORIGINAL,
        repairs=("tags",),
        rule="dedup-1",
        model="topics-1",
        position=Position("headlines.raw", 4, 5),
    )


@BOTH_CLIENTS
def test_a_duplicate_is_what_the_worker_made(of_client):
    event = decode(of_client(duplicate_parts(5, offset=8), topic="headlines.duplicates"))

    assert isinstance(event, DuplicateHeadline)
    assert (event.duplicate_of, event.reason, event.score) == (f"{0:032x}", "exact", 1.0)
    assert event.position == Position("headlines.raw", 4, 8)


@BOTH_EVENTS
def test_the_structs_have_the_fields_of_the_schemas(struct, event):
    fields = msgspec.structs.fields(struct)
    schema = load(event)

    assert {field.name for field in fields} == set(schema["properties"])
    assert {field.name for field in fields if field.required} == set(schema["required"])
    assert {field.name for field in msgspec.structs.fields(Position)} == set(
        schema["properties"]["position"]["required"]
    )


def test_further_topics_have_the_fields_of_the_schema():
    further = load("headline.routed")["properties"]["also"]["items"]

    assert [field.name for field in msgspec.structs.fields(Further)] == further["required"]


@BOTH_EVENTS
def test_every_valid_example_of_a_schema_is_read_with_nothing_lost(struct, event):
    for document in examples(event):
        headers = [("ce_type", f"newswire.{event}.v1".encode())]
        event_read = decode(of_aiokafka((orjson.dumps(document), headers)))
        read = orjson.loads(msgspec.json.encode(event_read))

        assert {name: value for name, value in read.items() if value not in (None, [])} == {
            name: _instant(value) if name.endswith("ed_at") else value for name, value in document.items()
        }


def _instant(text):
    return msgspec.to_builtins(datetime.fromisoformat(text))


def test_fields_of_a_later_release_are_passed_over():
    value, headers = routed_parts()
    later = orjson.dumps({**orjson.loads(value), "sentiment": {"tone": "calm"}})

    assert decode(of_aiokafka((later, headers))) == decode(of_aiokafka((value, headers)))


@pytest.mark.parametrize("kind", [b"newswire.headline.routed.v2", b"newswire.headline.duplicate.v10"])
def test_another_version_is_named_with_the_ones_that_are_read(kind):
    with pytest.raises(UnknownVersionError) as told:
        decode(with_headers(routed_parts()[0], ce_type=kind))

    assert str(told.value) == (
        f"the record at news.weather[0] offset 0 is of the type {kind.decode()}; this release reads"
        " newswire.headline.routed.v1, newswire.headline.duplicate.v1. Install a newer one to read it"
    )


def test_a_schema_that_is_not_the_one_of_the_type_is_another_version():
    with pytest.raises(UnknownVersionError, match=r"urn:newswire:headline\.routed:v2.*reads urn:.*:v1"):
        decode(with_headers(routed_parts()[0], ce_dataschema=b"urn:newswire:headline.routed:v2"))


def test_without_the_name_of_a_schema_the_type_says_it_all():
    assert decode(with_headers(routed_parts()[0], ce_dataschema=None)).topic == "weather"


def test_a_minor_version_only_adds_to_what_is_known():
    record = with_headers(routed_parts()[0], ce_dataschema=b"urn:newswire:headline.routed:v1.12")
    assert decode(record).topic == "weather"


@pytest.mark.parametrize("minor", [b".", b".x", b"0", b".1.1"])
def test_what_looks_like_a_minor_version_and_is_none_is_refused(minor):
    with pytest.raises(UnknownVersionError, match="does not go with its type"):
        decode(with_headers(routed_parts()[0], ce_dataschema=b"urn:newswire:headline.routed:v1" + minor))


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({"ce_type": None}, r"news\.weather\[0\] offset 0 has no header ce_type; the streams hold"),
        ({"ce_type": b"com.example.order"}, "is of the type com.example.order; the streams hold"),
        ({"ce_type": b"\xff"}, r"is of the type \\xff"),
    ],
)
def test_what_is_no_event_of_a_stream_is_told_with_its_place(headers, message):
    with pytest.raises(UnreadableRecordError, match=message) as told:
        decode(with_headers(routed_parts()[0], **headers))
    assert not isinstance(told.value, UnknownVersionError)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "truncated"),
        (b"{", "truncated"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"id":"\xff"}', "utf-8"),
        (b"{}", "missing required field `id`"),
        (routed_parts()[0].replace(b'"id":"0', b'"id":"X'), r"matching regex .* at `\$.id`"),
        (routed_parts()[0].replace(b"0.75", b'"high"'), r"Expected `float`, got `str` - at `\$.confidence`"),
    ],
)
def test_a_value_that_does_not_fit_the_schema_is_told_with_what_is_wrong(value, message):
    with pytest.raises(UnreadableRecordError, match=message) as told:
        decode(with_headers(value))
    assert str(told.value).startswith("the record at news.weather[0] offset 0 is no newswire.headline.routed")


def test_an_error_in_place_of_a_message_is_told_as_that():
    with pytest.raises(UnreadableRecordError, match=r"look at message\.error\(\)"):
        decode(Message(topic="news.sport", error=KafkaError(KafkaError._PARTITION_EOF)))


def test_importing_the_reader_imports_neither_clients_nor_faust_nor_the_stages():
    def imported(program):
        command = [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"]
        run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
        return set(run.stdout.split())

    # Less what site-packages' own .pth files bring.
    new = imported("import worker.reader") - imported("import json")
    ours = {name for name in new if name.partition(".")[0] == "worker"}
    others = {name.partition(".")[0] for name in new - ours} - set(sys.stdlib_module_names)

    assert {name for name in ours if not name.startswith("worker.reader")} == {
        "worker",
        "worker.errors",
        "worker.events",
    }
    assert others == {"msgspec", "typing_extensions"}
