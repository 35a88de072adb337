"""AsyncAPI's own parser takes the document, and understands by it what we mean."""

from __future__ import annotations

import json
import shutil

import pytest
from worker.mediatopics import STREAMS

from .node import run_node
from .versions import SCHEMAS, read, versions

WRONG = {
    "an action that there is not": ("action: receive", "action: subscribe"),
    "a schema that there is not": ("./headline.routed/v1.1.json", "./headline.routed/v0.json"),
    "a cleanup policy that there is not": ("cleanup.policy: [compact]", "cleanup.policy: [forever]"),
    "a channel that there is not": ("#/channels/raw", "#/channels/rwa"),
}


@pytest.fixture(scope="module")
def read_by_parser(tmp_path_factory):
    """What the parser says of our document, and of one that is wrong in each of the ways; by the way, None for ours."""
    files = {None: SCHEMAS / "asyncapi.yaml"}
    for number, (what, (before, after)) in enumerate(WRONG.items()):
        folder = shutil.copytree(SCHEMAS, tmp_path_factory.mktemp("wrong") / f"schemas-{number}")
        text = (folder / "asyncapi.yaml").read_text("utf-8")
        assert before in text
        (folder / "asyncapi.yaml").write_text(text.replace(before, after, 1), "utf-8")
        files[what] = folder / "asyncapi.yaml"
    done = run_node("asyncapi.cjs", *map(str, files.values()))
    assert done.returncode == 0, done.stderr
    return dict(zip(files, map(json.loads, done.stdout.splitlines()), strict=True))


@pytest.fixture(scope="module")
def understood(read_by_parser):
    return read_by_parser[None]


def errors(found):
    return [each for each in found["diagnostics"] if each["severity"] in {"error", "warning"}]


def test_the_document_is_valid_without_a_warning(understood):
    assert errors(understood) == []
    assert understood["version"] == "3.0.0"


def test_it_has_every_channel_with_its_message(understood):
    assert {channel["address"]: channel["messages"] for channel in understood["channels"]} == {
        "headlines.raw": ["headline.raw"],
        "headlines.fingerprints": ["fingerprint.frame"],
        "news.{topic}": ["headline.routed"],
        "headlines.duplicates": ["headline.duplicate"],
        "headlines.deadletter": ["deadletter"],
        "headlines.deadletter.status": ["deadletter.status"],
    }


def test_newswire_receives_raw_headlines_and_sends_the_rest(understood):
    actions = {(operation["action"], *operation["channels"]) for operation in understood["operations"]}
    assert {
        ("receive", "headlines.raw"),
        ("send", "news.{topic}"),
        ("send", "headlines.duplicates"),
        ("send", "headlines.deadletter"),
    } <= actions


def test_payloads_are_the_schemas(understood):
    payloads = {message["name"]: message["payload"] for message in understood["messages"]}
    newest = {version.event: version for version in versions()}
    for version in newest.values():
        if version.event in payloads and version.kind == "json":
            payload = payloads[version.event]
            assert {
                name: field for name, field in payload.items() if not name.startswith("x-parser")
            }.keys() == (read(version).keys())
            assert payload["$id"] == f"urn:newswire:{version.event}:v{version.label}"
    assert payloads["headline.routed"]["properties"]["topic"]["enum"] == list(STREAMS)


def test_headers_are_those_of_cloudevents_and_of_the_message(understood):
    headers = {message["name"]: message["headers"] for message in understood["messages"]}
    for name in ("headline.routed", "headline.duplicate"):
        assert set(headers[name]["required"]) == set(headers[name]["properties"])
        assert headers[name]["properties"]["ce_type"]["const"] == f"newswire.{name}.v1"
    assert headers["deadletter"]["$id"].startswith("urn:newswire:deadletter.headers:v1")


@pytest.mark.parametrize("what", WRONG)
def test_the_parser_refuses_what_is_wrong(read_by_parser, what):
    """So that to be taken by it means something."""
    assert errors(read_by_parser[what])
