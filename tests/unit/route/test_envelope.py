"""What goes out fits its schema, names its record, and is a function of record and verdict, byte for byte."""

import json
from dataclasses import dataclass

import jsonschema_rs
import pytest
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from worker.events import Further, Headline, Kind, Route, Verdict
from worker.kafka.records import RecordBatch, encoded
from worker.mediatopics import CODES, SLUGS, UNSORTED
from worker.normalize import normalize
from worker.normalize.schema import load
from worker.route.envelope import Labels, Origin, duplicate, rfc3339, routed

ORIGIN = Origin("headlines.raw", 3, 41, 1_700_000_000_123)
LABELS = Labels("dedup-1", "topics-1.abc", "deep-1.def")
NEW = Verdict(Kind.ORIGINAL, "new")
REPEATED = Verdict(Kind.DUPLICATE, "same", "ab" * 16, 0.987)
SPORT = Route("sport", "sport", CODES["sport"], 0.912)
PLAIN = Headline(
    id="cd" * 16, event_id="guid-1", source="Wire", display="Cup final delayed", match="cup final delayed"
)
FULL = replace(
    PLAIN,
    original="Cup  final delayed",
    repairs=("white_space",),
    published_at="2026-01-09T08:00:00Z",
    url="https://example.org/1",
    language="en",
    supersedes="guid-0",
    extra={"desk": "sport"},
)


@dataclass
class Sent:
    key: bytes
    value: bytes
    headers: list

    @classmethod
    def of(cls, record):
        """A record as a consumer reads it."""
        (read,) = MemoryRecords(bytes(RecordBatch([record])._build())).next_batch()
        assert record == encoded(read.key, read.value, read.headers)
        return cls(read.key, read.value, read.headers)

    @property
    def event(self):
        return json.loads(self.value)


def published(headline=PLAIN, verdict=NEW, route=SPORT):
    return Sent.of(routed(headline, verdict, route, ORIGIN, LABELS))


def suppressed(headline=PLAIN, verdict=REPEATED):
    return Sent.of(duplicate(headline, verdict, ORIGIN, LABELS))


def fits(event, schema):
    jsonschema_rs.Draft202012Validator(load(schema)).validate(event)
    return True


@pytest.mark.parametrize("headline", [PLAIN, FULL], ids=["plain", "full"])
@pytest.mark.parametrize(
    "verdict",
    [NEW, REPEATED, Verdict(Kind.UPDATE, "number", "ab" * 16, 0.5)],
    ids=["original", "duplicate in mode mark", "update"],
)
@pytest.mark.parametrize(
    "route",
    [
        SPORT,
        Route(UNSORTED, "arts", CODES["arts"], 0.0),
        Route("arts", "arts", CODES["arts"], 1.0, (Further("sport", CODES["sport"], 0.5),)),
    ],
    ids=["sure", "unsorted", "with a further topic"],
)
def test_what_is_routed_fits_its_schema(headline, verdict, route):
    assert fits(published(headline, verdict, route).event, "headline.routed")


@pytest.mark.parametrize("headline", [PLAIN, FULL], ids=["plain", "full"])
def test_what_is_suppressed_fits_its_schema(headline):
    assert fits(suppressed(headline).event, "headline.duplicate")


def test_a_routed_headline_says_everything_that_is_known_of_it():
    assert published(FULL, Verdict(Kind.UPDATE, "number", "ab" * 16, 0.5)).event == {
        "id": "cd" * 16,
        "event_id": "guid-1",
        "source": "Wire",
        "headline": "Cup final delayed",
        "original_headline": "Cup  final delayed",
        "published_at": "2026-01-09T08:00:00Z",
        "ingested_at": "2023-11-14T22:13:20.123Z",
        "url": "https://example.org/1",
        "language": "en",
        "topic": "sport",
        "code": "medtop:15000000",
        "confidence": 0.912,
        "verdict": "update",
        "update_of": "ab" * 16,
        "repairs": ["white_space"],
        "rule": "dedup-1",
        "model": "topics-1.abc",
        "position": {"topic": "headlines.raw", "partition": 3, "offset": 41},
        "supersedes": "guid-0",
        "extra": {"desk": "sport"},
    }


def test_a_duplicate_says_of_which_why_and_how_sure():
    event = suppressed().event

    assert (event["verdict"], event["duplicate_of"], event["reason"], event["score"]) == (
        "duplicate",
        "ab" * 16,
        "same",
        0.987,
    )
    assert "topic" not in event


def test_a_route_by_evidence_of_the_log_names_the_model_that_the_log_quotes():
    assert published().event["model"] == "topics-1.abc"
    assert published(verdict=replace(NEW, topics=bytes(17))).event["model"] == "deep-1.def"


def test_what_is_absent_is_left_out():
    assert published().event.keys() == {
        "id", "event_id", "source", "headline", "ingested_at", "topic", "code", "confidence", "verdict",
        "rule", "model", "position",
    }  # fmt: skip


def test_an_unsorted_headline_names_the_topic_that_is_most_likely():
    event = published(route=Route(UNSORTED, "arts", CODES["arts"], 0.31)).event

    assert (event["topic"], event["code"], event["confidence"]) == ("unsorted", "medtop:01000000", 0.31)


def test_the_envelope_is_cloudevents_in_binary_mode():
    assert published(FULL).headers == [
        ("ce_specversion", b"1.0"),
        ("ce_id", b"cd" * 16),
        ("ce_source", b"/newswire/Wire"),
        ("ce_type", b"newswire.headline.routed.v1"),
        ("ce_dataschema", b"urn:newswire:headline.routed:v1.1"),
        ("ce_time", b"2023-11-14T22:13:20.123Z"),
        ("content-type", b"application/json"),
    ]
    assert dict(suppressed().headers)["ce_source"] == b"/newswire/Wire/duplicates"
    assert dict(suppressed().headers)["ce_type"] == b"newswire.headline.duplicate.v1"
    assert dict(suppressed().headers)["ce_dataschema"] == b"urn:newswire:headline.duplicate:v1.1"


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("La Nación", b"/newswire/La%20Naci%C3%B3n"),
        ("a/b?c#d", b"/newswire/a%2Fb%3Fc%23d"),
        ("..", b"/newswire/.."),
    ],
)
def test_a_source_of_any_name_is_a_uri_reference(source, uri):
    assert dict(published(replace(PLAIN, source=source)).headers)["ce_source"] == uri


def test_the_data_schema_is_the_one_that_is_shipped():
    for sent, schema in ((published(), "headline.routed"), (suppressed(), "headline.duplicate")):
        assert dict(sent.headers)["ce_dataschema"].decode() == load(schema)["$id"]


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_767_945_600_007, "2026-01-09T08:00:00.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_a_kafka_time_is_rfc_3339_to_the_millisecond(milliseconds, text):
    assert rfc3339(milliseconds) == text


@given(
    st.builds(
        lambda required, optional: json.dumps(required | optional).encode(),
        st.fixed_dictionaries({"id": st.text(), "source": st.text(), "headline": st.text()}),
        st.dictionaries(st.text(), st.none() | st.text() | st.floats() | st.integers() | st.lists(st.text())),
    ),
    st.sampled_from([*SLUGS, UNSORTED]),
)
def test_whatever_normalize_lets_through_can_be_published_and_fits(value, topic):
    headline = normalize(value)
    if not isinstance(headline, Headline):
        return
    route = Route(topic, "arts", CODES["arts"], 0.5)

    assert fits(published(headline, route=route).event, "headline.routed")
    assert fits(suppressed(headline).event, "headline.duplicate")
    assert published(headline, route=route) == published(headline, route=route)
