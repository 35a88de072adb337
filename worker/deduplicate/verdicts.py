"""The verdicts of the log's recent entries, and whose they are."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from itertools import repeat
from typing import TYPE_CHECKING

from worker.deduplicate.evidence import TOPICS
from worker.deduplicate.frame import ID_BYTES, Flag
from worker.deduplicate.trim import worth_trimming
from worker.events import Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.deduplicate.index import Match

_PER_MILLE = 1000
_REASONS = {Flag.NONE: "new", **{flag: flag.name.lower() for flag in Flag if flag}}


class Verdicts:
    """Columns by entry number, from the oldest entry kept on: ids, and verdicts packed into seven bytes."""

    def __init__(self) -> None:
        self._first = 0
        self._ids = bytearray()
        self._codes = bytearray()
        self._of = array("I")  # distance to the other entry, 0 for none
        self._scores = array("H")  # in thousandths
        self._topics = _Topics()
        self._plain = [
            Verdict(Kind.ORIGINAL, _REASONS[flag]) for flag in Flag
        ]  # by code; a flag is its own code
        self._code_of: dict[tuple[Kind, str], int] = {}

    @property
    def following(self) -> int:
        """The number of the next entry."""
        return self._first + len(self._codes)

    def extend(self, ids: bytes, flags: bytes, topics: Mapping[int, bytes]) -> None:
        """Adds the next entries', as originals.

        Args:
            ids: 16 bytes an entry.
            flags: a byte an entry; names the reason.
            topics: by the place among them, in its order, the topics of those that have any.
        """
        self._topics.extend(self.following, topics)
        self._ids += ids
        self._codes += flags
        self._of.extend(repeat(0, len(flags)))
        self._scores.extend(repeat(0, len(flags)))

    def amend(self, number: int, match: Match) -> None:
        """Makes an entry a duplicate or an update of an earlier one."""
        at = number - self._first
        if at >= 0:
            self._codes[at] = self._code(match)
            self._of[at] = number - match.of
            self._scores[at] = round(match.score * _PER_MILLE)

    def id(self, number: int) -> bytes:
        """The 16 bytes of an entry's id."""
        at = (number - self._first) * ID_BYTES
        return bytes(self._ids[at : at + ID_BYTES])

    def verdict(self, number: int) -> Verdict:
        """The verdict of an entry."""
        at = number - self._first
        plain = self._plain[self._codes[at]]
        distance = self._of[at]
        topics = self._topics.of(number)
        if not distance:
            return plain if topics is None else Verdict(plain.kind, plain.reason, topics=topics)
        of = self.id(number - distance).hex()
        return Verdict(plain.kind, plain.reason, of, self._scores[at] / _PER_MILLE, topics)

    def forget_before(self, number: int) -> None:
        """Drops the entries before a number, now and then."""
        dead = number - self._first
        if not worth_trimming(dead, len(self._codes)):
            return
        del self._ids[: dead * ID_BYTES]
        del self._codes[:dead]
        del self._of[:dead]
        del self._scores[:dead]
        self._topics.forget_before(number)
        self._first = number

    @property
    def memory_bytes(self) -> int:
        """Memory of the columns."""
        columns = len(self._codes) * (ID_BYTES + 1 + self._of.itemsize + self._scores.itemsize)
        return columns + self._topics.memory_bytes

    def _code(self, match: Match) -> int:
        code = self._code_of.get((match.kind, match.reason))
        if code is None:
            code = self._code_of[match.kind, match.reason] = len(self._plain)
            self._plain.append(Verdict(match.kind, match.reason))
        return code


class _Topics:
    """What the log says of the topics of some entries; it costs nothing for the others."""

    def __init__(self) -> None:
        self._numbers = array("q")
        self._shares = bytearray()

    def extend(self, first: int, topics: Mapping[int, bytes]) -> None:
        """Adds those of the next entries, of which the first has this number, by their place."""
        if topics:
            self._numbers.extend([first + row for row in topics])
            self._shares += b"".join(topics.values())

    def of(self, number: int) -> bytes | None:
        """The topics of an entry, or None."""
        place = bisect_left(self._numbers, number)
        if place == len(self._numbers) or self._numbers[place] != number:
            return None
        return bytes(self._shares[place * TOPICS : (place + 1) * TOPICS])

    def forget_before(self, number: int) -> None:
        """Drops those of the entries before a number."""
        dead = bisect_left(self._numbers, number)
        del self._numbers[:dead]
        del self._shares[: dead * TOPICS]

    @property
    def memory_bytes(self) -> int:
        """Memory of the columns."""
        return len(self._shares) + len(self._numbers) * self._numbers.itemsize
