"""Which entries have a blocking key: of each key, the newest few forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.deduplicate.rule import FEW_KEYS, NEWEST_PER_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORT = 1 << 32  # added to a key: the list of those entries that have few keys
_SWEPT_PER_NEW_KEY = 4
_SWEPT_PER_CALL = 8
_KEY_BYTES = 24 * 3 // 2 + 4 * 2 + 32  # a dict's entry with its slack and index, and the key
_NUMBER_BYTES = 32
_TUPLE_BYTES = 40


class Postings:
    """Posting lists by key, newest last; a bare number where there is only one.

    An entry takes the place of the last entry with its form, so that a list holds distinct forms and a
    headline that is repeated a thousand times does not push the others out.

    Lists live in two generations. A list that is added to moves to the young one; the old one is swept bit by
    bit: a list whose newest entry left the window is dropped, the others move. When the old generation is
    empty, the young one takes its place. Tuples rather than lists, since the garbage collector does not walk
    through tuples of numbers again and again.
    """

    def __init__(self) -> None:
        self._young: dict[int, int | tuple[int, ...]] = {}
        self._old: dict[int, int | tuple[int, ...]] = {}
        self._new_keys = 0

    def candidates(self, keys: Sequence[int], oldest: int) -> list[int]:
        """The entries that share enough keys, by number of shared keys (most first), then newest first.

        Enough are two; one where either side has at most `FEW_KEYS`.

        Args:
            keys: of the entry to judge, without repetition.
            oldest: entries before this number do not count.
        """
        shared = self._sharing_one(keys) if len(keys) <= FEW_KEYS else self._sharing_two(keys)
        if not shared:
            return []
        found = [number for number in shared if number >= oldest]
        found.sort(key=lambda number: (shared[number], number), reverse=True)
        return found

    def add(self, keys: Sequence[int], number: int, previous: int) -> None:
        """Adds an entry in the place of `previous`, the last entry of its form (or a negative number)."""
        if len(keys) <= FEW_KEYS:
            keys = (*keys, *[key + _SHORT for key in keys])
        young = self._young
        for key in keys:
            listed = young.get(key)
            if listed is None:
                listed = self._old.pop(key, None)
            if listed is None:
                young[key] = number
                self._new_keys += 1
            elif isinstance(listed, int):
                young[key] = number if listed == previous else (listed, number)
            else:
                if previous in listed:
                    listed = tuple([other for other in listed if other != previous])
                young[key] = (*listed[1 - NEWEST_PER_KEY :], number)

    def sweep(self, oldest: int) -> None:
        """Drops some of the lists whose entries are all before `oldest`: a few for every key that is new."""
        young, old = self._young, self._old
        for _ in range(_SWEPT_PER_CALL + self._new_keys * _SWEPT_PER_NEW_KEY):
            if not old:
                self._young, self._old = old, young
                break
            key, listed = old.popitem()
            if (listed if isinstance(listed, int) else listed[-1]) >= oldest:
                young[key] = listed
        self._new_keys = 0

    @property
    def memory_bytes(self) -> int:
        """Memory of the lists, estimated."""
        keys = len(self._young) + len(self._old)
        return keys * _KEY_BYTES

    def _sharing_one(self, keys: Sequence[int]) -> dict[int, int]:
        """How many keys each entry shares that shares any."""
        shared: dict[int, int] = {}
        for key in keys:
            for number in {*self._list(key), *self._list(key + _SHORT)}:
                shared[number] = shared.get(number, 0) + 1
        return shared

    def _sharing_two(self, keys: Sequence[int]) -> dict[int, int]:
        """How many keys each entry shares that shares two, or has few and shares one."""
        shared: dict[int, int] = {}
        few: dict[int, int] = {}
        seen: set[int] = set()
        for key in keys:
            listed = self._list(key)
            if not listed:
                continue
            for number in seen.intersection(listed):
                shared[number] = shared.get(number, 1) + 1
            seen.update(listed)
            for number in self._list(key + _SHORT):
                few[number] = few.get(number, 0) + 1
        shared.update(few)
        return shared

    def _list(self, key: int) -> Sequence[int]:
        listed = self._young.get(key)
        if listed is None:
            listed = self._old.get(key)
            if listed is None:
                return ()
        return (listed,) if isinstance(listed, int) else listed
