"""How alike entries are by their blocking keys: what weight they have in common, by columns."""

from __future__ import annotations

from array import array
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from worker.deduplicate.rule import FIRM, PAIRED_KEYS, WEIGHT_SHIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Keys = NDArray[np.uint32]
    """The rarest keys of each entry as a row (entries, PAIRED_KEYS), filled up with zeros."""


class KeptKeys:
    """The keys of the entries kept, and what they weigh together."""

    def __init__(self) -> None:
        self._keys = array("I")
        self._signs = array(
            "Q"
        )  # and what the keys weigh together, in the lower bits: one place in memory to look at

    def __len__(self) -> int:
        return len(self._signs)

    def extend(self, keys: Keys) -> None:
        """Adds the next entries' keys."""
        self._keys.frombytes(keys.tobytes())
        self._signs.frombytes((_signs(keys) | _weights(keys).sum(1).astype(np.uint64)).tobytes())

    def drop(self, dead: int) -> None:
        """Drops so many of the oldest entries."""
        del self._keys[: dead * PAIRED_KEYS]
        del self._signs[:dead]

    def alike(
        self, keys: Keys, rows: Numbers, entries: Numbers, least: Numbers, firmly: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], Numbers]:
        """Compares later entries with kept ones.

        Args:
            keys: the later entries'.
            rows: of each pair the place of the later entry in `keys` (n,),
            entries: and the place of the other among those kept.
            least: of each later entry how alike to it a pair has to be, in thousandths,
            firmly: and whether it has to share `FIRM` keys as well, or all but one of the side with fewer.

        Returns:
            Which pairs are that much alike, and how much each of these.
        """
        near, theirs_weigh = self._near(keys, rows, entries, least, firmly)
        rows, entries = rows[near], entries[near]
        theirs = np.frombuffer(self._keys, np.uint32).reshape(-1, PAIRED_KEYS)[entries].T.copy()
        ours = keys[rows].T.copy()
        weights = _weights(ours)
        common = np.zeros(len(rows), np.int32)
        shared = np.zeros(len(rows), np.int8)
        for key, weight in zip(ours, weights, strict=True):
            equal = theirs[0] == key
            for other in theirs[1:]:
                equal |= other == key
            equal &= weight > 0
            common += weight * equal
            shared += equal
        totals = weights.sum(0) + theirs_weigh
        fewer = np.minimum(np.count_nonzero(ours, 0), np.count_nonzero(theirs, 0))
        is_firm = shared >= np.clip(fewer - 1, 1, FIRM)
        enough = np.flatnonzero((2000 * common >= least[rows] * totals) & (is_firm | ~firmly[rows]))
        return near[enough], 2000 * common[enough] // np.maximum(1, totals[enough])

    def _near(
        self, keys: Keys, rows: Numbers, entries: Numbers, least: Numbers, firmly: NDArray[np.bool_]
    ) -> tuple[NDArray[np.intp], Numbers]:
        """Which pairs might be, by signs alone, and what the kept ones weigh; none that is, is missed.

        In a window of a million entries a headline meets some 80 others by chance, whose keys lie all over the memory.
        A pair shares no more keys than its signs share bits, and one for each two of the later entry's that have one
        bit; so many keys weigh no more than its heaviest. What the kept one weighs at most to be alike, as they share
        so many, is counted out once for each later entry. An entry has as many keys as its sign has bits, or more.
        """
        signs = _signs(keys)
        weights = np.sort(_weights(keys), axis=1)[:, ::-1]
        heaviest = np.zeros((len(keys), PAIRED_KEYS + 1), np.int64)
        np.cumsum(weights, axis=1, out=heaviest[:, 1:])
        counts = np.count_nonzero(keys, axis=1)
        hidden = counts - np.bitwise_count(signs)
        shared = np.minimum(hidden[:, None] + np.arange(PAIRED_KEYS + 1), PAIRED_KEYS)
        bound = np.take_along_axis(heaviest, shared, axis=1)
        most = 2000 * bound // np.maximum(1, least[:, None]) - heaviest[:, -1:]
        most[least <= 0] = _TOTAL

        kept = np.frombuffer(self._signs, np.uint64).take(entries)
        bits = np.bitwise_count(kept & signs.take(rows))
        theirs_weigh = (kept & np.uint64(_TOTAL)).astype(np.int64)
        near = np.flatnonzero(theirs_weigh <= most.ravel().take(rows * (PAIRED_KEYS + 1) + bits))

        strict = firmly & (counts > FIRM)
        firm = (bits[near] + hidden[rows[near]] >= FIRM) | ~strict[rows[near]]
        firm |= np.bitwise_count(kept[near] >> np.uint64(_TOTAL_BITS)) <= FIRM
        near = near[firm]
        return near, theirs_weigh[near]

    @property
    def memory_bytes(self) -> int:
        """Memory of the columns."""
        columns = (self._keys, self._signs)
        return sum(len(column) * column.itemsize for column in columns)


def padded(keys: Sequence[Sequence[int]]) -> tuple[Keys, Numbers]:
    """The rarest keys of each entry as a row, filled up with zeros, and their number."""
    rarest = [entry[:PAIRED_KEYS] for entry in keys]
    counts = np.fromiter(map(len, rarest), np.int64, len(rarest))
    rows = np.zeros((len(rarest), PAIRED_KEYS), np.uint32)
    rows[np.arange(PAIRED_KEYS) < counts[:, None]] = np.fromiter(chain.from_iterable(rarest), np.uint32)
    return rows, counts


def _weights(keys: Keys) -> NDArray[np.int32]:
    """The weight of each key; what only fills up weighs nothing."""
    weights: NDArray[np.int32] = (keys >> np.uint32(WEIGHT_SHIFT)).astype(np.int32) + (keys != 0)
    return weights


def _signs(keys: Keys) -> NDArray[np.uint64]:
    """A bit for each key of an entry, all in one number, whose lower bits are free."""
    places = (keys * _MIX >> _UPPER) * _BITS >> _UPPER
    bits = np.uint64(1 << _TOTAL_BITS) << places
    signs: NDArray[np.uint64] = np.bitwise_or.reduce(np.where(keys != 0, bits, np.uint64(0)), axis=1)
    return signs


_TOTAL_BITS = 10
_TOTAL = (1 << _TOTAL_BITS) - 1
"""More than all keys of an entry weigh together."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
_UPPER = np.uint64(32)
_BITS = np.uint64(64 - _TOTAL_BITS)
