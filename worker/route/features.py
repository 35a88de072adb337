"""What the topic model sees of a headline: its words, pairs of neighbouring words, the letters of a word.

Training and routing share these functions, so that a weight means the same to both. All of them are exact:
hashes are CRC-32 and integer arithmetic, never Python's `hash()`.
"""

from __future__ import annotations

import re
import zlib
from math import isqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EDGE: Final = "\n"
"""Stands before the first and after the last word, so that "begins with" and "ends with" are pairs too."""

GRAM_BUCKETS: Final = 1 << 15
PAIR_SLOTS: Final = 1 << 19
GRAM_SHARE_BITS: Final = 16

_SHORTEST, _LONGEST = 3, 5
_MAX_LETTERS: Final = 40
_GRAM_WEIGHT: Final = 2
_DIGIT: Final = re.compile(r"\d")


def shape(token: str) -> str:
    """The token as the model knows it: its digits are all 0, for 41 dead and 43 dead are the same topic."""
    return _DIGIT.sub("0", token)


def gram_buckets(word: str) -> list[int]:
    """The distinct buckets (0 to GRAM_BUCKETS - 1) of the word's runs of 3 to 5 letters, its edges marked.

    A word longer than 40 letters counts by its first 40. As in fastText, https://arxiv.org/abs/1607.04606.
    """
    marked = f"<{word[:_MAX_LETTERS]}>"
    found = {
        zlib.crc32(marked[start : start + size].encode("utf-8", "replace")) % GRAM_BUCKETS
        for size in range(_SHORTEST, _LONGEST + 1)
        for start in range(len(marked) - size + 1)
    }
    return sorted(found)


def gram_share(count: int) -> int:
    """What each of a word's `count` buckets counts for: 2 / sqrt(count), in units of 2 ** -GRAM_SHARE_BITS.

    The root keeps the letters of a long word from outvoting the rest of the headline.
    """
    return isqrt((_GRAM_WEIGHT**2 << 2 * GRAM_SHARE_BITS) // count)


def pair_slots(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """The slot (0 to PAIR_SLOTS - 1) of each pair of word rows, by multiplicative hashing (TAOCP 6.4)."""
    mixed = (first * 0x9E3779B1 + second * 0x85EBCA77) & 0xFFFFFFFF
    mixed = (mixed ^ (mixed >> 15)) * 0x2C1B3C6D & 0xFFFFFFFF
    return (mixed ^ (mixed >> 13)) & (PAIR_SLOTS - 1)
