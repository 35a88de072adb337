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
        self._totals = array("H")
        self._signs = array("Q")

    def __len__(self) -> int:
        return len(self._totals)

    def extend(self, keys: Keys) -> None:
        """Adds the next entries' keys."""
        self._keys.frombytes(keys.tobytes())
        self._totals.frombytes(_weights(keys).sum(1).astype(np.uint16).tobytes())
        self._signs.frombytes(_signs(keys).tobytes())

    def drop(self, dead: int) -> None:
        """Drops so many of the oldest entries."""
        del self._keys[: dead * PAIRED_KEYS]
        del self._totals[:dead], self._signs[:dead]

    def alike(
        self, keys: Keys, rows: Numbers, entries: Numbers, least: Numbers
    ) -> tuple[NDArray[np.intp], Numbers, NDArray[np.bool_]]:
        """Compares later entries with kept ones.

        Args:
            keys: the later entries'.
            rows: of each pair the place of the later entry in `keys` (n,),
            entries: and the place of the other among those kept.
            least: of each later entry how alike to it a pair has to be, in thousandths.

        Returns:
            Which pairs are that much alike, how much each of these, and whether it shares `FIRM` keys, or all but one
            of the side with fewer.
        """
        near = self._near(keys, rows, entries, least)
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
        totals = weights.sum(0) + np.frombuffer(self._totals, np.uint16)[entries]
        enough = np.flatnonzero(2000 * common >= least[rows] * totals)
        fewer = np.minimum(np.count_nonzero(ours[:, enough], 0), np.count_nonzero(theirs[:, enough], 0))
        firm = shared[enough] >= np.clip(fewer - 1, 1, FIRM)
        return near[enough], 2000 * common[enough] // np.maximum(1, totals[enough]), firm

    def _near(self, keys: Keys, rows: Numbers, entries: Numbers, least: Numbers) -> NDArray[np.intp]:
        """Which pairs might be that much alike, by signs alone; none that is, is missed.

        In a window of a million entries a headline meets some 80 others by chance, whose keys lie all over the memory.
        A pair shares no more keys than its signs share bits, and one for each two of the later entry's that have one
        bit; so many keys weigh no more than its heaviest.
        """
        weights = np.sort(_weights(keys), axis=1)[:, ::-1]
        heaviest = np.zeros((len(keys), PAIRED_KEYS + 1), np.int32)
        np.cumsum(weights, axis=1, out=heaviest[:, 1:])
        signs = _signs(keys)
        hidden = np.count_nonzero(keys, axis=1) - np.bitwise_count(signs)
        shared = np.bitwise_count(np.frombuffer(self._signs, np.uint64).take(entries) & signs.take(rows))
        shared = np.minimum(shared + hidden.take(rows), PAIRED_KEYS)
        bound = heaviest.ravel().take(rows * (PAIRED_KEYS + 1) + shared)
        totals = heaviest[:, -1].take(rows) + np.frombuffer(self._totals, np.uint16).take(entries)
        return np.flatnonzero(2000 * bound >= least.take(rows) * totals)

    @property
    def memory_bytes(self) -> int:
        """Memory of the columns."""
        columns = (self._keys, self._totals, self._signs)
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
    """A bit of 64 for each key of an entry, all in one number."""
    bits = np.uint64(1) << (keys * _MIX >> _TO_64)
    signs: NDArray[np.uint64] = np.bitwise_or.reduce(np.where(keys != 0, bits, np.uint64(0)), axis=1)
    return signs


_MIX = np.uint64(0x9E3779B97F4A7C15)
_TO_64 = np.uint64(58)
