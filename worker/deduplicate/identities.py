"""Which entry stands for a source position: dense blocks of raw offsets, forgotten block by block."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from itertools import repeat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NONE = -1
BLOCK = 1024
"""Raw offsets in a block."""

_EMPTY = array("q", repeat(NONE, BLOCK + 1))


class Identities:
    """The newest entry of each raw position, by source partition.

    Blocks stand in the order in which they were last written, so that the oldest can be dropped from the
    front.
    """

    def __init__(self) -> None:
        self._blocks: OrderedDict[tuple[str, int, int], array[int]] = OrderedDict()

    def get(self, topic: str, partition: int, offsets: Sequence[int]) -> list[int]:
        """The numbers of the newest entries of positions, or NONE for each."""
        found = []
        at, block = NONE, _EMPTY
        for offset in offsets:
            if offset // BLOCK != at:
                at = offset // BLOCK
                block = self._blocks.get((topic, partition, at), _EMPTY)
            found.append(block[offset % BLOCK])
        return found

    def put(self, topic: str, partition: int, offsets: Sequence[int], number: int) -> None:
        """Lets entries stand for positions: the first has this number, and numbers only grow."""
        at, block = NONE, _EMPTY
        for offset in offsets:
            if offset // BLOCK != at:
                at = offset // BLOCK
                block = self._writable((topic, partition, at))
            block[offset % BLOCK] = block[BLOCK] = number
            number += 1

    def forget_before(self, number: int) -> None:
        """Drops the blocks in which all entries are before a number."""
        while self._blocks:
            key, block = next(iter(self._blocks.items()))
            if block[BLOCK] >= number:
                break
            del self._blocks[key]

    @property
    def memory_bytes(self) -> int:
        """Memory of the blocks."""
        return len(self._blocks) * (BLOCK + 1) * 8

    def _writable(self, key: tuple[str, int, int]) -> array[int]:
        block = self._blocks.get(key)
        if block is None:
            block = self._blocks[key] = array("q", _EMPTY)
        else:
            self._blocks.move_to_end(key)
        return block
