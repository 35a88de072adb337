"""What the pipeline emits is read by the CloudEvents SDK as CloudEvents 1.0 in Kafka's binary mode."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import orjson
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event, to_binary_event
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.test_pipeline import World, good, record
from worker.normalize.schema import load
from worker.normalize.timestamp import LAST_MS

AT = 1_767_942_001_250


def emitted(*records, duplicates=()):
    """What comes out for raw records: Kafka topic, key, value and headers of each."""
    world = World(duplicates)
    asyncio.run(world.runs(*records))
    return [(topic, sent) for topic, _, sent in world.outbox.sent]


def read(sent):
    """A record as the SDK reads it."""
    headers = dict(sent.headers)
    assert len(headers) == len(sent.headers)  # a dictionary is all that the SDK takes
    return from_kafka_event(KafkaMessage(headers, sent.key, sent.value))


@pytest.fixture(params=["headline.routed", "headline.duplicate"])
def pair(request):
    """The schema's name, and a record that is emitted under it."""
    duplicates = {0} if request.param == "headline.duplicate" else set()
    ((_, sent),) = emitted(good(0, timestamp=AT), duplicates=duplicates)
    return request.param, sent


def test_the_sdk_reads_every_attribute(pair):
    name, sent = pair
    event = read(sent)

    assert event.get_specversion() == "1.0"
    assert event.get_id() == orjson.loads(sent.value)["id"]
    assert event.get_type() == f"newswire.{name}.v1"
    assert event.get_dataschema() == load(name)["$id"]
    assert event.get_datacontenttype() == "application/json"
    assert event.get_time() == datetime(2026, 1, 9, 7, 0, 1, 250_000, UTC)
    assert event.get_subject() is None


def test_the_sdk_reads_the_data_as_json(pair):
    _, sent = pair
    assert read(sent).get_data() == orjson.loads(sent.value)


def test_the_sdk_takes_the_key_for_the_partition_key(pair):
    """So the extension `partitionkey` needs no header of its own."""
    _, sent = pair
    event = read(sent)
    assert event.get_extension("partitionkey") == event.get_id() == sent.key.decode()
    assert "ce_partitionkey" not in dict(sent.headers)


def test_the_sdk_writes_what_it_has_read_as_it_was(pair):
    _, sent = pair
    written = to_binary_event(read(sent))
    headers = {name: value for name, value in written.headers.items() if name != "ce_partitionkey"}

    assert headers["ce_time"] == b"2026-01-09T07:00:01.250000Z"
    assert headers == {**dict(sent.headers), "ce_time": headers["ce_time"]}
    assert written.key == sent.key.decode()
    assert orjson.loads(written.value) == orjson.loads(sent.value)


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=128),
    st.integers(0, LAST_MS),
)
def test_a_feed_of_any_name_and_a_record_of_any_time_are_read(source, timestamp):
    if not source.strip():
        return
    ((_, sent),) = emitted(good(0, source=source, timestamp=timestamp))
    event = read(sent)

    assert event.get_source().isascii()
    assert event.get_source().startswith("/newswire/")
    assert event.get_time().timestamp() == pytest.approx(timestamp / 1000, abs=0.0005)
    assert event.get_data()["source"] == source.strip()


def test_the_type_says_the_major_version_and_the_schema_says_which(pair):
    name, sent = pair
    event = read(sent)
    assert event.get_dataschema().removeprefix(f"urn:newswire:{name}:").partition(".")[0] == "v1"
    assert event.get_type().endswith(".v1")


def test_names_of_attributes_are_those_that_cloudevents_allows(pair):
    """Lower-case letters and digits, and at most 20 of them."""
    _, sent = pair
    names = [name.removeprefix("ce_") for name, _ in sent.headers if name.startswith("ce_")]
    assert all(name.isalnum() and name == name.lower() and len(name) <= 20 for name in names)
    assert len(names) + 1 == len(sent.headers)


def test_one_item_that_is_routed_and_later_suppressed_is_two_events():
    """CloudEvents tells events apart by source and id; a consumer of both streams may drop what it has seen."""
    first = good(7)
    again = record(8, first.value)
    routed, duplicate = (read(sent) for _, sent in emitted(first, again, duplicates={8}))

    assert routed.get_id() == duplicate.get_id()
    assert (routed.get_source(), duplicate.get_source()) == ("/newswire/Wire", "/newswire/Wire/duplicates")


def test_no_feed_has_the_source_of_another_feeds_duplicates():
    sources = {
        read(sent).get_source()
        for name in ("Wire", "Wire/duplicates", "duplicates")
        for duplicates in (set(), {0})
        for _, sent in emitted(good(0, source=name), duplicates=duplicates)
    }
    assert len(sources) == 6
