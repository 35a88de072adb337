"""Reads bytes by a description in the language of Kaitai Struct, as far as `schemas/*/*.ksy` use that language.

Made from the description alone: it shares nothing with the code that writes the bytes, so that the two can be held
against each other. A word of the language that it does not know is an error, never passed over.
"""

from __future__ import annotations

import re
import struct
from typing import Any

_NUMBERS = {
    "u1": "B", "u2": "H", "u4": "I", "u8": "Q", "s1": "b", "s2": "h", "s4": "i", "s8": "q",
}  # fmt: skip
_FIELD = frozenset(
    {"id", "doc", "type", "size", "size-eos", "contents", "valid", "enum", "repeat", "repeat-expr"}
)
_VALID = frozenset({"min", "max", "expr", "in-enum"})
_ELEMENT = re.compile(r"(\w+)\[_index\]")
_PARAMETRIC = re.compile(r"(\w+)\((.+)\)")
_LENGTH = re.compile(r"_\.length == (\d+)")


class RefusedError(ValueError):
    """Bytes that are not of the format. `field` is the id of the field that refuses them."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


class UnknownWordError(Exception):
    """A description that says something which is not known here: it would be read wrongly, and is not read."""


def parse(description: dict[str, Any], value: bytes) -> dict[str, Any]:
    """The fields of `value` by their ids: numbers, bytes, text, names of an enum's values, lists and dicts of these.

    Raises:
        RefusedError: the bytes are not what the description asks for.
        UnknownWordError: the description says something that is not known here.
    """
    if description["meta"]["endian"] != "le" or description["meta"]["encoding"] != "UTF-8":
        raise UnknownWordError("only little-endian numbers and UTF-8 are known")
    reader = _Reader(description, value)
    return reader.struct(description["seq"], {})


class _Reader:
    def __init__(self, description: dict[str, Any], value: bytes) -> None:
        self._types = description.get("types", {})
        self._enums = {
            name: {int(number): word for number, word in words.items()}
            for name, words in description.get("enums", {}).items()
        }
        self._value = value
        self._at = 0

    def struct(self, fields: list[dict[str, Any]], scope: dict[str, Any]) -> dict[str, Any]:
        """Read one field after the other; `scope` holds the parameters, and takes what was read."""
        found: dict[str, Any] = {}
        scope = dict(scope)
        for field in fields:
            if unknown := field.keys() - _FIELD:
                raise UnknownWordError(f"{field['id']}: {', '.join(sorted(unknown))} is not known")
            found[field["id"]] = scope[field["id"]] = self._field(field, scope)
        return found

    def _field(self, field: dict[str, Any], scope: dict[str, Any]) -> Any:
        if "repeat" not in field:
            return self._checked(field, self._one(field, scope))
        if field["repeat"] != "expr":
            raise UnknownWordError(f"{field['id']}: repeat: {field['repeat']} is not known")
        return [
            self._checked(field, self._one(field, {**scope, "_index": index}))
            for index in range(_evaluated(field["repeat-expr"], scope))
        ]

    def _one(self, field: dict[str, Any], scope: dict[str, Any]) -> Any:
        name, kind = field["id"], field.get("type")
        if "contents" in field:
            taken = self._take(name, len(field["contents"]))
            if taken != field["contents"].encode():
                raise RefusedError(name, f"is {taken!r}, not {field['contents']!r}")
            return taken
        if kind in _NUMBERS:
            size = int(kind[1:])
            return struct.unpack("<" + _NUMBERS[kind], self._take(name, size))[0]
        if kind is None and field.get("size-eos"):
            return self._take(name, len(self._value) - self._at)
        if kind in {None, "str"}:
            taken = self._take(name, _evaluated(field["size"], scope))
            try:
                return taken if kind is None else taken.decode()
            except UnicodeDecodeError as error:
                raise RefusedError(name, str(error)) from error
        called = _PARAMETRIC.fullmatch(kind)
        if called is None:
            raise UnknownWordError(f"{name}: the type {kind} is not known")
        inner = self._types[called[1]]
        (parameter,) = inner["params"]
        return self.struct(inner["seq"], {parameter["id"]: _evaluated(called[2], scope)})

    def _take(self, name: str, size: int) -> bytes:
        if size > len(self._value) - self._at:
            raise RefusedError(name, f"has {size} bytes, and {len(self._value) - self._at} are left")
        taken = self._value[self._at : self._at + size]
        self._at += size
        return taken

    def _checked(self, field: dict[str, Any], value: Any) -> Any:
        name, words = field["id"], self._enums.get(field.get("enum"))
        valid = field.get("valid", {})
        valid = valid if isinstance(valid, dict) else {"min": valid, "max": valid}
        if unknown := valid.keys() - _VALID:
            raise UnknownWordError(f"{name}: valid: {', '.join(sorted(unknown))} is not known")
        if "min" in valid and value < valid["min"]:
            raise RefusedError(name, f"is {value}, and {valid['min']} at least")
        if "max" in valid and value > valid["max"]:
            raise RefusedError(name, f"is {value}, and {valid['max']} at most")
        if "expr" in valid:
            length = _LENGTH.fullmatch(valid["expr"])
            if length is None:
                raise UnknownWordError(f"{name}: valid: expr: {valid['expr']} is not known")
            if len(value) != int(length[1]):
                raise RefusedError(name, f"has {len(value)} bytes, not {length[1]}")
        if words is not None and value not in words and valid.get("in-enum"):
            raise RefusedError(name, f"is {value}, which has no name")
        return value if words is None else words.get(value, value)


def _evaluated(expression: object, scope: dict[str, Any]) -> int:
    if isinstance(expression, int):
        return expression
    text = str(expression)
    element = _ELEMENT.fullmatch(text)
    if element is not None:
        return int(scope[element[1]][scope["_index"]])
    if text not in scope:
        raise UnknownWordError(f"the expression {text} is not known")
    return int(scope[text])
