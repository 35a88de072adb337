"""The log's recent records: when each was appended, its checksum, how many entries came before it.

Two clocks run along the log. *Log time* is the running maximum of the append timestamps. *Busy time* goes with it, but
a pause in which nothing is appended counts for `most_pause_ms` at most: what was under way when a deployment stopped is
not forgotten by the first frame after the stop.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

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
        self._entries = array("q")  # new ones before a record
        self._appended = array("q")  # and all that stood in frames, whether these counted or not
        self._columns = (self._times, self._busy, self._checksums, self._entries, self._appended)
        self.log_time: int | None = None
        self.start_time: int | None = None

    def append(self, timestamp_ms: int, checksum: int, entries: int, appended: int) -> int:
        """Adds the next record, and returns its log time.

        Args:
            timestamp_ms: its append timestamp.
            checksum: its own.
            entries: how many new entries there were before it.
            appended: how many entries stood in the frames before it, whether these counted or not.
        """
        time = timestamp_ms if self.log_time is None else max(timestamp_ms, self.log_time)
        if self.start_time is None:
            self.start_time = time
        if self.log_time is not None:
            self.busy_ms += min(time - self.log_time, self._most_pause_ms)
        self._times.append(time)
        self._busy.append(self.busy_ms)
        self._checksums.append(checksum)
        self._entries.append(entries)
        self._appended.append(appended)
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
        """How many new entries there were before a record that is known."""
        return self._entries[offset - self._first]

    def appended_before(self, offset: int) -> int:
        """How many entries stood in the frames before a record that is known."""
        return self._appended[offset - self._first]

    def first_entry_since(self, time: int) -> int:
        """The number of the first entry at or after a log time that is not after the last record's."""
        return self._entries[bisect_left(self._times, time)]

    def first_entry_of_last(self, busy_ms: int) -> int:
        """The number of the first entry that is at most so much busy time older than the last record."""
        return self._entries[bisect_left(self._busy, self.busy_ms - busy_ms)]

    def forget_before(self, number: int, busy_ms: int) -> None:
        """Drops what is before an entry, or older than so much busy time, now and then; the last such record stays."""
        dead = max(bisect_right(self._entries, number), bisect_left(self._busy, self.busy_ms - busy_ms)) - 1
        if worth_trimming(dead, len(self._times)):
            for column in self._columns:
                del column[:dead]
            self._first += dead

    @property
    def memory_bytes(self) -> int:
        """Memory of the columns."""
        return sum(len(column) * column.itemsize for column in self._columns)
