"""The types in `worker.events` and the schemas are the same: proved by what comes out for generated headlines."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace

import jsonschema_rs
import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.unit.test_pipeline import World, record
from worker.deadletter import FIRST
from worker.deduplicate.match import REASONS, RULE_NAME
from worker.events import Further, Guard, Headline, Kind, Reason, Rejection, Route, Verdict
from worker.mediatopics import CODES, SLUGS, STREAMS, UNSORTED
from worker.normalize import REPAIRS, normalize
from worker.normalize.decode import FIELDS
from worker.normalize.schema import load
from worker.normalize.timestamp import LAST_MS
from worker.replay.entry import Entry
from worker.replay.event import SEED_SCHEDULE, EventEncoder
from worker.route.counts import Words
from worker.route.envelope import Labels, Origin

from .fields import named, reached, strict

ROUTED, DUPLICATE, LETTER = "headline.routed", "headline.duplicate", "deadletter.headers"

# What becomes of each field of the types: the field of the event that shows it, or None where nobody is shown it.
HEADLINE = {
    "id": "id",
    "event_id": "event_id",
    "source": "source",
    "display": "headline",
    "match": None,  # compared, never published
    "original": "original_headline",
    "guard": None,  # is told by the verdict
    "repairs": "repairs",
    "published_at": "published_at",
    "url": "url",
    "language": "language",
    "foreign": None,  # is told by the stream, unsorted
    "supersedes": "supersedes",
    "extra": "extra",
}
ORIGIN = {"topic": "position", "partition": "position", "offset": "position", "timestamp": "ingested_at"}
ROUTE = {
    "topic": "topic",
    "best": None,
    "code": "code",
    "confidence": "confidence",
    "also": "also",
    "rule": "topic_rule",
}
LABELS = {"rule": "rule", "model": "model", "deep": "model", "topic_rules": "topic_rules"}
REJECTION = {"reason": "newswire.reason", "message": "newswire.message", "field": "newswire.field"}


STRICT = {event: strict(event) for event in (ROUTED, DUPLICATE, LETTER)}


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
NAME = st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=20)
ID = st.binary(min_size=16, max_size=16).map(bytes.hex)
SHARE = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)
BROKEN = (
    "",
    "Storm &amp; flood",
    "<b>Storm</b>  over the coast",
    "Ukraineâ€™s",
    "a\u200bb",
    "a\x07b",
    "e\u0301",
    "\ud83c\udf0a",
)
TIME = st.datetimes(
    datetime.fromisoformat("1900-01-02"), datetime.fromisoformat("2100-12-30"), timezones=st.just(UTC)
).map(datetime.isoformat)
RAW = st.fixed_dictionaries(
    {"id": NAME, "source": NAME, "headline": st.sampled_from(BROKEN) | TEXT},
    optional={
        "schema_version": st.sampled_from([1, "1", None]),
        "published_at": TIME | st.sampled_from([None, "", "today"]),
        "url": st.sampled_from(["https://news.example/1", None, ""]),
        "language": st.sampled_from(["en", "pt_br", "de-AT", None, ""]),
        "body": st.none() | TEXT,
        "supersedes": TEXT | st.none(),
        "desk": st.none() | st.integers() | st.lists(TEXT),
    },
)
GOOD = RAW.map(lambda document: json.dumps(document).encode())
BAD = st.none() | st.binary(max_size=9) | st.just(b" " * 262_145) | st.just(b'{"id": 1}')
VALUE = st.integers(0, 3).flatmap(lambda draw: GOOD if draw else BAD)
RECORD = st.builds(
    record,
    st.integers(0, 2**63 - 1),
    VALUE,
    timestamp=st.integers(0, 9).flatmap(
        lambda draw: st.integers(0, LAST_MS) if draw else st.integers(-1, 2**63 - 1)
    ),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["newswire.attempt", "newswire.stage", *FIRST]),
            st.sampled_from([b"3", b"x", b"-1"]),
        )
    ),
)
VERDICT = (
    st.builds(Verdict, st.just(Kind.ORIGINAL), st.sampled_from(["new", "late", "off", *Guard]))
    | st.builds(Verdict, st.just(Kind.UPDATE), st.sampled_from(sorted(REASONS)), ID, SHARE)
    | st.builds(Verdict, st.just(Kind.DUPLICATE), st.sampled_from(sorted(REASONS)), ID, SHARE)
)
FURTHER = st.builds(lambda slug, share: Further(slug, CODES[slug], share), st.sampled_from(SLUGS), SHARE)
ROUTES = st.builds(
    lambda topic, best, share, also, rule: Route(topic or best, best, CODES[best], share, tuple(also), rule),
    st.sampled_from([None, UNSORTED]),
    st.sampled_from(SLUGS),
    SHARE,
    st.lists(FURTHER, max_size=2),
    st.none() | st.sampled_from(["rate decisions", "a" * 64]),
)


class Drawn(World):
    """A pipeline whose verdicts and routes are given, one for each headline; guarded ones are original always."""

    def __init__(self, verdicts, routes, *, mark):
        super().__init__(mark=mark)
        self.stages._labels = Labels("dedup-1", "topics-1.abc", "deep-1.def", "rules-1.abc")
        self.verdicts = verdicts
        self.pipeline._agreement = self
        self.stages._router = SimpleNamespace(
            route=lambda headlines, _tokens=None, **_: routes[: len(headlines)], words=Words()
        )

    async def submit(self, batches):
        return [self.answered(batch) for batch in batches]

    def answered(self, batch):
        answer = asyncio.get_running_loop().create_future()
        pairs = zip(batch.headlines, self.verdicts, strict=False)
        answer.set_result(
            [
                Verdict(Kind.ORIGINAL, headline.guard) if headline.guard else verdict
                for headline, verdict in pairs
            ]
        )
        return answer

    def emitted(self):
        """What was sent, as the schema's name and the document that has to fit it."""
        for topic, _, sent in self.outbox.sent:
            if topic == "dead":
                yield LETTER, {name: value.decode() for name, value in sent.headers}
            else:
                yield DUPLICATE if topic == "duplicates" else ROUTED, orjson.loads(sent.value)


COMPLETE = {
    "id": "e-1",
    "source": "Wire",
    "headline": "Storm &amp; flood",
    "published_at": "2026-01-09T08:00:00Z",
    "url": "https://news.example/1",
    "language": "en",
    "desk": "north",
}
TWO_TOPICS = Route("arts", "arts", CODES["arts"], 1.0, (Further("sport", CODES["sport"], 1.0),), "reviews")
REDRIVEN = [(name, b"3") for name in FIRST]
OF_EACH_KIND = [
    (record(offset, json.dumps(document).encode(), headers=REDRIVEN), Verdict(kind, "exact", *of), TWO_TOPICS)
    for offset, (document, kind, *of) in enumerate(
        (
            ({**COMPLETE, "supersedes": "e-0"}, Kind.ORIGINAL),
            (COMPLETE, Kind.UPDATE, "ab" * 16, 0.5),
            (COMPLETE, Kind.DUPLICATE, "ab" * 16, 1.0),
            ({"id": "e-1"}, Kind.ORIGINAL),
        )
    )
]


def emissions(records, verdicts, routes, *, mark):
    world = Drawn(verdicts, routes, mark=mark)
    asyncio.run(world.runs(*records))
    return world.emitted()


def test_what_the_pipeline_emits_fits_its_schema_and_reaches_every_field_that_is_named():
    found = {event: set() for event in STRICT}

    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
    @given(st.lists(st.tuples(RECORD, VERDICT, ROUTES), min_size=1, max_size=6), st.booleans())
    @example(OF_EACH_KIND, False)
    @example(OF_EACH_KIND, True)
    def emits(drawn, mark):
        columns = [list(column) for column in zip(*drawn, strict=True)]
        for event, document in emissions(*columns, mark=mark):
            STRICT[event].validate(document)
            found[event] |= reached(document, load(event))

    emits()
    # Only a dead letter that is too large for Kafka leaves anything out; test_deadletter.py makes some.
    assert {event: set(named(load(event))) - pointers for event, pointers in found.items()} == {
        ROUTED: set(),
        DUPLICATE: set(),
        LETTER: {"/newswire.omitted"},
    }


def shown(*mappings):
    return {field for mapping in mappings for field in mapping.values() if field is not None}


def test_every_field_of_the_types_is_shown_or_said_not_to_be():
    assert HEADLINE.keys() == set(Headline.__struct_fields__)
    assert ORIGIN.keys() == set(Origin.__struct_fields__)
    assert ROUTE.keys() == set(Route.__struct_fields__)
    assert LABELS.keys() == set(Labels._fields)
    assert REJECTION.keys() == set(Rejection.__struct_fields__)
    assert set(Verdict.__struct_fields__) == {"kind", "reason", "of", "score", "topics"}


def test_every_field_that_a_schema_names_comes_of_a_field_of_the_types():
    verdict = {"verdict", "duplicate_of"}
    assert set(load(ROUTED)["properties"]) == shown(HEADLINE, ORIGIN, ROUTE, LABELS) | verdict | {"update_of"}
    # What supersedes another is never suppressed.
    assert set(load(DUPLICATE)["properties"]) == (
        shown(HEADLINE, ORIGIN, {"rule": "rule"}) - {"supersedes"} | verdict | {"reason", "score"}
    )
    position, also = (load(ROUTED)["properties"][name] for name in ("position", "also"))
    assert set(position["properties"]) == {name for name, field in ORIGIN.items() if field == "position"}
    assert set(also["items"]["properties"]) == set(Further.__struct_fields__)
    assert shown(REJECTION) < set(load(LETTER)["properties"])


@given(RAW, ROUTES, st.sampled_from([0, LAST_MS]))
def test_an_event_shows_the_fields_as_they_are_and_leaves_out_what_is_absent(raw, route, timestamp):
    value = json.dumps(raw).encode()
    headline = normalize(value)
    if isinstance(headline, Rejection):
        return
    ((event, document),) = emissions(
        [record(7, value, timestamp=timestamp)], [Verdict(Kind.ORIGINAL, "new")], [route], mark=False
    )
    assert event == ROUTED
    for values, mapping in ((headline, HEADLINE), (route, ROUTE)):
        for name, field in mapping.items():
            held = getattr(values, name)
            if field is None or field == "also":
                continue
            if held in (None, ()):
                assert field not in document
            else:
                assert document[field] == (list(held) if isinstance(held, tuple) else held)
    assert document["position"] == {"topic": "raw", "partition": 4, "offset": 7}
    assert document["rule"] == "dedup-1"
    assert None not in document.values()


@given(RAW)
def test_what_the_schema_of_raw_headlines_takes_is_refused_only_for_what_a_schema_can_not_say(raw):
    result = normalize(json.dumps(raw).encode())
    if isinstance(result, Rejection):
        assert result.reason in {Reason.TOO_LARGE, Reason.EMPTY, Reason.TIMESTAMP, Reason.NOT_JSON}


@given(NAME, NAME, st.integers(1, 10**6), st.sampled_from([None, SEED_SCHEDULE]), st.booleans())
def test_what_replay_sends_is_a_raw_headline_under_the_key_that_the_contract_names(
    source, headline, line, schedule, has_fields
):
    fields = {"url": "https://news.example/1", "id": "guid-1", "desk": 7} if has_fields else None
    event = EventEncoder("seeds.txt", source, schedule).encode(Entry(line, headline, fields), line)
    document = json.loads(event.value)

    jsonschema_rs.Draft202012Validator(load("headline.raw")).validate(document)
    assert event.key.decode() == document["id"]
    assert isinstance(normalize(event.value), Headline) or not any(map(str.isalnum, headline))


def test_the_enums_are_the_codes_own():
    routed, duplicate = (load(event)["properties"] for event in (ROUTED, DUPLICATE))
    assert routed["topic"]["enum"] == list(STREAMS)
    assert routed["also"]["items"]["properties"]["topic"]["enum"] == list(SLUGS)
    assert routed["verdict"]["enum"] == [Kind.ORIGINAL, Kind.UPDATE, Kind.DUPLICATE]
    assert set(routed["verdict"]["enum"]) == set(Kind)
    assert duplicate["verdict"]["const"] == Kind.DUPLICATE
    assert routed["repairs"]["items"]["enum"] == list(REPAIRS)
    assert duplicate["repairs"] == routed["repairs"]
    assert load(LETTER)["properties"]["newswire.reason"]["enum"] == list(Reason)


@pytest.mark.parametrize("code", CODES.values())
def test_the_codes_of_the_media_topics_fit(code):
    routed = load(ROUTED)["properties"]
    for field in (routed["code"], routed["also"]["items"]["properties"]["code"]):
        jsonschema_rs.Draft202012Validator(field).validate(code)


def test_fields_that_events_share_are_the_same_in_both():
    routed, duplicate = (load(event)["properties"] for event in (ROUTED, DUPLICATE))
    for name in (routed.keys() & duplicate.keys()) - {"verdict", "duplicate_of"}:
        assert routed[name] == duplicate[name], name


def test_the_known_fields_of_a_raw_headline_are_those_that_the_schema_names():
    assert set(load("headline.raw")["properties"]) == FIELDS


def test_the_name_of_the_rule_fits():
    for event in (ROUTED, DUPLICATE):
        jsonschema_rs.Draft202012Validator(load(event)["properties"]["rule"]).validate(RULE_NAME)
