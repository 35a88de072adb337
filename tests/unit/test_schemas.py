"""The schemas: what they take and refuse, and that they tell a reader what each field means."""

from __future__ import annotations

import jsonschema_rs
import orjson
import pytest
from tests.contracts.versions import INPUTS, SCHEMAS, read, versions
from worker.normalize.limits import MAX_HEADLINE_CHARS
from worker.normalize.schema import load, validator

EXAMPLES = SCHEMAS / "examples"
VERSIONS = [each for each in versions() if each.kind == "json"]
OUTPUTS = [each for each in VERSIONS if each.event not in INPUTS]


def folder_of(version):
    return EXAMPLES / version.event / f"v{version.label}"


def examples(version, name):
    return [orjson.loads(line) for line in (folder_of(version) / name).read_bytes().splitlines()]


def strict(version):
    """A validator for which `format` is a rule too."""
    return jsonschema_rs.Draft202012Validator(read(version), validate_formats=True)


VALID = [
    pytest.param(version, document, id=f"{version.name} {number}")
    for version in VERSIONS
    for number, document in enumerate(examples(version, "valid.jsonl"), 1)
]
INVALID = [
    pytest.param(version, example, id=f"{version.name}: {example['why']}")
    for version in VERSIONS
    for example in examples(version, "invalid.jsonl")
]


@pytest.mark.parametrize(("version", "document"), VALID)
def test_a_valid_example_is_taken(version, document):
    strict(version).validate(document)


@pytest.mark.parametrize(("version", "example"), INVALID)
def test_an_invalid_example_is_refused_for_what_it_says(version, example):
    errors = list(strict(version).iter_errors(example["document"]))
    broken = ["#/" + "/".join(map(str, error.schema_path)) for error in errors]
    assert example["rule"] in broken
    # What is wrong with it is one thing; two rules of one field may say so.
    assert len({rule.rpartition("/")[0] for rule in broken}) == 1


@pytest.mark.parametrize(
    "version", [each for each in VERSIONS if not each.event.endswith(".headers")], ids=lambda v: v.name
)
def test_the_schema_of_a_value_means_the_same_in_draft_7(version):
    """Which AsyncAPI reads it by, and some schema registries."""
    older = jsonschema_rs.Draft7Validator(
        {**read(version), "$schema": "http://json-schema.org/draft-07/schema#"}, validate_formats=True
    )
    for document in examples(version, "valid.jsonl"):
        older.validate(document)
    for example in examples(version, "invalid.jsonl"):
        assert not older.is_valid(example["document"]), example["why"]


def test_every_version_has_examples_both_ways_and_every_example_a_version():
    named = {folder_of(version) for version in versions()}
    assert {path for path in EXAMPLES.glob("*/*") if path.is_dir()} == named
    for folder in named:
        for name in ("valid.jsonl", "invalid.jsonl"):
            assert len((folder / name).read_text("utf-8").splitlines()) > 1


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_a_schema_is_one_itself_and_carries_its_name_and_version(version):
    schema = read(version)
    assert jsonschema_rs.meta.is_valid(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:newswire:{version.event}:v{version.label}"
    assert schema["title"].endswith(f", version {version.label}")


def fields(schema, at="#"):
    """Every field that a schema names, by its JSON pointer, also those of objects within; what is forbidden aside."""
    for name, field in schema.get("properties", {}).items():
        yield f"{at}/properties/{name}", field
        yield from fields(field, f"{at}/properties/{name}")
    if "items" in schema:
        yield f"{at}/items", schema["items"]
        yield from fields(schema["items"], f"{at}/items")


FIELDS = [
    pytest.param(field, id=f"{version.name}{pointer}")
    for version in VERSIONS
    for pointer, field in fields(read(version))
]


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_has_a_title_and_says_what_it_means(field):
    assert field["title"][0].isupper()
    assert len(field["description"]) > len("1, or absent") - 1


@pytest.mark.parametrize("field", FIELDS)
def test_the_examples_of_a_field_are_values_of_it(field):
    validator_of_field = jsonschema_rs.Draft202012Validator(field, validate_formats=True)
    assert field.get("examples") or "enum" in field or field["type"] == "object"
    for example in field.get("examples", ()):
        validator_of_field.validate(example)


@pytest.mark.parametrize(("event", "version"), [("headline.raw", 99), ("headline.unknown", 1)])
def test_a_schema_that_is_not_there_is_an_error_that_names_it(event, version):
    with pytest.raises(LookupError, match=f"{event}.*version {version}"):
        load(event, version)


@pytest.mark.parametrize("version", OUTPUTS, ids=lambda version: version.name)
def test_outputs_are_open_so_that_a_later_version_may_add_fields(version):
    """A reader that checks what it gets against version 1 takes 1.1 too."""
    objects = [("#", read(version)), *fields(read(version))]
    assert [pointer for pointer, each in objects if each.get("additionalProperties") is False] == []
    for document in examples(version, "valid.jsonl"):
        strict(version).validate({**document, "mood": {"of": "a later version"}})


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
def test_what_is_required_is_named(version):
    schema = read(version)
    assert set(schema.get("required", ())) <= set(schema["properties"])


def nothing(schema):
    """Whether null is among what a field takes."""
    return jsonschema_rs.Draft202012Validator(schema).is_valid(None)


@pytest.mark.parametrize("version", OUTPUTS, ids=lambda version: version.name)
def test_no_output_has_a_field_that_may_be_null(version):
    assert [pointer for pointer, field in fields(read(version)) if nothing(field)] == []


def test_the_headline_may_be_as_long_as_the_highest_limit():
    for event in ("headline.raw", "headline.routed", "headline.duplicate"):
        assert load(event)["properties"]["headline"]["maxLength"] == MAX_HEADLINE_CHARS


def test_the_worker_reads_the_newest_schemas_of_this_folder():
    newest = {(version.event, version.major): version for version in sorted(VERSIONS)}
    assert any(version.minor for version in newest.values())
    for (event, major), version in newest.items():
        assert load(event, major) == read(version)
        validator(event, major)
