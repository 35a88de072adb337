"""Bytes to a JSON document that fits the raw headline's schema, or the reason why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from worker.events import Reason, Rejection
from worker.normalize.limits import MAX_DEPTH
from worker.normalize.schema import RAW, refusal

if TYPE_CHECKING:
    from worker.normalize.limits import Limits

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
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        if value.startswith(_BYTE_ORDER_MARK):
            return decode(value[len(_BYTE_ORDER_MARK) :], limits)
        return _undecodable(value, error)
    # A document of few brackets cannot be deep, which spares nearly every record the walk.
    if value.count(b"[") + value.count(b"{") > MAX_DEPTH and _deeper(document, MAX_DEPTH):
        return Rejection(Reason.NOT_JSON, f"the JSON is nested deeper than {MAX_DEPTH} levels")
    return document if _is_valid(document) else refusal(document)


def _undecodable(value: bytes, error: orjson.JSONDecodeError) -> Rejection:
    try:
        value.decode()
    except UnicodeDecodeError as wrong:
        hint = "; it looks like UTF-16" if value.startswith(_UTF16_MARKS) else ""
        return Rejection(Reason.NOT_UTF8, f"byte {wrong.start} of the value is not valid UTF-8{hint}")
    return Rejection(Reason.NOT_JSON, f"{error.msg} (line {error.lineno} column {error.colno})")


def _deeper(document: object, levels: int) -> bool:
    """Whether containers stand in one another more than `levels` deep; level by level, so no recursion."""
    layer = [document]
    for _ in range(levels):
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
