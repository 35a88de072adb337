"""The partition of a key, as Kafka's own clients choose it, for many keys at once.

Java's default partitioner is `toPositive(murmur2(key)) % partitions`; whoever sends an event again with
another client meets the same partition. Written out in Python murmur2 costs 10 us a key, by columns in numpy
0.1 us.
Source: org.apache.kafka.common.utils.Utils.murmur2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_SEED: Final = 0x9747B28C
_M: Final = np.uint32(0x5BD1E995)
_POSITIVE: Final = np.uint32(0x7FFFFFFF)


def partitions_of(keys: Sequence[bytes], count: int) -> list[int]:
    """The partition, below `count`, of each key, in the order of the keys."""
    lengths = np.fromiter(map(len, keys), dtype=np.int64, count=len(keys))
    chosen = np.empty(len(keys), dtype=np.uint32)
    for length in np.unique(lengths).tolist():
        (places,) = np.nonzero(lengths == length)
        joined = (
            b"".join(keys) if len(places) == len(keys) else b"".join(keys[place] for place in places.tolist())
        )
        chosen[places] = murmur2(np.frombuffer(joined, dtype=np.uint8).reshape(len(places), length))
    partitions: list[int] = ((chosen & _POSITIVE) % np.uint32(count)).tolist()
    return partitions


def murmur2(keys: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Hash keys of one length: bytes of shape (keys, length) to hashes of shape (keys,)."""
    count, length = keys.shape
    hashes: NDArray[Any] = np.full(count, _SEED ^ length, dtype=np.uint32)
    whole = length & ~3
    for word in np.ascontiguousarray(keys[:, :whole]).view("<u4").astype(np.uint32).T:
        mixed = word * _M
        mixed ^= mixed >> 24
        hashes = hashes * _M ^ mixed * _M
    if length > whole:
        for place in range(length - 1, whole - 1, -1):
            hashes ^= keys[:, place].astype(np.uint32) << np.uint32(8 * (place - whole))
        hashes *= _M
    hashes ^= hashes >> 13
    hashes *= _M
    hashes ^= hashes >> 15
    return hashes
