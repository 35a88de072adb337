"""What a redrive would send, and why not the others: the pure stages over each chosen letter, offline."""

from __future__ import annotations

from array import array
from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from worker.deadletter import ATTEMPT, FIRST
from worker.events import Headline
from worker.normalize import normalize
from worker.replay.plan import RECORD_OVERHEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deadletters.choice import Sample
    from worker.deadletters.letter import Address, Header, Letter
    from worker.normalize import Limits

MAX_ATTEMPTS: Final = 3
"""A record that was tried so often is only sent again by force: what dies three times dies a fourth time."""

_HEADER_OVERHEAD_BYTES: Final = 10


class Hindrance(StrEnum):
    """Why a letter is not sent."""

    FAILS = "still fails"
    SPENT = "tried too often"
    LOST = "its record is gone"
    TOO_LARGE = "too large to send"


class Group(Struct):
    """Letters that are not sent for one cause: how many, and the first one as an example."""

    hindrance: Hindrance
    cause: str
    message: str
    example: Address
    count: int = 0


class Terms(Struct, frozen=True):
    """What a redrive may send.

    `failing` lets through what still fails, `force` what was tried too often. `max_record_bytes` is what the raw topic
    takes in one record batch.
    """

    limits: Limits
    max_record_bytes: int
    failing: bool = False
    force: bool = False


class Plan:
    """Every chosen letter, judged once.

    Memory: 16 bytes a letter to be sent, and one group for each cause.
    """

    def __init__(self, terms: Terms, sample: Sample | None = None) -> None:
        self.chosen = 0
        """Letters that the command is about."""
        self.passing = 0
        """Those of them that would pass now and may be sent."""
        self.failing = 0
        """Those that would fail again and are sent all the same."""
        self._terms = terms
        self._sample = sample
        self._groups: dict[tuple[Hindrance, str], Group] = {}
        self._addresses: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))

    @property
    def groups(self) -> list[Group]:
        """What is not sent, the largest group first."""
        return sorted(self._groups.values(), key=lambda group: -group.count)

    def consider(self, letter: Letter, *, lost: bool = False) -> None:
        """Judge a letter; `lost` is one whose record was omitted from it and is not in the raw topic any more."""
        self.chosen += 1
        if lost:
            self._hinder(
                Hindrance.LOST, letter, "", "too large for a dead letter, and gone from the raw topic"
            )
            return
        if letter.attempt >= MAX_ATTEMPTS and not self._terms.force:
            self._hinder(Hindrance.SPENT, letter, "", f"it died {letter.attempt} times; --force sends it")
            return
        size = record_bytes(letter)
        if size > self._terms.max_record_bytes:
            most = self._terms.max_record_bytes
            self._hinder(Hindrance.TOO_LARGE, letter, "", f"a record of {size} bytes, of at most {most}")
            return
        result = normalize(letter.value, self._terms.limits)
        if isinstance(result, Headline):
            self.passing += 1
        elif self._terms.failing:
            self.failing += 1
        else:
            cause = f"{result.reason} {result.field}" if result.field else result.reason.value
            self._hinder(Hindrance.FAILS, letter, cause, result.message)
            return
        if self._sample is not None:
            self._sample.offer(letter)
        else:
            self._addresses[letter.address.partition].append(letter.address.offset)

    def addresses(self) -> dict[int, Sequence[int]]:
        """Whom to send: by partition of the dead-letter topic the offsets, in their order."""
        if self._sample is None:
            return {partition: self._addresses[partition] for partition in sorted(self._addresses)}
        sampled: defaultdict[int, list[int]] = defaultdict(list)
        for partition, offset in self._sample.addresses():
            sampled[partition].append(offset)
        return dict(sampled)

    @property
    def to_send(self) -> int:
        """How many would be sent."""
        return sum(map(len, self.addresses().values()))

    def _hinder(self, hindrance: Hindrance, letter: Letter, cause: str, message: str) -> None:
        group = self._groups.get((hindrance, cause))
        if group is None:
            group = self._groups[hindrance, cause] = Group(hindrance, cause, message, letter.address)
        group.count += 1


def redriven_headers(letter: Letter) -> list[Header]:
    """The headers of the record that is sent: its own, how often it died, and where it stood the first time."""
    headers = [*letter.headers, (ATTEMPT, b"%d" % letter.attempt)]
    if letter.origin is not None:
        at = letter.origin
        values = (at.topic, str(at.partition), str(at.offset), str(at.timestamp))
        headers += zip(FIRST, (value.encode() for value in values), strict=True)
    return headers


def record_bytes(letter: Letter) -> int:
    """What the redriven record takes of a record batch, at most and uncompressed."""
    headers = redriven_headers(letter)
    return (
        RECORD_OVERHEAD_BYTES
        + len(letter.key or b"")
        + len(letter.value or b"")
        + sum(len(name.encode()) + len(value or b"") + _HEADER_OVERHEAD_BYTES for name, value in headers)
    )
