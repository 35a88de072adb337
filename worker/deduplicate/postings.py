"""Which entries have a blocking key: of each key, the newest few forms."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING

from worker.deduplicate.rule import FEW_KEYS, NEWEST_PER_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHORT = 1 << 32  # added to a key: the list of those entries that have few keys
_SWEPT_PER_KEY = 3
_KEY_BYTES = 150


class Postings:
    """Posting lists by key, newest last; a bare number where there is only one.

    An entry takes the place of the last entry with its form, so that a list holds distinct forms and a
    headline that is repeated a thousand times does not push the others out. Lists in which nothing was added
    for a while are moved out of an older generation bit by bit, or dropped if their newest entry left the
    window.
    """

    def __init__(self) -> None:
        self._young: dict[int, int | list[int]] = {}
        self._old: dict[int, int | list[int]] = {}

    def candidates(self, keys: Sequence[int], oldest: int) -> list[int]:
        """The entries that share enough keys, by number of shared keys (most first), then newest first.

        Enough are two; one where either side has at most `FEW_KEYS`.

        Args:
            keys: of the entry to judge, without repetition.
            oldest: entries before this number do not count.
        """
        shared = self._shared(keys)
        found = [number for number in shared if number >= oldest]
        found.sort(key=lambda number: (shared[number], number), reverse=True)
        return found

    def add(self, keys: Sequence[int], number: int, previous: int) -> None:
        """Adds an entry in the place of `previous`, the last entry of its form (or a negative number)."""
        for key in keys:
            self._add(key, number, previous)
        if len(keys) <= FEW_KEYS:
            for key in keys:
                self._add(key + _SHORT, number, previous)

    def sweep(self, oldest: int, added: int) -> None:
        """Drops some of the lists whose entries are all before `oldest`, as `added` entries pay for."""
        young, old = self._young, self._old
        for _ in range(added * _SWEPT_PER_KEY * 6):
            if not old:
                self._young, self._old = old, young
                return
            key, listed = old.popitem()
            if (listed if isinstance(listed, int) else listed[-1]) >= oldest:
                young[key] = listed

    @property
    def memory_bytes(self) -> int:
        """Memory of the lists, estimated."""
        return _KEY_BYTES * (len(self._young) + len(self._old))

    def _shared(self, keys: Sequence[int]) -> dict[int, int]:
        if len(keys) <= FEW_KEYS:
            return Counter(chain.from_iterable(self._list(key) for key in keys))
        common = Counter(chain.from_iterable(self._list(key) for key in keys))
        shared = {number: count for number, count in common.items() if count > 1}
        shared.update(Counter(chain.from_iterable(self._list(key + _SHORT) for key in keys)))
        return shared

    def _list(self, key: int) -> Sequence[int]:
        listed = self._young.get(key)
        if listed is None:
            listed = self._old.get(key)
        if listed is None:
            return ()
        return (listed,) if isinstance(listed, int) else listed

    def _add(self, key: int, number: int, previous: int) -> None:
        listed = self._young.get(key)
        if listed is None:
            listed = self._old.pop(key, None)
        if listed is None or listed == previous:
            self._young[key] = number
        elif isinstance(listed, int):
            self._young[key] = [listed, number]
        else:
            if previous in listed:
                listed.remove(previous)
            listed.append(number)
            if len(listed) > NEWEST_PER_KEY:
                del listed[0]
            self._young[key] = listed
