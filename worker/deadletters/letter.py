"""A record of headlines.deadletter, read: the raw record that died, why, and where it stood."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from worker.deadletter import ATTEMPT, FIRST, HEADER_PREFIX, OMITTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiokafka.structs import ConsumerRecord

Header = tuple[str, bytes | None]

_NUMBER: Final = re.compile(r"-?[0-9]{1,19}", re.ASCII)
_SOURCE: Final = ("newswire.topic", "newswire.partition", "newswire.offset", "newswire.timestamp")


class Address(NamedTuple):
    """Where a dead letter stands in its topic."""

    partition: int
    offset: int

    def __str__(self) -> str:
        """As a person types it: the offset alone in the first partition, which is the only one by declaration."""
        return f"{self.partition}:{self.offset}" if self.partition else str(self.offset)


class Position(Struct, frozen=True):
    """Where a raw record stands, with Kafka's time of it in milliseconds since 1970.

    The time tells it from the record that had the same offset before the topic was made anew.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class Letter(Struct, frozen=True):
    """One dead letter.

    `headers` are the raw record's own, `cause` newswire's, as text. `source` is where the record stood when it died
    this time, `first` where it stood the first time, if a redrive has sent it again since. A record that newswire
    did not write has neither. `time_ms` is when it died, in milliseconds since 1970.
    """

    address: Address
    time_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[Header, ...]
    cause: Mapping[str, str]
    source: Position | None = None
    first: Position | None = None
    attempt: int = 1
    mended: bool = False

    @property
    def reason(self) -> str:
        """The class of causes; empty where it names none."""
        return self.cause.get("newswire.reason", "")

    @property
    def stage(self) -> str:
        """The stage that gave it up."""
        return self.cause.get("newswire.stage", "")

    @property
    def message(self) -> str:
        """What was wrong, for a person."""
        return self.cause.get("newswire.message", "")

    @property
    def field(self) -> str | None:
        """The field at fault, if it was one."""
        return self.cause.get("newswire.field")

    @property
    def version(self) -> str:
        """The release of the worker that gave it up."""
        return self.cause.get("newswire.version", "")

    @property
    def omitted(self) -> bool:
        """Whether key, value and headers were too large for a dead letter and stand in the raw topic only."""
        return OMITTED in self.cause

    @property
    def origin(self) -> Position | None:
        """Where the record stood at its first death, by which all its deaths belong together."""
        return self.first or self.source

    @property
    def status_key(self) -> bytes:
        """The key of its status: the source position of this death.

        A dead letter that a crashed worker's successor writes once more has the same key, so one state goes for
        both; each further death of a redriven record has another one, and so is open anew. Where there is no source
        position, the letter's own stands for it.
        """
        if self.source is None:
            return f"{self.address.partition}/{self.address.offset}@{self.time_ms}".encode()
        return f"{self.source}@{self.source.timestamp}".encode()


def read(record: ConsumerRecord) -> Letter:
    """The dead letter in a record. Never raises: whatever stands in the topic can be listed."""
    cause = {
        name: (value or b"").decode(errors="backslashreplace")
        for name, value in record.headers
        if name.startswith(HEADER_PREFIX)
    }
    attempt = _number(cause.get(ATTEMPT))
    return Letter(
        address=Address(record.partition, record.offset),
        time_ms=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(own(record.headers)),
        cause=cause,
        source=_position(cause, _SOURCE),
        first=_position(cause, FIRST),
        attempt=attempt if attempt is not None and attempt > 0 else 1,
    )


def own(headers: Sequence[Header]) -> list[Header]:
    """The headers that a record came with, without newswire's."""
    return [header for header in headers if not header[0].startswith(HEADER_PREFIX)]


def _position(cause: Mapping[str, str], names: Sequence[str]) -> Position | None:
    topic, *numbers = (cause.get(name) for name in names)
    partition, offset, timestamp = map(_number, numbers)
    if not topic or partition is None or offset is None or timestamp is None or min(partition, offset) < 0:
        return None
    return Position(topic, partition, offset, timestamp)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and _NUMBER.fullmatch(text) else None
