"""The schemas: what they take and refuse, and that they say what the code says."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import orjson
import pytest
from worker.events import Kind, Reason
from worker.mediatopics import SLUGS, STREAMS
from worker.normalize import REPAIRS
from worker.normalize.limits import MAX_HEADLINE_CHARS
from worker.normalize.schema import load, validator

FOLDER = Path(__file__).resolve().parents[2] / "schemas"
EVENTS = (
    "headline.raw",
    "headline.routed",
    "headline.duplicate",
    "deadletter.headers",
    "deadletter.status",
)


def examples(event: str, name: str) -> list:
    lines = (FOLDER / "examples" / event / "v1" / name).read_text("utf-8").splitlines()
    return [orjson.loads(line) for line in lines]


VALID = [(event, document) for event in EVENTS for document in examples(event, "valid.jsonl")]
INVALID = [
    pytest.param(event, example["document"], id=f"{event}: {example['why']}")
    for event in EVENTS
    for example in examples(event, "invalid.jsonl")
]


@pytest.mark.parametrize(("event", "document"), VALID)
def test_a_valid_example_is_taken(event, document):
    validator(event).validate(document)


@pytest.mark.parametrize(("event", "document"), INVALID)
def test_an_invalid_example_is_refused(event, document):
    assert not validator(event).is_valid(document)


def test_every_schema_in_the_folder_has_examples():
    assert {path.parent.name for path in FOLDER.glob("*/v1.json")} == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_a_schema_is_one_itself_and_carries_its_name_and_version(event):
    schema = load(event)
    assert jsonschema_rs.meta.is_valid(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:newswire:{event}:v1"


@pytest.mark.parametrize(("event", "version"), [("headline.raw", 2), ("headline.unknown", 1)])
def test_a_schema_that_is_not_there_is_an_error_that_names_it(event, version):
    with pytest.raises(LookupError, match=f"{event}.*version {version}"):
        load(event, version)


@pytest.mark.parametrize("event", ["headline.routed", "headline.duplicate"])
def test_outputs_are_closed_but_for_extra(event):
    schema = load(event)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["extra"]["type"] == "object"
    assert set(schema["required"]) <= set(schema["properties"])


def test_the_enums_are_the_codes_own():
    routed = load("headline.routed")["properties"]
    assert routed["topic"]["enum"] == list(STREAMS)
    assert routed["also"]["items"]["properties"]["topic"]["enum"] == list(SLUGS)
    assert routed["verdict"]["enum"] == [Kind.ORIGINAL, Kind.UPDATE, Kind.DUPLICATE]
    assert routed["repairs"]["items"]["enum"] == list(REPAIRS)
    assert load("headline.duplicate")["properties"]["repairs"] == routed["repairs"]
    headers = load("deadletter.headers")["properties"]
    assert headers["newswire.reason"]["enum"] == [reason.value for reason in Reason]


def test_the_headline_may_be_as_long_as_the_highest_limit():
    for event in ("headline.raw", "headline.routed", "headline.duplicate"):
        assert load(event)["properties"]["headline"]["maxLength"] == MAX_HEADLINE_CHARS
