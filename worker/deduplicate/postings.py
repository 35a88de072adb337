"""Which entries have a blocking key: of each key, the newest few forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.deduplicate.rule import FEW_KEYS, NEWEST_PER_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_FEW = 1 << 32  # added to a key: the list of those of its entries that have few keys
_SWEPT_PER_NEW_KEY = 4
_SWEPT_PER_CALL = 8
_KEY_BYTES = 90  # a dict's entry with its slack and its index, and the key
_NUMBER_BYTES = 32  # an entry's number, which its lists share
_LIST_BYTES = 40 + 8 * NEWEST_PER_KEY


class Postings:
    """Posting lists by key, newest last; a bare number where there is only one.

    An entry takes the place of the last entry with its form, so that a list holds distinct forms and a
    headline that is repeated a thousand times does not push the others out.

    Lists live in two generations. A list that is added to moves to the young one; the old one is swept bit by
    bit: a list whose newest entry left the window is dropped, the others move. When the old generation is
    empty, the young one takes its place. Lists are tuples, since the garbage collector does not walk through
    tuples of numbers again and again.
    """

    def __init__(self) -> None:
        self._young: dict[int, int | tuple[int, ...]] = {}
        self._old: dict[int, int | tuple[int, ...]] = {}
        self._few: set[int] = set()  # keys that have a list of entries with few keys
        self._new_keys = 0

    def add(self, keys: Sequence[int], number: int) -> dict[int, int]:
        """Adds an entry of a new form.

        Returns:
            How many keys each earlier entry shares with it, of those that share enough: two, or one where
            either side has at most `FEW_KEYS`.
        """
        if len(keys) <= FEW_KEYS:
            return self._add_few(keys, number)
        young, old, few = self._young, self._old, self._few
        seen: set[int] = set()
        shared: dict[int, int] = {}
        sharing_few: dict[int, int] = {}
        for key in keys:
            listed = young.get(key)
            if listed is None:
                listed = old.pop(key, None)
                if listed is None:
                    young[key] = number
                    self._new_keys += 1
                    continue
            if isinstance(listed, int):
                listed = (listed,)
            for other in seen.intersection(listed):
                shared[other] = shared.get(other, 1) + 1
            seen.update(listed)
            young[key] = (*listed[1 - NEWEST_PER_KEY :], number)
            if key in few:
                _count(self._list(key + _FEW), sharing_few)
        if sharing_few:
            shared.update(sharing_few)
        return shared

    def replace(self, keys: Sequence[int], number: int, previous: int) -> None:
        """Adds an entry in the place of `previous`, the last entry of its form."""
        for key in keys if len(keys) > FEW_KEYS else self._with_few(keys):
            others = [other for other in self._list(key) if other != previous]
            self._put(key, (*others[1 - NEWEST_PER_KEY :], number))

    def sharing(self, keys: Sequence[int]) -> dict[int, int]:
        """What `add` returns, without adding anything."""
        few = len(keys) <= FEW_KEYS
        shared: dict[int, int] = {}
        sharing_few: dict[int, int] = {}
        for key in keys:
            with_few_keys = self._list(key + _FEW) if key in self._few else ()
            _count({*self._list(key), *with_few_keys} if few else self._list(key), shared)
            _count(with_few_keys, sharing_few)
        if few:
            return shared
        return {other: count for other, count in shared.items() if count > 1} | sharing_few

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
            elif key >= _FEW:
                self._few.discard(key - _FEW)
        self._new_keys = 0

    @property
    def memory_bytes(self) -> int:
        """Memory of the lists, estimated."""
        return (len(self._young) + len(self._old)) * (_KEY_BYTES + _NUMBER_BYTES + _LIST_BYTES // 4)

    def _add_few(self, keys: Sequence[int], number: int) -> dict[int, int]:
        shared = self.sharing(keys)
        for key in self._with_few(keys):
            self._put(key, (*self._list(key)[1 - NEWEST_PER_KEY :], number))
        return shared

    def _with_few(self, keys: Sequence[int]) -> list[int]:
        self._few.update(keys)
        return [*keys, *[key + _FEW for key in keys]]

    def _list(self, key: int) -> tuple[int, ...]:
        listed = self._young.get(key)
        if listed is None:
            listed = self._old.get(key)
            if listed is None:
                return ()
        return (listed,) if isinstance(listed, int) else listed

    def _put(self, key: int, listed: tuple[int, ...]) -> None:
        if key not in self._young and self._old.pop(key, None) is None:
            self._new_keys += 1
        self._young[key] = listed if len(listed) > 1 else listed[0]


def _count(numbers: Iterable[int], into: dict[int, int]) -> None:
    for number in numbers:
        into[number] = into.get(number, 0) + 1
