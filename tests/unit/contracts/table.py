"""Changes of schemas, each with the way it breaks and a document that shows it."""

from __future__ import annotations

from typing import NamedTuple

from tests.contracts.compatibility import Effect

OBJECT = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]*$"},
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "kind": {"enum": ["original", "update"]},
        "only": {"const": "duplicate"},
        "tags": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string"}},
        "extra": {"type": "object", "minProperties": 1},
        "gone": False,
    },
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": "update"}}, "required": ["kind"]},
            "then": {"required": ["only"]},
        }
    ],
}
CLOSED = {"type": "object", "additionalProperties": False, "properties": {"id": {"type": "string"}}}
OPEN = {"type": "object", "properties": {"id": {"type": "string"}}}


class Row(NamedTuple):
    """A change of `old` at `path`, to `value`; the `witness` is a document that only one of the two takes."""

    what: str
    old: dict
    path: str
    value: object
    effect: Effect
    witness: object
    at: str | None = None
    """The pointer that is named, where it is another than `path`."""


GONE = object()
FEWER, MORE = Effect.FEWER, Effect.MORE
TABLE = [
    Row("a field that is required now", OBJECT, "/required", ["id", "share"], FEWER, {"id": "ab"}),
    Row(
        "a field that is required beside another",
        OBJECT,
        "/dependentRequired",
        {"share": ["kind"]},
        FEWER,
        {"id": "ab", "share": 1},
    ),
    Row("a field that may be absent now", OBJECT, "/required", [], MORE, {}),
    Row(
        "a field removed from an open object",
        OBJECT,
        "/properties/share",
        GONE,
        MORE,
        {"id": "ab", "share": "x"},
    ),
    Row("a field removed from a closed object", CLOSED, "/properties/id", GONE, FEWER, {"id": "ab"}),
    Row("a field named in an open object", OPEN, "/properties/n", {"type": "integer"}, FEWER, {"n": "x"}),
    Row("a field named in a closed object", CLOSED, "/properties/n", {"type": "integer"}, MORE, {"n": 1}),
    Row("an object that is closed now", OPEN, "/additionalProperties", False, FEWER, {"n": 1}),
    Row("an object that is open now", CLOSED, "/additionalProperties", GONE, MORE, {"n": 1}),
    Row(
        "further fields of one type only",
        OPEN,
        "/additionalProperties",
        {"type": "integer"},
        FEWER,
        {"n": "x"},
        "/additionalProperties/type",
    ),
    Row("a type narrowed", OBJECT, "/properties/share/type", "integer", FEWER, {"id": "ab", "share": 0.5}),
    Row("a type widened", OBJECT, "/properties/id/type", ["string", "null"], MORE, {"id": None}),
    Row("another type: what was taken", OBJECT, "/properties/id/type", "integer", FEWER, {"id": "ab"}),
    Row("another type: what was not", OBJECT, "/properties/id/type", "integer", MORE, {"id": 7}),
    Row("a type that is not asked for any more", OBJECT, "/type", GONE, MORE, "text"),
    Row(
        "a value of an enum removed",
        OBJECT,
        "/properties/kind/enum",
        ["original"],
        FEWER,
        {"id": "ab", "kind": "update", "only": "duplicate"},
    ),
    Row(
        "a value of an enum added",
        OBJECT,
        "/properties/kind/enum",
        ["original", "update", "late"],
        MORE,
        {"id": "ab", "kind": "late"},
    ),
    Row("an enum where there was none", OBJECT, "/properties/id/enum", ["ab"], FEWER, {"id": "cd"}),
    Row("an enum that is gone", OBJECT, "/properties/kind/enum", GONE, MORE, {"id": "ab", "kind": "late"}),
    Row(
        "another constant: what was taken",
        OBJECT,
        "/properties/only/const",
        "copy",
        FEWER,
        {"id": "ab", "only": "duplicate"},
    ),
    Row(
        "another constant: what was not",
        OBJECT,
        "/properties/only/const",
        "copy",
        MORE,
        {"id": "ab", "only": "copy"},
    ),
    Row("a lower bound raised", OBJECT, "/properties/id/minLength", 3, FEWER, {"id": "ab"}),
    Row("a lower bound lowered", OBJECT, "/properties/id/minLength", 1, MORE, {"id": "a"}),
    Row("a lower bound gone", OBJECT, "/properties/share/minimum", GONE, MORE, {"id": "ab", "share": -1}),
    Row("an upper bound lowered", OBJECT, "/properties/id/maxLength", 3, FEWER, {"id": "abcd"}),
    Row("an upper bound raised", OBJECT, "/properties/id/maxLength", 9, MORE, {"id": "abcdefghi"}),
    Row(
        "an upper bound where there was none",
        OBJECT,
        "/properties/extra/maxProperties",
        1,
        FEWER,
        {"id": "ab", "extra": {"a": 1, "b": 2}},
    ),
    Row(
        "more fields at least",
        OBJECT,
        "/properties/extra/minProperties",
        2,
        FEWER,
        {"id": "ab", "extra": {"a": 1}},
    ),
    Row("more items at least", OBJECT, "/properties/tags/minItems", 2, FEWER, {"id": "ab", "tags": ["x"]}),
    Row(
        "fewer items at most", OBJECT, "/properties/tags/maxItems", 1, FEWER, {"id": "ab", "tags": ["x", "y"]}
    ),
    Row(
        "equal items refused",
        OBJECT,
        "/properties/tags/uniqueItems",
        True,
        FEWER,
        {"id": "ab", "tags": ["x", "x"]},
    ),
    Row(
        "items of another type",
        OBJECT,
        "/properties/tags/items/type",
        "integer",
        FEWER,
        {"id": "ab", "tags": ["x"]},
    ),
    Row(
        "items of any type",
        OBJECT,
        "/properties/tags/items",
        GONE,
        MORE,
        {"id": "ab", "tags": [1]},
        "/properties/tags/items/type",
    ),
    Row("another pattern: what was taken", OBJECT, "/properties/id/pattern", "^[0-9]*$", FEWER, {"id": "ab"}),
    Row("another pattern: what was not", OBJECT, "/properties/id/pattern", "^[0-9]*$", MORE, {"id": "12"}),
    Row("a pattern where there was none", OPEN, "/properties/id/pattern", "^[a-z]+$", FEWER, {"id": "1"}),
    Row("a format where there was none", OPEN, "/properties/id/format", "date", FEWER, {"id": "today"}),
    Row(
        "a field that is allowed no value now",
        OBJECT,
        "/properties/share",
        False,
        FEWER,
        {"id": "ab", "share": 1},
    ),
    Row(
        "a field that is allowed a value now",
        OBJECT,
        "/properties/gone",
        {"type": "string"},
        MORE,
        {"id": "ab", "gone": "x"},
    ),
    Row(
        "a rule that is new",
        OBJECT,
        "/allOf",
        [*OBJECT["allOf"], {"required": ["share"]}],
        FEWER,
        {"id": "ab"},
    ),
    Row("a rule that is gone", OBJECT, "/allOf", GONE, MORE, {"id": "ab", "kind": "update"}),
    Row(
        "another condition",
        OBJECT["allOf"][0],
        "/then",
        {"required": ["share"]},
        FEWER,
        {"kind": "update", "only": 1},
        "/if",
    ),
]


def changed(schema, path, value):
    """A copy of a schema with another value at a path, or without it."""
    head, _, rest = path.removeprefix("/").partition("/")
    if rest:
        return {**schema, head: changed(schema[head], f"/{rest}", value)}
    return {name: inner for name, inner in {**schema, head: value}.items() if inner is not GONE}
