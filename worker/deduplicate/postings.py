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

from worker.deduplicate.alike import KeptKeys, padded
from worker.deduplicate.rule import NEWEST_LISTED, PAIRED_KEYS
from worker.deduplicate.trim import worth_trimming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from worker.deduplicate.alike import Keys, Numbers

_NONE = -1

# The pairs of n keys come first among the pairs of n + 1.
_PAIRS = sorted(combinations(range(PAIRED_KEYS), 2), key=lambda pair: pair[::-1])
_ONE = np.array([one for one, _ in _PAIRS])
_OTHER = np.array([other for _, other in _PAIRS])
_NODES = len(_PAIRS)
_ALONE = _NODES - 2
"""Nodes from here on stand for single keys, in entries of so few keys that no pair needs them."""

_SLOT_BITS = 22
_MIX = np.uint64(0x9E3779B97F4A7C15)
_REBASE = 1 << 31

_ENTRY_BITS = 40  # of a row and an entry packed into one number
_ENTRY = (1 << _ENTRY_BITS) - 1
_PLACE_BITS = 32  # of a slot and a place packed into one number
_PLACE = (1 << _PLACE_BITS) - 1


class Sharing(Struct, frozen=True):
    """Pairs of an entry and an earlier one that are alike enough, by column, grouped by the later one.

    `rows` counts the later entries within their batch, `entries` are the earlier ones' numbers, `alike` says
    how much of the weight of their keys the two have in common, in thousandths.
    """

    rows: list[int]
    entries: list[int]
    alike: list[int]


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
        self._kept = KeptKeys()

    def extend(
        self,
        keys: Sequence[Sequence[int]],
        listed: Sequence[bool],
        oldest: Sequence[int],
        least: Sequence[int],
        firmly: Sequence[bool],
    ) -> Sharing:
        """Adds the next entries.

        Args:
            keys: of each entry, unsigned 32-bit numbers, rarest first and without repetition.
            listed: whether later entries find it; the others only look.
            oldest: the number of the oldest entry that each looks back to.
            least: how alike an earlier one has to be, in thousandths,
            firmly: and whether it has to share `FIRM` keys, or all but one of the side with fewer.

        Returns:
            The pairs of an entry and an earlier one that meet in a list and are as much alike.
        """
        first = self._first + len(self._kept)
        rarest, counts = padded(keys)
        self._kept.extend(rarest)
        self._back.frombytes(bytes(len(keys) * _NODES * self._back.itemsize))
        slots, there = _slots(rarest, counts, self._slot_bits)
        rows, columns = np.nonzero(there)
        nodes = (first + rows) * _NODES + columns
        before = self._link(slots[there], nodes, np.array(listed, np.bool_)[rows])
        return self._alike(rarest, rows, before, oldest, (least, firmly))

    def look(self, keys: Sequence[Sequence[int]], oldest: Sequence[int], least: Sequence[int]) -> Sharing:
        """What `extend` would return of entries that only look; nothing is added.

        Args:
            keys: of each entry, as for `extend`.
            oldest: the number of the oldest entry that each looks back to.
            least: how alike an earlier one has to be, in thousandths.
        """
        rarest, counts = padded(keys)
        slots, there = _slots(rarest, counts, self._slot_bits)
        rows, _ = np.nonzero(there)
        last = self._last(slots[there])
        last[last < self._first * _NODES] = _NONE
        return self._alike(rarest, rows, last, oldest, (least, [False] * len(least)))

    def forget_before(self, number: int) -> None:
        """Drops the entries before a number, now and then."""
        dead = number - self._first
        if worth_trimming(dead, len(self._kept)):
            del self._back[: dead * _NODES]
            self._kept.drop(dead)
            self._first = number
        ahead = self._first * _NODES - 1 - self._base
        if ahead >= _REBASE:
            self._newest = np.where(self._newest > ahead, self._newest - np.uint32(ahead), np.uint32(0))
            self._base += ahead

    @property
    def memory_bytes(self) -> int:
        """Memory of the chains, the keys and the table."""
        return len(self._back) * self._back.itemsize + self._kept.memory_bytes + self._newest.nbytes

    def _link(self, slots: Numbers, nodes: Numbers, listed: NDArray[np.bool_]) -> Numbers:
        """Links nodes into the chains of their slots; returns the listed node before each, or _NONE."""
        if not len(slots):
            return slots
        # Sorting the numbers themselves is several times faster than sorting their places.
        order = np.sort((slots << _PLACE_BITS) + np.arange(len(slots))) & _PLACE
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

    def _alike(
        self,
        keys: Keys,
        rows: Numbers,
        nodes: Numbers,
        oldest: Sequence[int],
        asked: tuple[Sequence[int], Sequence[bool]],
    ) -> Sharing:
        """Follows the chains from the given nodes on, and keeps the pairs that are as alike as is asked."""
        met_rows, met = self._walk(rows, nodes, np.array(oldest, np.int64))
        least, firmly = np.array(asked[0], np.int64), np.array(asked[1], np.bool_)
        enough, alike = self._kept.alike(keys, met_rows, met - self._first, least, firmly)
        # The same pair may have met in several lists.
        pairs, places = np.unique((met_rows[enough] << _ENTRY_BITS) + met[enough], return_index=True)
        return Sharing(
            (pairs >> _ENTRY_BITS).tolist(),
            (pairs & _ENTRY).tolist(),
            alike[places].tolist(),
        )

    def _walk(self, rows: Numbers, nodes: Numbers, oldest: Numbers) -> tuple[Numbers, Numbers]:
        """Follows the chains from the given nodes on; the rows and the entries that meet, pair by pair."""
        floor = np.maximum(0, oldest[rows] * _NODES)
        back = np.frombuffer(self._back, np.uint32)
        rows_met, met = [rows[:0]], [nodes[:0]]
        for _ in range(NEWEST_LISTED):
            live = np.flatnonzero(nodes >= floor)
            if not len(live):
                break
            rows, nodes, floor = rows[live], nodes[live], floor[live]
            rows_met.append(rows)
            met.append(nodes // _NODES)
            distance = back[nodes - self._first * _NODES]
            nodes = np.where(distance == 0, _NONE, nodes - distance)
        return np.concatenate(rows_met), np.concatenate(met)


def _slots(keys: Keys, counts: Numbers, bits: int) -> tuple[Numbers, NDArray[np.bool_]]:
    """The slot of each node, and which nodes there are; both entries x nodes.

    A pair's slot is the same in either order. Entries of one or two keys have nodes for single keys as well.
    """
    mixed = keys * _MIX
    mixed ^= mixed >> np.uint64(32)
    nodes = mixed[:, _ONE] + mixed[:, _OTHER]
    there = counts[:, None] > _OTHER
    few = counts <= 2
    nodes[few, _ALONE:] = mixed[few, :2]
    there[few, _ALONE:] = np.arange(2) < counts[few, None]
    nodes *= _MIX
    return (nodes >> np.uint64(64 - bits)).astype(np.int64), there
