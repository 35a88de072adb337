"""The comparison of schemas: each kind of change, whom it breaks, and a document that shows it."""

from __future__ import annotations

import jsonschema_rs
import pytest
from tests.contracts.compatibility import KEYWORDS, UnknownKeywordError, changes
from tests.contracts.versions import Version, read, rule_broken, versions

from .table import FEWER, MORE, OBJECT, OPEN, TABLE, changed


def takes(schema, document):
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(document)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_a_change_is_found_where_it_is_and_the_way_it_breaks(row):
    new = changed(row.old, row.path, row.value)
    found = {(change.pointer, change.effect) for change in changes(row.old, new)}

    assert (row.at or row.path, row.effect) in found
    assert {pointer for pointer, _ in found} == {row.at or row.path}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_a_document_shows_that_it_breaks_that_way(row):
    new = changed(row.old, row.path, row.value)

    assert takes(row.old, row.witness) is (row.effect is FEWER)
    assert takes(new, row.witness) is (row.effect is MORE)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.what)
def test_the_way_back_has_the_opposite_effects(row):
    new = changed(row.old, row.path, row.value)
    there = {(change.pointer, change.effect) for change in changes(row.old, new)}
    back = {(change.pointer, change.flipped.effect) for change in changes(new, row.old)}

    assert there == back


def test_the_table_has_every_keyword_that_a_schema_may_use_and_that_can_break():
    used = {word for row in TABLE for word in row.path.split("/")}
    known_by_their_whole = {"if", "else", "maximum"}

    harmless = {"$schema", "$id", "$comment", "title", "description", "examples", "deprecated"}
    assert KEYWORDS - harmless - known_by_their_whole <= used


@pytest.mark.parametrize("word", ["title", "description", "examples", "$id", "$comment", "deprecated"])
def test_words_for_people_change_nothing(word):
    assert changes(OBJECT, {**OBJECT, word: ["other"] if word == "examples" else "other"}) == []


def test_order_changes_nothing():
    turned = {**OBJECT, "properties": dict(reversed(OBJECT["properties"].items()))}
    turned["properties"]["kind"] = {"enum": ["update", "original"]}
    assert changes({**OBJECT, "required": ["id", "share"]}, {**turned, "required": ["share", "id"]}) == []


def test_a_field_may_be_called_like_a_keyword():
    one = {"properties": {"title": {"type": "string"}}}
    other = {"properties": {"title": {"type": "integer"}}}
    assert {change.pointer for change in changes(one, other)} == {"/properties/title/type"}


def test_a_constant_and_a_list_of_one_value_are_the_same():
    assert (
        changes({"const": "a"}, {"enum": ["a"]})
        == changes({"enum": ["a"]}, {"type": "string", "enum": ["a", 1]})
        == []
    )


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"oneOf": []}, "#/oneOf"),
        ({"properties": {"a/b": {"multipleOf": 2}}}, "#/properties/a~1b/multipleOf"),
        ({"allOf": [{"then": {"$ref": "#"}}]}, "#/allOf/0/then/$ref"),
    ],
)
def test_a_keyword_that_is_not_known_is_refused_by_its_place(schema, pointer):
    for one, other in ((schema, OBJECT), (OBJECT, schema)):
        with pytest.raises(UnknownKeywordError) as refused:
            changes(one, other)
        assert str(refused.value).startswith(f"{pointer}: ")


def test_no_schema_differs_from_itself():
    for version in versions():
        if version.kind == "json":
            assert changes(read(version), read(version)) == []


ALLOWED = {
    # what                                        of an input, of an output
    "a field that is required now": (False, False),
    "a field that may be absent now": (True, False),
    "a field removed from an open object": (True, False),
    "a field named in an open object": (False, True),
    "a field named in a closed object": (True, False),
    "an object that is closed now": (False, False),
    "a type narrowed": (False, False),
    "a type widened": (True, False),
    "a value of an enum removed": (False, False),
    "a value of an enum added": (True, False),
    "a lower bound raised": (False, False),
    "an upper bound raised": (True, False),
    "a field that is allowed no value now": (False, False),
}


@pytest.mark.parametrize(("what", "allowed"), ALLOWED.items(), ids=ALLOWED)
def test_what_a_minor_version_may_change(what, allowed):
    (row,) = (row for row in TABLE if row.what == what)
    found = changes(row.old, changed(row.old, row.path, row.value))
    kept = tuple(
        not any(rule_broken(event, change) for change in found)
        for event in ("headline.raw", "headline.routed")
    )
    assert kept == allowed


def test_a_field_that_is_new_and_required_breaks_readers_of_what_topics_keep():
    new = {**OPEN, "properties": {**OPEN["properties"], "n": {"type": "integer"}}, "required": ["n"]}
    broken = [change.pointer for change in changes(OPEN, new) if rule_broken("headline.routed", change)]
    assert broken == ["/required"]


def test_versions_have_an_order_and_names():
    names = [
        each.name
        for each in sorted(
            [Version("a", "json", 10, 0), Version("a", "json", 2, 0), Version("a", "json", 2, 1)]
        )
    ]
    assert names == ["a/v2.json", "a/v2.1.json", "a/v10.json"]
