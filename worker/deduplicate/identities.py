"""Which entry stands for a source position: dense blocks of raw offsets, forgotten block by block."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from itertools import repeat

NONE = -1
BLOCK = 1024
"""Raw offsets in a block."""


class Identities:
    """The newest entry of each raw position, by source partition.

    Blocks stand in the order in which they were last written, so that the oldest can be dropped from the
    front.
    """

    def __init__(self) -> None:
        self._blocks: OrderedDict[tuple[str, int, int], array[int]] = OrderedDict()

    def get(self, topic: str, partition: int, offset: int) -> int:
        """The number of the newest entry of a position, or NONE."""
        block = self._blocks.get((topic, partition, offset // BLOCK))
        return NONE if block is None else block[offset % BLOCK]

    def put(self, topic: str, partition: int, offset: int, number: int) -> None:
        """Lets an entry stand for a position; numbers only grow."""
        key = (topic, partition, offset // BLOCK)
        block = self._blocks.get(key)
        if block is None:
            block = self._blocks[key] = array("q", repeat(NONE, BLOCK + 1))
        else:
            self._blocks.move_to_end(key)
        block[offset % BLOCK] = block[BLOCK] = number

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
