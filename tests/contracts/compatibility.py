"""What a change of a JSON Schema does to those who rely on it: whom it breaks, where, and by what.

    changes(old, new)          every change that lets a schema take more or fewer documents than before

A schema that takes *fewer* breaks whoever has documents of the old one: a writer who goes on as before, or a reader
of the new one who meets records that a topic still keeps. One that takes *more* breaks readers of the old one, who
are sent what it did not allow. `schemas/README.md` says which of the two an event may do.

The comparison knows the keywords that our schemas use, and refuses all others: a keyword that it passed over could
hide what breaks. Where it can not tell, as with two patterns, it takes the change to do both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Schema = dict[str, Any] | bool


class Effect(Enum):
    """What a schema does after a change."""

    FEWER = "takes fewer documents than before"
    MORE = "takes more documents than before"


@dataclass(frozen=True)
class Change:
    """One change.

    `pointer` is the JSON pointer of the keyword in the schema, `what` the change in words. `describes` marks a
    property that an open object had room for already, whatever it held: a schema that names it takes fewer documents,
    but none of those that newswire wrote, since it writes no field that its schema does not name.
    """

    pointer: str
    effect: Effect
    what: str
    describes: bool = False

    @property
    def flipped(self) -> Change:
        """The same change the other way round."""
        return replace(self, effect=Effect.MORE if self.effect is Effect.FEWER else Effect.FEWER)


class UnknownKeywordError(ValueError):
    """A schema uses a keyword that the comparison does not know."""


def changes(old: Schema, new: Schema) -> list[Change]:
    """Every change from one schema to another that lets it take more or fewer documents.

    Titles, descriptions, examples and the like change nothing; nor does the order of anything.

    Raises:
        UnknownKeywordError: one of the two uses a keyword that is not among `KEYWORDS`.
    """
    check_keywords(old)
    check_keywords(new)
    return list(_changes(old, new, ""))


def check_keywords(schema: Schema, at: str = "") -> None:
    """Refuse a schema that uses what the comparison does not know.

    Raises:
        UnknownKeywordError: it does; the message names the keyword by its JSON pointer.
    """
    if isinstance(schema, bool):
        return
    for keyword, value in schema.items():
        where = f"{at}/{_escaped(keyword)}"
        if keyword not in KEYWORDS:
            raise UnknownKeywordError(
                f"#{where}: the comparison does not know the keyword {keyword!r}; say it with {_listed(KEYWORDS)}, or"
                " teach tests/contracts/compatibility.py what a change of it does"
            )
        if keyword == "properties":
            for name, inner in value.items():
                check_keywords(inner, f"{where}/{_escaped(name)}")
        elif keyword == "allOf":
            for place, inner in enumerate(value):
                check_keywords(inner, f"{where}/{place}")
        elif keyword in _SUBSCHEMAS:
            check_keywords(value, where)


_ANNOTATIONS = frozenset({"$schema", "$id", "$comment", "title", "description", "examples", "deprecated"})
_LOWER_BOUNDS = ("minimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "maxLength", "maxItems", "maxProperties")
_OPAQUE = ("pattern", "format")
_CONDITIONAL = ("if", "then", "else")
_SUBSCHEMAS = frozenset({"items", "additionalProperties", *_CONDITIONAL})
KEYWORDS = (
    _ANNOTATIONS
    | _SUBSCHEMAS
    | {*_LOWER_BOUNDS, *_UPPER_BOUNDS, *_OPAQUE}
    | {"type", "enum", "const", "required", "dependentRequired", "properties", "uniqueItems", "allOf"}
)
"""The keywords that our schemas may use. Draft 7 of JSON Schema has them too, but for `dependentRequired`."""


def _changes(old: Schema, new: Schema, at: str) -> Iterator[Change]:
    if _as_text(old) == _as_text(new):
        return
    if new is False or old is False:
        effect = Effect.FEWER if new is False else Effect.MORE
        yield Change(at, effect, "allows no value any more" if new is False else "allowed no value before")
        return
    old, new = _as_dict(old), _as_dict(new)
    yield from _values(old, new, at)
    yield from _bounds(old, new, at)
    yield from _opaque(old, new, at)
    yield from _required(old, new, at)
    yield from _properties(old, new, at)
    yield from _changes(
        old.get("additionalProperties", True),
        new.get("additionalProperties", True),
        f"{at}/additionalProperties",
    )
    yield from _changes(old.get("items", True), new.get("items", True), f"{at}/items")
    yield from _all_of(old, new, at)


def _values(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Change]:
    """Types, and values that are listed one by one."""
    before, after = _listed_values(old), _listed_values(new)
    if (before is None or after is None) and ("type" in old or "type" in new):
        yield from _types(old, new, at)
    keyword = "const" if "const" in (new if after is not None else old) else "enum"
    if before is None and after is not None:
        yield Change(
            f"{at}/{keyword}", Effect.FEWER, f"takes nothing but {_listed(after)} now; it was not limited"
        )
    elif before is not None and after is None:
        yield Change(
            f"{at}/{keyword}", Effect.MORE, f"took nothing but {_listed(before)}, and is not limited now"
        )
    elif before is not None and after is not None:
        if gone := before - after:
            yield Change(f"{at}/{keyword}", Effect.FEWER, f"{_listed(gone)} is gone")
        if added := after - before:
            yield Change(f"{at}/{keyword}", Effect.MORE, f"{_listed(added)} is new")


def _types(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Change]:
    before, after = _type_set(old), _type_set(new)
    if gone := before - after:
        yield Change(f"{at}/type", Effect.FEWER, f"the type {_listed(gone)} is gone")
    if added := after - before:
        yield Change(f"{at}/type", Effect.MORE, f"the type {_listed(added)} is new")


def _bounds(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Change]:
    for keyword in (*_LOWER_BOUNDS, *_UPPER_BOUNDS):
        before, after = old.get(keyword), new.get(keyword)
        if before == after:
            continue
        tighter = after is not None and (
            before is None or (after > before if keyword in _LOWER_BOUNDS else after < before)
        )
        effect = Effect.FEWER if tighter else Effect.MORE
        yield Change(f"{at}/{keyword}", effect, f"is {_or_none(after)}, was {_or_none(before)}")
    if bool(old.get("uniqueItems")) != bool(new.get("uniqueItems")):
        effect = Effect.FEWER if new.get("uniqueItems") else Effect.MORE
        yield Change(
            f"{at}/uniqueItems",
            effect,
            "equal items are refused now" if new.get("uniqueItems") else "is gone",
        )


def _opaque(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Change]:
    """What only equals itself: which of two patterns takes more is not asked."""
    for keyword in _OPAQUE:
        before, after = old.get(keyword), new.get(keyword)
        yield from _replaced(f"{at}/{keyword}", before, after)
    before, after = (
        {word: each[word] for word in _CONDITIONAL if word in each} or None for each in (old, new)
    )
    yield from _replaced(f"{at}/if", before, after)


def _replaced(at: str, before: object, after: object) -> Iterator[Change]:
    if _as_text(before) == _as_text(after):
        return
    what = f"is {_or_none(after)}, was {_or_none(before)}"
    if after is not None:
        yield Change(at, Effect.FEWER, what)
    if before is not None:
        yield Change(at, Effect.MORE, what)


def _required(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Change]:
    before, after = set(old.get("required", ())), set(new.get("required", ()))
    for name in sorted(after - before):
        yield Change(f"{at}/required", Effect.FEWER, f"{name} has to be there now")
    for name in sorted(before - after):
        yield Change(f"{at}/required", Effect.MORE, f"{name} may be absent now")
    before, after = _dependencies(old), _dependencies(new)
    for name, needed in sorted(after - before):
        yield Change(
            f"{at}/dependentRequired", Effect.FEWER, f"where {name} is, {needed} has to be there now"
        )
    for name, needed in sorted(before - after):
        yield Change(f"{at}/dependentRequired", Effect.MORE, f"where {name} is, {needed} may be absent now")


def _dependencies(schema: dict[str, Any]) -> set[tuple[str, str]]:
    """Pairs of a property and one that has to be there beside it."""
    return {(name, each) for name, needed in schema.get("dependentRequired", {}).items() for each in needed}


def _properties(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Change]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in (*before, *(name for name in after if name not in before)):
        where = f"{at}/properties/{_escaped(name)}"
        if name in before and name in after:
            yield from _changes(before[name], after[name], where)
        elif name in after:
            yield from _named(old.get("additionalProperties", True), after[name], where, "is new")
        else:
            rest = new.get("additionalProperties", True)
            yield from (each.flipped for each in _named(rest, before[name], where, "is gone"))


def _named(rest: Schema, schema: Schema, at: str, word: str) -> Iterator[Change]:
    """A property gets a schema of its own; without it `rest`, the schema of further properties, speaks for it."""
    if rest is False and schema is not False:
        yield Change(at, Effect.MORE, f"{word}: without it the object is closed")
    elif _takes_all(rest) and not _takes_all(schema):
        what = f"{word}: without it the object takes any value there"
        yield Change(at, Effect.FEWER, what, describes=schema is not False)
    else:
        yield from _changes(rest, schema, at)


def _all_of(old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Change]:
    before = {_as_text(each): each for each in old.get("allOf", ())}
    after = {_as_text(each): each for each in new.get("allOf", ())}
    for text in after.keys() - before.keys():
        yield Change(f"{at}/allOf", Effect.FEWER, f"a rule is new: {text}")
    for text in before.keys() - after.keys():
        yield Change(f"{at}/allOf", Effect.MORE, f"a rule is gone: {text}")


_TYPES = frozenset({"null", "boolean", "object", "array", "number", "string"})


def _type_set(schema: dict[str, Any]) -> set[str]:
    """The types that a schema takes; `number` is `integer` and `fraction`. A list of values has those of its values."""
    if "type" not in schema and ("const" in schema or "enum" in schema):
        return {_type_of(value) for value in ([schema["const"]] if "const" in schema else schema["enum"])}
    named = schema.get("type", sorted(_TYPES))
    found = {named} if isinstance(named, str) else set(named)
    return found - {"number"} | ({"integer", "fraction"} if "number" in found else set())


def _listed_values(schema: dict[str, Any]) -> set[str] | None:
    """What `enum` and `const` leave of the types, as JSON; None where neither is there."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if values is None:
        return None
    types = _type_set(schema)
    return {_as_text(value) for value in values if _type_of(value) in types}


def _type_of(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | float):
        return "integer" if value == int(value) else "fraction"
    return {str: "string", list: "array", dict: "object"}[type(value)]


def _takes_all(schema: Schema) -> bool:
    return schema is not False and not _as_dict(schema).keys() - _ANNOTATIONS


def _as_dict(schema: Schema) -> dict[str, Any]:
    """A schema as an object; `false` is handled before."""
    return schema if isinstance(schema, dict) else {}


def _as_text(value: object) -> str:
    """A value by what it says: annotations aside, in an order of its own."""
    return json.dumps(_bare(value), sort_keys=True, ensure_ascii=False)


def _bare(value: object) -> object:
    if isinstance(value, dict):
        kept = {name: _bare(inner) for name, inner in value.items() if name not in _ANNOTATIONS}
        if isinstance(value.get("properties"), dict):
            # A property may be called like an annotation.
            kept["properties"] = {name: _bare(inner) for name, inner in value["properties"].items()}
        return kept
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _listed(values: Any) -> str:
    return ", ".join(sorted(values))


def _or_none(value: object) -> str:
    return "absent" if value is None else json.dumps(value, ensure_ascii=False)
