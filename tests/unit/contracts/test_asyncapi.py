"""The AsyncAPI document and the code say the same: topics and their settings, keys, headers, schemas."""

from __future__ import annotations

import asyncio
import json

import jsonschema_rs
import pytest
import yaml
from tests.contracts.versions import SCHEMAS, versions
from tests.unit.deadletters.letters import letter
from tests.unit.test_pipeline import World, bad, good
from worker.config import Settings
from worker.deadletters.plan import redriven_headers
from worker.mediatopics import STREAMS
from worker.topics import Config, declaration

DOCUMENT = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text("utf-8"))
CHANNELS = DOCUMENT["channels"]
MESSAGES = DOCUMENT["components"]["messages"]
TOPICS = {spec.name: spec for spec in declaration(Settings())}


def addresses(channel):
    """The Kafka topics that a channel stands for."""
    parameters = channel.get("parameters")
    if not parameters:
        return [channel["address"]]
    ((name, parameter),) = parameters.items()
    return [channel["address"].replace("{" + name + "}", value) for value in parameter["enum"]]


CHANNEL_OF = {address: channel for channel in CHANNELS.values() for address in addresses(channel)}


def refs(node):
    """Every `$ref` of the document."""
    if isinstance(node, dict):
        found = [node["$ref"]] if "$ref" in node else []
        return found + [ref for inner in node.values() for ref in refs(inner)]
    return [ref for inner in node for ref in refs(inner)] if isinstance(node, list) else []


def resolved(ref):
    at = DOCUMENT
    for step in ref.removeprefix("#/").split("/"):
        at = at[step]
    return at


def headers_of(message):
    """The schema of a message's headers, with those of its traits."""
    own = message["headers"]
    if "$ref" in own:
        return json.loads((SCHEMAS / own["$ref"]).read_text("utf-8"))
    schemas = [*(resolved(trait["$ref"])["headers"] for trait in message.get("traits", ())), own]
    return {
        "type": "object",
        "required": [name for schema in schemas for name in schema.get("required", ())],
        "properties": {name: field for schema in schemas for name, field in schema["properties"].items()},
    }


def test_its_channels_are_the_topics_that_are_declared():
    assert list(CHANNEL_OF) == list(TOPICS)
    assert CHANNELS["news"]["parameters"]["topic"]["enum"] == list(STREAMS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_channel_has_the_partitions_retention_and_sizes_of_its_topic(topic):
    bound, spec = CHANNEL_OF[topic]["bindings"]["kafka"], TOPICS[topic]
    assert bound["partitions"] == spec.partitions
    assert bound.get("topic", topic) == topic

    told = bound["topicConfiguration"]
    declared = {
        name.value: [value] if name is Config.CLEANUP else int(value)
        for name, value in spec.configs.items()
        if name in {Config.CLEANUP, Config.RETENTION_MS, Config.RETENTION_BYTES, Config.MAX_BYTES}
    }
    assert told == declared


def test_a_channel_says_where_the_broker_stamps_records():
    stamped = {
        topic for topic, spec in TOPICS.items() if spec.configs.get(Config.TIMESTAMP) == "LogAppendTime"
    }
    assert {topic for topic in TOPICS if "LogAppendTime" in CHANNEL_OF[topic]["description"]} == stamped


def test_every_reference_leads_somewhere():
    for ref in refs(DOCUMENT):
        if ref.startswith("#"):
            assert resolved(ref)
        else:
            assert (SCHEMAS / ref).is_file(), ref


def test_the_newest_version_of_every_schema_is_referred_to():
    referred = {ref.removeprefix("./") for ref in refs(DOCUMENT) if not ref.startswith("#")}
    newest = {version.event: version.name for version in versions()}
    binary = {name for name in newest.values() if name.endswith(".ksy")}

    assert referred == set(newest.values()) - binary
    assert all(name in str(MESSAGES) for name in binary)


def test_every_channel_is_sent_to_and_its_message_has_a_name():
    senders = {
        operation["channel"]["$ref"]
        for operation in DOCUMENT["operations"].values()
        if operation["action"] == "send"
    }
    assert senders == {f"#/channels/{name}" for name in CHANNELS}
    for channel in CHANNELS.values():
        ((name, message),) = channel["messages"].items()
        assert message == {"$ref": f"#/components/messages/{name}"}
        assert MESSAGES[name]["name"]


@pytest.fixture(scope="module")
def sent():
    """A record that the pipeline sends, by the message's name."""
    world = World(duplicates={1})
    asyncio.run(world.runs(good(0), good(1, source="Wire/Two"), bad(2)))
    names = {"news.sport": "routedHeadline", "duplicates": "duplicateHeadline", "dead": "deadLetter"}
    return {names[topic]: record for topic, _, record in world.outbox.sent}


@pytest.mark.parametrize("name", ["routedHeadline", "duplicateHeadline", "deadLetter"])
def test_headers_are_what_the_document_says(sent, name):
    headers = {header: value.decode() for header, value in sent[name].headers}
    schema = headers_of(MESSAGES[name])
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(headers)

    if name != "deadLetter":  # which brings those of the raw record along
        assert headers.keys() == schema["properties"].keys() == set(schema["required"])


def test_headers_that_a_redrive_adds_to_a_raw_record_are_what_the_document_says():
    schema = headers_of(MESSAGES["rawHeadline"])
    validator = jsonschema_rs.Draft202012Validator(schema)
    redriven = redriven_headers(letter(original=[("trace", b"7")]))
    validator.validate({name: value.decode() for name, value in redriven})
    validator.validate({})

    assert schema["properties"].keys() == {name for name, _ in redriven} - {"trace"}
    assert not validator.is_valid({"newswire.attempt": "0"})


def test_a_redrive_and_a_dead_letter_write_them_alike():
    of_letter = headers_of(MESSAGES["deadLetter"])["properties"]
    words = {"title", "description", "examples"}
    for name, field in headers_of(MESSAGES["rawHeadline"])["properties"].items():
        assert {key: value for key, value in field.items() if key not in words} == {
            key: value for key, value in of_letter[name].items() if key not in words
        }


@pytest.mark.parametrize("name", ["routedHeadline", "duplicateHeadline"])
def test_keys_are_what_the_document_says(sent, name):
    key = MESSAGES[name]["bindings"]["kafka"]["key"]
    jsonschema_rs.Draft202012Validator(key).validate(sent[name].key.decode())


@pytest.mark.parametrize("name", ["routedHeadline", "duplicateHeadline"])
def test_the_content_type_is_the_one_that_is_sent(sent, name):
    assert dict(sent[name].headers)["content-type"].decode() == MESSAGES[name]["contentType"]


def test_the_group_is_the_settings_own():
    group = DOCUMENT["operations"]["receiveRawHeadlines"]["bindings"]["kafka"]["groupId"]
    assert group["default"] == Settings().kafka.group
