"""Bytes to a JSON document that fits the raw headline's schema, or the reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from worker.events import Reason, Rejection
from worker.normalize.limits import MAX_DEPTH
from worker.normalize.schema import RAW, load, refusal

if TYPE_CHECKING:
    from worker.normalize.limits import Limits

FIELDS: Final = frozenset(load("headline.raw")["properties"])
"""The fields of a raw headline; what else it has is extra."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_is_valid: Final = RAW.is_valid


def decode(value: bytes, limits: Limits) -> dict[str, Any] | Rejection:
    """A record's value as a document that the raw headline's schema takes.

    A UTF-8 byte order mark is tolerated (RFC 8259, 8.1). Of a key that occurs twice the last one counts;
    an integer beyond 64 bits becomes the nearest double.
    """
    if len(value) > limits.max_value_bytes:
        message = f"the value has {len(value)} bytes; at most {limits.max_value_bytes} are allowed"
        return Rejection(Reason.TOO_LARGE, message)
    value = value.removeprefix(_BYTE_ORDER_MARK)
    try:
        document: dict[str, Any] = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        return _undecodable(value, error)
    if _is_valid(document) and document.keys() <= FIELDS:
        return document
    if _is_deep(document):
        return Rejection(Reason.NOT_JSON, f"the JSON is nested deeper than {MAX_DEPTH} levels")
    return document if _is_valid(document) else refusal(document)


def _undecodable(value: bytes, error: orjson.JSONDecodeError) -> Rejection:
    try:
        value.decode()
    except UnicodeDecodeError as wrong:
        hint = "; it looks like UTF-16" if value.startswith(_UTF16_MARKS) else ""
        return Rejection(Reason.NOT_UTF8, f"byte {wrong.start} of the value is not valid UTF-8{hint}")
    return Rejection(Reason.NOT_JSON, f"{error.msg} (line {error.lineno} column {error.colno})")


def _is_deep(document: object) -> bool:
    """Whether containers stand in one another too deep; level by level, so that nothing recurses."""
    layer = [document]
    for _ in range(MAX_DEPTH):
        inner: list[object] = []
        for value in layer:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
        layer = [value for value in inner if isinstance(value, dict | list)]
        if not layer:
            return False
    return True
