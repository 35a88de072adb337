"""Dead letters: the raw record as it came, and in headers why it can never become a headline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from worker import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.events import Rejection

HEADER_PREFIX = "newswire."
_ATTEMPT = "newswire.attempt"
_COUNT = re.compile(rb"[0-9]{1,6}")
_VERSION = __version__.encode()


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
    count of attempts, which goes on.
    """
    attempt = 1
    kept: list[tuple[str, bytes | None]] = []
    for name, value in original:
        if name == _ATTEMPT and value is not None and _COUNT.fullmatch(value):
            attempt = int(value) + 1
        elif not name.startswith(HEADER_PREFIX):
            kept.append((name, value))
    ours: list[tuple[str, bytes | None]] = [
        ("newswire.stage", b"normalize"),
        ("newswire.reason", rejection.reason.value.encode()),
        ("newswire.message", rejection.message.encode()),
        ("newswire.topic", topic.encode()),
        ("newswire.partition", b"%d" % partition),
        ("newswire.offset", b"%d" % offset),
        ("newswire.timestamp", b"%d" % timestamp),
        (_ATTEMPT, b"%d" % attempt),
        ("newswire.version", _VERSION),
    ]
    if rejection.field is not None:
        ours.append(("newswire.field", rejection.field.encode()))
    return kept + ours
