"""The entries of the window: their match forms and raw timestamps, and which of them have the same form.

Entries are numbered in the order of the log. Equal forms are found through a hash table of fixed size whose
chains run through the entries themselves, newest first, as in a Lempel-Ziv matcher (RFC 1951, section 4):
nothing is ever deleted from it, an entry that left the window ends the chain.
"""

from __future__ import annotations

from array import array
from itertools import repeat

from worker.deduplicate.trim import worth_trimming

NONE = -1
_MOST_SLOTS = 1 << 20
_HASH = 0xFFFFFFFF


class Window:
    """Columns by entry number, from the oldest entry kept on.

    Args:
        max_entries: how many entries the window is expected to hold at most; sizes the table.
    """

    def __init__(self, max_entries: int) -> None:
        slots = min(_MOST_SLOTS, 1 << max(6, max_entries.bit_length()))
        self._mask = slots - 1
        self._newest = array("q", repeat(NONE, slots))
        self._first = 0
        self._raw_ms = array("q")
        self._hashes = array("I")
        self._next_in_slot = array("I")  # distance to the next older form of the slot, 0 for none
        self._same = array("I")  # distance to the last entry of the same form, 0 for none
        self._text = bytearray()
        self._text_first = 0
        self._ends = array("q")

    def __len__(self) -> int:
        return len(self._raw_ms)

    def previous(self, form: bytes) -> int:
        """The newest entry of a form, or NONE."""
        hashed = hash(form) & _HASH
        number = self._newest[hashed & self._mask]
        while number >= self._first:
            at = number - self._first
            if self._hashes[at] == hashed and self.form(number) == form:
                return number
            distance = self._next_in_slot[at]
            if not distance:
                break
            number -= distance
        return NONE

    def append(self, form: bytes, raw_ms: int, previous: int) -> None:
        """Adds the next entry; `previous` is what `previous(form)` said."""
        number = self._first + len(self._raw_ms)
        hashed = hash(form) & _HASH
        slot = hashed & self._mask
        older = self._newest[slot]
        if (
            older == previous >= self._first
        ):  # leave the twin out of the chain, so that chains hold distinct forms
            older -= self._next_in_slot[older - self._first] or older - NONE
        self._newest[slot] = number
        self._raw_ms.append(raw_ms)
        self._hashes.append(hashed)
        self._next_in_slot.append(number - older if older >= self._first else 0)
        self._same.append(number - previous if previous >= self._first else 0)
        self._text += form
        self._ends.append(self._text_first + len(self._text))

    def form(self, number: int) -> bytes:
        """The match form of an entry, in UTF-8."""
        at = number - self._first
        start = self._ends[at - 1] - self._text_first if at else 0
        return bytes(self._text[start : self._ends[at] - self._text_first])

    def earliest(self, number: int, oldest: int, raw_ms: range, most: int) -> int:
        """The earliest entry with the form of a given one, or NONE.

        Args:
            number: the newest entry of the form.
            oldest: entries before this number do not count.
            raw_ms: only entries with raw timestamps in this range count.
            most: so many of the form's newest entries are looked at.
        """
        found = NONE
        for _ in range(most):
            if number < oldest:
                break
            at = number - self._first
            if self._raw_ms[at] in raw_ms:
                found = number
            distance = self._same[at]
            if not distance:
                break
            number -= distance
        return found

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

    @property
    def memory_bytes(self) -> int:
        """Memory of the columns and the table."""
        columns = (self._newest, self._raw_ms, self._hashes, self._next_in_slot, self._same, self._ends)
        return sum(len(c) * c.itemsize for c in columns) + len(self._text)
