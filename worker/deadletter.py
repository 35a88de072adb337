"""Dead letters: the raw record as it came, and in headers why it can never become a headline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aiokafka.codec import zstd_encode

from worker import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from worker.events import Rejection

COMPRESSION = "zstd"
"""Dead letters are sent compressed: a topic's `max.message.bytes` bounds what a record takes after compression, so a
raw record that came compressed may be far larger than that once it is read."""

HEADER_PREFIX = "newswire."
ATTEMPT = "newswire.attempt"
"""How often a record was tried, in a dead letter and in the raw record that a redrive makes of it."""
OMITTED = "newswire.omitted"
STAGES = ("normalize",)
"""The stages that give a record up."""
FIRST_TOPIC, FIRST_PARTITION, FIRST_OFFSET, FIRST_TIMESTAMP = FIRST = (
    "newswire.first_topic",
    "newswire.first_partition",
    "newswire.first_offset",
    "newswire.first_timestamp",
)
"""Where a redriven record stood when it died for the first time. A redrive adds them, further deaths keep them."""
_FRAMING_BYTES = 1024
"""More than a record batch and a record take around a key, a value and headers; a header's own is counted by it."""
_HEADER_FRAMING_BYTES = 10
_COUNT = re.compile(rb"[0-9]{1,6}")
_FIRST_VALUES = (
    re.compile(rb"[A-Za-z0-9._-]{1,249}"),
    re.compile(rb"0|[1-9][0-9]{0,9}"),
    re.compile(rb"0|[1-9][0-9]{0,18}"),
    re.compile(rb"-?[0-9]{1,19}"),
)
_VERSION = __version__.encode()


def letter(
    cause: list[tuple[str, bytes | None]], *, key: bytes | None, value: bytes | None, max_bytes: int
) -> tuple[bytes | None, bytes | None, list[tuple[str, bytes | None]]]:
    """Key, value and headers of a dead letter that Kafka takes: at most `max_bytes` once it is compressed.

    Where the record fits no dead letter, which takes a raw topic that allows more than its declaration says, the
    cause goes alone and says so; the record can be read in the raw topic as long as that keeps it.
    """
    parts = [
        key or b"",
        value or b"",
        *(part for name, text in cause for part in (name.encode(), text or b"")),
    ]
    framing = _FRAMING_BYTES + _HEADER_FRAMING_BYTES * len(cause)
    size = sum(map(len, parts))
    if size + framing <= max_bytes or len(zstd_encode(b"".join(parts))) + framing <= max_bytes:
        return key, value, cause
    omitted = f"key, value and headers: {size} bytes, too large for a dead letter; read them at the position"
    ours = [header for header in cause if header[0].startswith(HEADER_PREFIX)]
    return None, None, [*ours, (OMITTED, omitted.encode())]


def headers(
    rejection: Rejection,
    *,
    topic: str,
    partition: int,
    offset: int,
    timestamp: int,
    original: Sequence[tuple[str, bytes | None]],
) -> list[tuple[str, bytes | None]]:
    """Headers of a dead letter: the original's own, then ours. `timestamp` is in milliseconds since 1970.

    A record that comes back from a redrive carries our headers of its last time; they are replaced, but for the
    count of attempts, which goes on, and the first position, which stays.
    """
    attempt = 1
    kept: list[tuple[str, bytes | None]] = []
    first: dict[str, bytes | None] = {}
    for name, value in original:
        if not name.startswith(HEADER_PREFIX):
            kept.append((name, value))
        elif name == ATTEMPT and value is not None and _COUNT.fullmatch(value):
            attempt = int(value) + 1
        elif name in FIRST:
            first[name] = value
    ours: list[tuple[str, bytes | None]] = [
        ("newswire.stage", b"normalize"),
        ("newswire.reason", rejection.reason.value.encode()),
        ("newswire.message", rejection.message.encode()),
        ("newswire.topic", topic.encode()),
        ("newswire.partition", b"%d" % partition),
        ("newswire.offset", b"%d" % offset),
        ("newswire.timestamp", b"%d" % timestamp),
        (ATTEMPT, b"%d" % attempt),
        ("newswire.version", _VERSION),
        *_first_position(first),
    ]
    if rejection.field is not None:
        ours.append(("newswire.field", rejection.field.encode()))
    return kept + ours


def is_redriven(headers: Iterable[tuple[str, bytes | None]]) -> bool:
    """Whether a raw record with these headers was sent by a redrive."""
    return any(name == FIRST_OFFSET for name, _ in headers)


def _first_position(found: dict[str, bytes | None]) -> list[tuple[str, bytes | None]]:
    """The first position as it came; nothing where a part of it is missing or is no part of a position."""
    values = [found.get(name) or b"" for name in FIRST]
    if not all(form.fullmatch(value) for form, value in zip(_FIRST_VALUES, values, strict=True)):
        return []
    return list(zip(FIRST, values, strict=True))
