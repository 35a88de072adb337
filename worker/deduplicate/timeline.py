"""The log's recent records: when each was appended, its checksum, how many entries stood before it.

Two clocks run along the log. *Log time* is the running maximum of the append timestamps. *Busy time* goes with it, but
a pause in which nothing is appended counts for `most_pause_ms` at most: what was under way when a deployment stopped is
not forgotten by the first frame after the stop.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left

from worker.deduplicate.trim import worth_trimming


class Timeline:
    """Log time and busy time by offset and by entry number, of the records since a start. Both only grow.

    Args:
        start: the offset of the first record.
        most_pause_ms: what a pause counts for, at most, in busy time.
    """

    def __init__(self, start: int, most_pause_ms: int) -> None:
        self.next_offset = start
        self.busy_ms = 0
        self._first = start
        self._most_pause_ms = most_pause_ms
        self._times = array("q")
        self._busy = array("q")
        self._checksums = array("I")
        self._entries = array("q")
        self.log_time: int | None = None
        self.start_time: int | None = None

    def append(self, timestamp_ms: int, checksum: int, entries: int) -> int:
        """Adds the next record, before which there were `entries` entries, and returns its log time."""
        time = timestamp_ms if self.log_time is None else max(timestamp_ms, self.log_time)
        if self.start_time is None:
            self.start_time = time
        if self.log_time is not None:
            self.busy_ms += min(time - self.log_time, self._most_pause_ms)
        self._times.append(time)
        self._busy.append(self.busy_ms)
        self._checksums.append(checksum)
        self._entries.append(entries)
        self.log_time = time
        self.next_offset += 1
        return time

    def time(self, offset: int) -> int | None:
        """The log time of a record, or None where it is no longer, or never was, known."""
        return self._times[offset - self._first] if self._first <= offset < self.next_offset else None

    def checksum(self, offset: int) -> int | None:
        """The checksum of a record, or None where it is no longer, or never was, known."""
        return self._checksums[offset - self._first] if self._first <= offset < self.next_offset else None

    def entries_before(self, offset: int) -> int:
        """How many entries stood before a record that is known."""
        return self._entries[offset - self._first]

    def first_entry_since(self, time: int) -> int:
        """The number of the first entry at or after a log time that is not after the last record's."""
        return self._entries[bisect_left(self._times, time)]

    def first_entry_of_last(self, busy_ms: int) -> int:
        """The number of the first entry that is at most so much busy time older than the last record."""
        return self._entries[bisect_left(self._busy, self.busy_ms - busy_ms)]

    def forget_all_but_last(self, busy_ms: int) -> None:
        """Drops what is older than so much busy time, now and then; the last record before that stays."""
        dead = bisect_left(self._busy, self.busy_ms - busy_ms) - 1
        if worth_trimming(dead, len(self._times)):
            for column in (self._times, self._busy, self._checksums, self._entries):
                del column[:dead]
            self._first += dead

    @property
    def memory_bytes(self) -> int:
        """Memory of the columns."""
        return sum(len(c) * c.itemsize for c in (self._times, self._busy, self._checksums, self._entries))
