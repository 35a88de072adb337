"""Which entries share blocking keys: posting lists of pairs of keys.

One rare token names a person or a place and stands in hundreds of headlines; two of them name the news. So an
entry is listed under the pairs of its rarest keys, and its few nearest are found however many came between.
The lists are chains through the entries, newest first, as in a Lempel-Ziv matcher: each pair of an entry is a
*node*, and a node knows how far back the last node of its pair is. Adding is cheap, nothing is moved or
deleted, and many entries are linked, and walked, by columns.
"""

from __future__ import annotations

from array import array
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from worker.deduplicate.rule import NEWEST_LISTED, PAIRED_KEYS
from worker.deduplicate.trim import worth_trimming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

_NONE = -1

# The pairs of n keys come first among the pairs of n + 1.
_PAIRS = sorted(combinations(range(PAIRED_KEYS), 2), key=lambda pair: pair[::-1])
_ONE = np.array([one for one, _ in _PAIRS])
_OTHER = np.array([other for _, other in _PAIRS])
_NODES = len(_PAIRS)
_ALONE = _NODES - 2
"""Nodes from here on stand for single keys, in entries of so few keys that no pair needs them."""

# Lists to meet in, by the number of keys of the side with fewer. Three keys of five, or of four, are three pairs;
# two of three are one.
_ENOUGH = np.array([_NODES + 1, 1, 1, 1, 3, 3])

_SLOT_BITS = 22
_MIX = np.uint64(0x9E3779B97F4A7C15)
_REBASE = 1 << 31

_ENTRY_BITS = 40  # of a row and an entry packed into one number
_ENTRY = (1 << _ENTRY_BITS) - 1
_BUCKET_BITS = 8
_BUCKET = (1 << _BUCKET_BITS) - 1


class Sharing(Struct, frozen=True):
    """Pairs of an entry and an earlier one that share enough, by column, grouped by the later one.

    `rows` counts the later entries within their batch, `entries` are the earlier ones' numbers, `nodes` says
    in how many lists the two were found together.
    """

    rows: list[int]
    entries: list[int]
    nodes: list[int]


class Postings:
    """Posting lists by pair of keys, their newest nodes in a hash table of fixed size.

    Pairs that fall into one slot of the table share a list. The size is part of the rule: it is the same
    everywhere, so that all replicas find the same.

    Args:
        slot_bits: the table has 2 to the power of so many slots; a replica leaves it alone.
    """

    def __init__(self, slot_bits: int | None = None) -> None:
        self._slot_bits = _SLOT_BITS if slot_bits is None else slot_bits
        self._newest = np.zeros(
            1 << self._slot_bits, np.uint32
        )  # by slot: its newest node, counted from _base; 0 for none
        self._base = -1
        self._first = 0  # the number of the first entry kept
        self._back = array("I")  # by node: distance to the last node of its slot, 0 for none
        self._counts = bytearray()  # by entry: number of its keys, as far as they are paired

    def extend(self, keys: Sequence[Sequence[int]], listed: Sequence[bool], oldest: Sequence[int]) -> Sharing:
        """Adds the next entries.

        Args:
            keys: of each entry, unsigned 32-bit numbers, rarest first and without repetition.
            listed: whether later entries find it; the others only look.
            oldest: the number of the oldest entry that each looks back to.

        Returns:
            The pairs of an entry and an earlier one that share enough keys.
        """
        first = self._first + len(self._counts)
        padded, counts = _padded(keys)
        self._counts += counts.astype(np.uint8).tobytes()
        self._back.frombytes(bytes(len(keys) * _NODES * self._back.itemsize))
        slots, there = _slots(padded, counts, self._slot_bits)
        rows, columns = np.nonzero(there)
        nodes = (first + rows) * _NODES + columns
        before = self._link(slots[there], nodes, np.array(listed, np.bool_)[rows])
        return self._walk(rows, before, np.array(oldest, np.int64), counts)

    def look(self, keys: Sequence[Sequence[int]], oldest: Sequence[int]) -> Sharing:
        """What `extend` would return of entries that only look; nothing is added.

        Args:
            keys: of each entry, as for `extend`.
            oldest: the number of the oldest entry that each looks back to.
        """
        padded, counts = _padded(keys)
        slots, there = _slots(padded, counts, self._slot_bits)
        rows, _ = np.nonzero(there)
        last = self._last(slots[there])
        last[last < self._first * _NODES] = _NONE
        return self._walk(rows, last, np.array(oldest, np.int64), counts)

    def forget_before(self, number: int) -> None:
        """Drops the entries before a number, now and then."""
        dead = number - self._first
        if worth_trimming(dead, len(self._counts)):
            del self._back[: dead * _NODES]
            del self._counts[:dead]
            self._first = number
        ahead = self._first * _NODES - 1 - self._base
        if ahead >= _REBASE:
            self._newest = np.where(self._newest > ahead, self._newest - np.uint32(ahead), np.uint32(0))
            self._base += ahead

    @property
    def memory_bytes(self) -> int:
        """Memory of the chains and the table."""
        return len(self._back) * self._back.itemsize + len(self._counts) + self._newest.nbytes

    def _link(self, slots: Numbers, nodes: Numbers, listed: NDArray[np.bool_]) -> Numbers:
        """Links nodes into the chains of their slots; returns the listed node before each, or _NONE."""
        if not len(slots):
            return slots
        order = np.argsort(slots, kind="stable")
        slots, nodes, listed = slots[order], nodes[order], listed[order]
        begins = np.flatnonzero(np.concatenate(([True], slots[1:] != slots[:-1])))
        ends = np.concatenate((begins[1:], [len(slots)]))
        group = np.repeat(np.arange(len(begins)), ends - begins)
        last = self._last(slots[begins])

        # The last listed node up to each place; a place before the group's begin means the chain so far.
        latest = np.maximum.accumulate(np.where(listed, np.arange(len(slots)), _NONE))
        earlier = np.concatenate(([_NONE], latest[:-1]))
        before = np.where(earlier >= begins[group], nodes[earlier], last[group])
        listed_last = latest[ends - 1]
        moved = listed_last >= begins
        self._newest[slots[begins[moved]]] = nodes[listed_last[moved]] - self._base

        before[before < self._first * _NODES] = _NONE
        back = np.frombuffer(self._back, np.uint32)
        back[nodes - self._first * _NODES] = np.where(before == _NONE, 0, nodes - before)
        unsorted = np.empty_like(before)
        unsorted[order] = before
        return unsorted

    def _last(self, slots: Numbers) -> Numbers:
        """The newest node of each slot, or _NONE."""
        newest = self._newest[slots]
        last: Numbers = np.where(newest == 0, _NONE, newest.astype(np.int64) + self._base)
        return last

    def _walk(self, rows: Numbers, nodes: Numbers, oldest: Numbers, counts: Numbers) -> Sharing:
        """Follows the chains from the given nodes on and counts where they meet."""
        floor = oldest[rows] * _NODES
        back = np.frombuffer(self._back, np.uint32)
        met = []
        for _ in range(NEWEST_LISTED):
            live = np.flatnonzero((nodes >= floor) & (nodes >= 0))
            if not len(live):
                break
            rows, nodes, floor = rows[live], nodes[live], floor[live]
            met.append((rows << _ENTRY_BITS) + nodes // _NODES)
            distance = back[nodes - self._first * _NODES]
            nodes = np.where(distance == 0, _NONE, nodes - distance)
        if not met:
            return Sharing([], [], [])
        return self._counted(np.concatenate(met), counts)

    def _counted(self, met: Numbers, counts: Numbers) -> Sharing:
        """How often each pair of a row and an entry occurs, of those that share enough."""
        # Sorting is dear: first leave out those whose bucket holds too few.
        buckets = ((met >> _ENTRY_BITS) << _BUCKET_BITS) + (met & _BUCKET)
        met = met[np.bincount(buckets)[buckets] >= self._enough(met, counts)]
        pairs, shared = np.unique(met, return_counts=True)
        enough = shared >= self._enough(pairs, counts)
        pairs = pairs[enough]
        return Sharing((pairs >> _ENTRY_BITS).tolist(), (pairs & _ENTRY).tolist(), shared[enough].tolist())

    def _enough(self, pairs: Numbers, counts: Numbers) -> Numbers:
        """How many nodes each pair of a row and an entry has to share."""
        earlier = np.frombuffer(self._counts, np.uint8)[(pairs & _ENTRY) - self._first]
        enough: Numbers = _ENOUGH[np.minimum(earlier, counts[pairs >> _ENTRY_BITS])]
        return enough


def _padded(keys: Sequence[Sequence[int]]) -> tuple[NDArray[np.uint64], Numbers]:
    """The rarest keys of each entry as a row, filled up with zeros, and their number."""
    rarest = [entry[:PAIRED_KEYS] for entry in keys]
    counts = np.fromiter(map(len, rarest), np.int64, len(rarest))
    padded = np.zeros((len(rarest), PAIRED_KEYS), np.uint64)
    padded[np.arange(PAIRED_KEYS) < counts[:, None]] = [key for entry in rarest for key in entry]
    return padded, counts


def _slots(padded: NDArray[np.uint64], counts: Numbers, bits: int) -> tuple[Numbers, NDArray[np.bool_]]:
    """The slot of each node, and which nodes there are; both entries x nodes.

    A pair's slot is the same in either order. Entries of one or two keys have nodes for single keys as well.
    """
    mixed = padded * _MIX
    mixed ^= mixed >> np.uint64(32)
    nodes = mixed[:, _ONE] + mixed[:, _OTHER]
    there = counts[:, None] > _OTHER
    few = counts <= 2
    nodes[few, _ALONE:] = mixed[few, :2]
    there[few, _ALONE:] = np.arange(2) < counts[few, None]
    nodes *= _MIX
    return (nodes >> np.uint64(64 - bits)).astype(np.int64), there
