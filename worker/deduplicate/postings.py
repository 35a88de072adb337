"""Which entries have a blocking key: of each key, the newest few.

The lists are chains through the entries themselves, newest first, as in a Lempel-Ziv matcher: each key of an
entry is a *node*, and a node knows how far back the last node of its key is. So adding is cheap, nothing is
ever moved or deleted, and a whole batch is linked, and walked, by columns.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from worker.deduplicate.rule import FEW_KEYS, MOST_KEYS, NEWEST_PER_KEY
from worker.deduplicate.trim import worth_trimming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

_NONE = -1
_SWEPT_PER_NEW_KEY = 4
_SWEPT_PER_CALL = 8
_KEY_BYTES = 130  # a dict's entry with its slack and its index, the key, the node
_ENTRY_BITS = 40  # of a row and an entry packed into one number
_ENTRY = (1 << _ENTRY_BITS) - 1
_BUCKET_BITS = 8
_BUCKET = (1 << _BUCKET_BITS) - 1


class Sharing(Struct, frozen=True):
    """Pairs of an entry and an earlier one that share enough keys, by column, grouped by the later one.

    `rows` counts the later entries within their batch, `entries` are the earlier ones' numbers, `keys` says
    how many keys each pair shares.
    """

    rows: list[int]
    entries: list[int]
    keys: list[int]


class Postings:
    """Posting lists by key.

    The last node of each key stands in a dict, from which keys whose last node left the window are swept bit
    by bit.
    """

    def __init__(self) -> None:
        self._last: dict[int, int] = {}
        self._unswept: list[int] = []
        self._new_keys = 0
        self._first = 0  # the number of the first entry kept
        self._back = array("I")  # by node: distance to the last node of its key, 0 for none
        self._counts = bytearray()  # by entry: number of its keys

    def extend(self, keys: Sequence[Sequence[int]], listed: Sequence[bool], oldest: Sequence[int]) -> Sharing:
        """Adds the next entries.

        Args:
            keys: of each entry, at most `MOST_KEYS`, without repetition.
            listed: whether later entries find it; the others only look.
            oldest: the number of the oldest entry that each looks back to.

        Returns:
            The pairs that share two keys, or one where either side has at most `FEW_KEYS`.
        """
        first = self._first + len(self._counts)
        counts = self._grow(keys)
        rows = np.repeat(np.arange(len(keys)), counts)
        starts = np.cumsum(counts) - counts
        nodes = (first + rows) * MOST_KEYS + (np.arange(len(rows)) - starts[rows])
        flat = np.array([key for entry in keys for key in entry], np.int64)
        before = self._link(flat, nodes, np.array(listed, np.bool_)[rows])
        return self._walk(rows, before, np.array(oldest, np.int64), counts)

    def forget_before(self, number: int) -> None:
        """Drops the entries before a number, now and then, and sweeps some keys: a few for every new one."""
        dead = number - self._first
        if worth_trimming(dead, len(self._counts)):
            del self._back[: dead * MOST_KEYS]
            del self._counts[:dead]
            self._first = number
        self._sweep(number * MOST_KEYS)

    @property
    def memory_bytes(self) -> int:
        """Memory of the chains and the keys, estimated."""
        return len(self._back) * self._back.itemsize + len(self._counts) + len(self._last) * _KEY_BYTES

    def _grow(self, keys: Sequence[Sequence[int]]) -> Numbers:
        """Makes room for entries and notes how many keys each has."""
        counts = np.fromiter(map(len, keys), np.int64, len(keys))
        self._counts += counts.astype(np.uint8).tobytes()
        self._back.frombytes(bytes(len(keys) * MOST_KEYS * self._back.itemsize))
        return counts

    def _link(self, keys: Numbers, nodes: Numbers, listed: NDArray[np.bool_]) -> Numbers:
        """Links nodes into the chains of their keys; returns the listed node before each, or _NONE."""
        if not len(keys):
            return keys
        order = np.argsort(keys, kind="stable")
        keys, nodes, listed = keys[order], nodes[order], listed[order]
        begins = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1])))
        group = np.repeat(np.arange(len(begins)), np.diff(begins, append=len(keys)))
        names = keys[begins].tolist()
        last = np.array([self._last.get(key, _NONE) for key in names], np.int64)

        # The last listed node up to each place; a place before the group's begin means the chain so far.
        latest = np.maximum.accumulate(np.where(listed, np.arange(len(keys)), _NONE))
        earlier = np.concatenate(([_NONE], latest[:-1]))
        before = np.where(earlier >= begins[group], nodes[earlier], last[group])

        ends = latest[np.append(begins[1:], len(keys)) - 1]
        moved = np.flatnonzero(ends >= begins)
        known = len(self._last)
        self._last.update(zip([names[i] for i in moved.tolist()], nodes[ends[moved]].tolist(), strict=True))
        self._new_keys += len(self._last) - known

        before[before < self._first * MOST_KEYS] = _NONE
        back = np.frombuffer(self._back, np.uint32)
        back[nodes - self._first * MOST_KEYS] = np.where(before == _NONE, 0, nodes - before)
        unsorted = np.empty_like(before)
        unsorted[order] = before
        return unsorted

    def _walk(self, rows: Numbers, nodes: Numbers, oldest: Numbers, counts: Numbers) -> Sharing:
        """Follows the chains from the given nodes on and counts where they meet."""
        base = self._first * MOST_KEYS
        floor = oldest[rows] * MOST_KEYS
        back = np.frombuffer(self._back, np.uint32)
        met = []
        for _ in range(NEWEST_PER_KEY):
            live = np.flatnonzero((nodes >= floor) & (nodes >= 0))
            if not len(live):
                break
            rows, nodes, floor = rows[live], nodes[live], floor[live]
            met.append((rows << _ENTRY_BITS) + nodes // MOST_KEYS)
            distance = back[nodes - base]
            nodes = np.where(distance == 0, _NONE, nodes - distance)
        if not met:
            return Sharing([], [], [])
        return self._counted(np.concatenate(met), counts)

    def _counted(self, met: Numbers, counts: Numbers) -> Sharing:
        """How often each pair of a row and an entry occurs, of those that share enough keys."""
        # Sorting is dear: first leave out those that are alone in their bucket.
        buckets = ((met >> _ENTRY_BITS) << _BUCKET_BITS) + (met & _BUCKET)
        crowded = np.bincount(buckets)[buckets] > 1
        pairs, shared = np.unique(met[crowded | self._few(met, counts)], return_counts=True)
        enough = (shared > 1) | self._few(pairs, counts)
        pairs = pairs[enough]
        return Sharing((pairs >> _ENTRY_BITS).tolist(), (pairs & _ENTRY).tolist(), shared[enough].tolist())

    def _few(self, pairs: Numbers, counts: Numbers) -> NDArray[np.bool_]:
        """Whether one of a pair has so few keys that one shared key is enough."""
        earlier = np.frombuffer(self._counts, np.uint8)[(pairs & _ENTRY) - self._first]
        few: NDArray[np.bool_] = np.minimum(earlier, counts[pairs >> _ENTRY_BITS]) <= FEW_KEYS
        return few

    def _sweep(self, oldest: int) -> None:
        last = self._last
        if not self._unswept:
            self._unswept = list(last)
        most = _SWEPT_PER_CALL + self._new_keys * _SWEPT_PER_NEW_KEY
        for key in self._unswept[-most:]:
            if last[key] < oldest:
                del last[key]
        del self._unswept[-most:]
        self._new_keys = 0
