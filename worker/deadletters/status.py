"""What became of each dead letter: the records of headlines.deadletter.status, and what they add up to.

The topic is compacted: of each key, which is `Letter.status_key`, Kafka keeps the newest record. The value is the JSON
of `Status`; `schemas/deadletter.status/v1.json` says the same. A letter without a status is open.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from worker.deadletters.letter import Position  # noqa: TC001 - msgspec decodes by it

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.deadletters.letter import Letter


class State(StrEnum):
    """What became of a dead letter."""

    OPEN = "open"
    REDRIVEN = "redriven"
    DISCARDED = "discarded"


class Place(Struct, frozen=True):
    """The dead letter's own address, by which a status is known to be of a letter that is still kept."""

    partition: int
    offset: int


class Target(Struct, frozen=True, omit_defaults=True):
    """Where the redriven record stands; without an offset where Kafka had it already and did not say."""

    topic: str
    partition: int
    offset: int | None = None


class Status(Struct, frozen=True, omit_defaults=True):
    """The value of a status record.

    `at` is RFC 3339, `by` is user@host, `attempt` the letter's, `run` the same for all that one command has marked.
    `mended` says that other bytes than the letter's own were sent. `first` is left out where it is the source.
    """

    state: State
    at: str
    by: str
    run: str
    attempt: int
    letter: Place
    source: Position | None = None
    first: Position | None = None
    target: Target | None = None
    mended: bool = False
    note: str | None = None


class Hand(Struct, frozen=True):
    """Who marks: user@host, and an id of the command's run, 16 hex digits."""

    by: str
    run: str

    def redriven(self, letter: Letter, at: datetime, target: Target) -> Status:
        """The status of a letter whose record was sent again and confirmed."""
        return self._status(State.REDRIVEN, letter, at, target=target, mended=letter.mended)

    def discarded(self, letter: Letter, at: datetime, note: str) -> Status:
        """The status of a letter that nobody has to look at any more."""
        return self._status(State.DISCARDED, letter, at, note=note)

    def _status(
        self,
        state: State,
        letter: Letter,
        at: datetime,
        *,
        target: Target | None = None,
        mended: bool = False,
        note: str | None = None,
    ) -> Status:
        return Status(
            state=state,
            at=at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            by=self.by,
            run=self.run,
            attempt=letter.attempt,
            letter=Place(*letter.address),
            source=letter.source,
            first=letter.first,
            target=target,
            mended=mended,
            note=note,
        )


def encode(status: Status) -> bytes:
    """The value of a status record."""
    return msgspec.json.encode(status)


class Statuses:
    """The newest status of each letter that is still kept; what is older than the oldest letter takes no memory.

    `begins` is the first offset kept, by partition of the dead-letter topic.
    """

    def __init__(self, begins: Mapping[int, int]) -> None:
        self.unreadable = 0
        """Records that are no status that this release reads; what they speak of counts as if they were not there."""
        self._begins = begins
        self._newest: dict[bytes, Status] = {}

    def __len__(self) -> int:
        return len(self._newest)

    def apply(self, key: bytes | None, value: bytes | None) -> None:
        """Take the next record of the status topic. One without a value opens its letter again."""
        if key is None:
            self.unreadable += 1
        elif value is None:
            self._newest.pop(key, None)
        else:
            try:
                status = _decoder.decode(value)
            except (msgspec.DecodeError, UnicodeDecodeError):
                self.unreadable += 1
                return
            if status.letter.offset >= self._begins.get(status.letter.partition, 0):
                self._newest[key] = status
            else:
                self._newest.pop(key, None)

    def of(self, letter: Letter) -> Status | None:
        """The newest status of a letter; None for one that is open."""
        return self._newest.get(letter.status_key)

    def state(self, letter: Letter) -> State:
        """What became of a letter."""
        status = self.of(letter)
        return State.OPEN if status is None else status.state


_decoder = msgspec.json.Decoder(Status)
