"""The entries of the window: their match forms and raw timestamps, and which of them have the same form.

Entries are numbered in the order of the log. Equal forms are found through a hash table of fixed size whose
chains run through the entries themselves, newest first, as in a Lempel-Ziv matcher (RFC 1951, section 4):
nothing is ever deleted from it, an entry that left the window ends the chain.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from worker.deduplicate.rule import NEWEST_SAME
from worker.deduplicate.trim import worth_trimming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.rule import Rule

NONE = -1
_MOST_SLOTS = 1 << 20
_U32 = 0xFFFFFFFF


class Window:
    """Columns by entry number, from the oldest entry kept on.

    Args:
        max_entries: how many entries the window is expected to hold at most; sizes the table.
    """

    def __init__(self, max_entries: int) -> None:
        slots = min(_MOST_SLOTS, 1 << max(6, max_entries.bit_length()))
        self._mask = slots - 1
        self._newest = array("q", [NONE]) * slots
        self._first = 0
        self._raw_ms = array("q")
        self._hashes = array("I")
        self._next_in_slot = array("I")  # distance to the next older form of the slot, 0 for none
        self._same = array("I")  # distance to the last entry of the same form, 0 for none
        self._text = bytearray()
        self._text_first = 0
        self._ends = array("q")
        self._times = array("q")  # a row for each log time at which entries were added,
        self._starts = array("q")  # and the number of the first of these
        self._half_start = 0  # of the half window that the last entries were added in

    @property
    def following(self) -> int:
        """The number of the next entry."""
        return self._first + len(self._raw_ms)

    def __len__(self) -> int:
        return len(self._raw_ms)

    def extend(self, forms: Sequence[bytes], raw_ms: Sequence[int], time: int, rule: Rule) -> int:
        """Adds the next entries, of one frame, to be linked one by one; returns the number of the first."""
        first = self.following
        self._raw_ms.extend(raw_ms)
        if not self._times or self._times[-1] < time:
            self._times.append(time)
            self._starts.append(first)
        self._half_start = self._starts[bisect_left(self._times, time // rule.half_ms * rule.half_ms)]
        self._text += b"".join(forms)
        end = self._ends[-1] if self._ends else self._text_first
        self._ends.extend([end := end + len(form) for form in forms])
        return first

    def link(self, number: int, form: bytes) -> int:
        """Makes an entry the newest of its form; returns the one that was, or NONE."""
        hashed = hash(form) & _U32
        slot = hashed & self._mask
        first, newest = self._first, self._newest
        head = newest[slot]
        newest[slot] = number
        previous = self._search(head, hashed, form) if head >= first else NONE
        if previous == head >= first:  # leave the twin out of the chain, so that chains hold distinct forms
            distance = self._next_in_slot[head - first]
            head = head - distance if distance else NONE
        self._hashes.append(hashed)
        self._next_in_slot.append(number - head if head >= first else 0)
        self._same.append(number - previous if previous >= first else 0)
        return previous

    def newest(self, form: bytes) -> int:
        """The newest entry of a form, or NONE."""
        hashed = hash(form) & _U32
        return self._search(self._newest[hashed & self._mask], hashed, form)

    def form(self, number: int) -> bytes:
        """The match form of an entry, in UTF-8."""
        at = number - self._first
        start = self._ends[at - 1] - self._text_first if at else 0
        return bytes(self._text[start : self._ends[at] - self._text_first])

    def _search(self, number: int, hashed: int, form: bytes) -> int:
        """The newest entry of a form among a chain's, or NONE."""
        first, hashes = self._first, self._hashes
        while number >= first:
            at = number - first
            if hashes[at] == hashed and self.form(number) == form:
                return number
            distance = self._next_in_slot[at]
            if not distance:
                break
            number -= distance
        return NONE

    def earliest(self, number: int, oldest: int, raw_from: int, raw_to: int) -> int:
        """The earliest entry with the form of a given one, or NONE.

        Args:
            number: the newest entry of the form; it and a few before it are looked at.
            oldest: entries before this number do not count.
            raw_from: entries with a raw timestamp before this do not count,
            raw_to: nor those with one after this.
        """
        found = NONE
        for _ in range(NEWEST_SAME):
            if number < oldest:
                break
            at = number - self._first
            if raw_from <= self._raw_ms[at] <= raw_to:
                found = number
            distance = self._same[at]
            if not distance:
                break
            number -= distance
        return found

    def is_close(self, previous: int, number: int, rule: Rule) -> bool:
        """Whether an entry and the last of its form are in one half window, by log time and by raw time.

        Args:
            previous: the last of its form.
            number: the entry, one of the last that were added.
            rule: its own.
        """
        if previous < self._half_start or number - previous > rule.max_entries // 2:
            return False
        one, other = previous - self._first, number - self._first
        return self._raw_ms[one] // rule.half_ms == self._raw_ms[other] // rule.half_ms

    def forget_before(self, number: int) -> None:
        """Drops the entries before a number, now and then."""
        dead = number - self._first
        if not worth_trimming(dead, len(self._raw_ms)):
            return
        text_dead = self._ends[dead - 1] - self._text_first
        for column in (self._raw_ms, self._hashes, self._next_in_slot, self._same, self._ends):
            del column[:dead]
        del self._text[:text_dead]
        self._first = number
        self._text_first += text_dead
        rows_dead = bisect_right(self._starts, number) - 1
        del self._times[:rows_dead], self._starts[:rows_dead]

    @property
    def memory_bytes(self) -> int:
        """Memory of the columns and the table."""
        columns = (
            self._newest,
            self._raw_ms,
            self._hashes,
            self._next_in_slot,
            self._same,
            self._ends,
            self._times,
            self._starts,
        )
        return sum(len(c) * c.itemsize for c in columns) + len(self._text)
