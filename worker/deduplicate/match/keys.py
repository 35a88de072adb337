"""Blocking keys: under which few words a headline is filed, so that the index finds what it may repeat."""

from __future__ import annotations

import re
from typing import Final
from zlib import crc32

from worker.deduplicate.match.tokens import CACHED, token
from worker.normalize.match import ELLIPSIS

MOST: Final = 6
"""Keys of a headline at most. README.md says what fewer cost in recall, and more in candidates."""

TOO_COMMON: Final = 20
"""Words that are less rare than this, in quarter bits, become keys only where there is nothing else."""


def keys(match: str) -> tuple[int, ...]:
    """Up to `MOST` unsigned 32-bit hashes of a match form's rarest words, rarest first.

    Words that stand for each other (inflections, synonyms, a place and its people) give the same key. The hash is
    CRC-32 of UTF-8: the same in every process, and spread evenly enough for some ten thousand words.
    """
    found: list[int] = []
    words = match.removesuffix(ELLIPSIS).split()
    if _HANGUL.search(match):
        words = [part for word in words for part in _parts(word)]
    for rank in sorted(map(_rank_of, set(words))):
        number = rank & _KEY
        if number not in found:
            if rank >= _COMMON and len(found) > 1:
                break
            found.append(number)
            if len(found) == MOST:
                break
    return tuple(found)


def _parts(word: str) -> list[str]:
    """A word in Hangul as pairs of syllables: particles hang on nouns, and spaces are put as one likes."""
    if len(word) < 3 or not _HANGUL.search(word):
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]


_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_KEY: Final = 0xFFFFFFFF
_WEIGHT_BITS: Final = 8
_COMMON: Final = 1 << 32 + _WEIGHT_BITS


class _Ranks(dict[str, int]):
    """Of each word met one number that sorts the rarest first: whether it is too common, how common, its key."""

    def __missing__(self, word: str) -> int:
        if len(self) >= CACHED:
            self.clear()
        known = token(word)
        common = (1 << _WEIGHT_BITS) - 1 - known.weight
        rank = self[word] = common << 32 | crc32(known.key.encode()) | _COMMON * (known.weight < TOO_COMMON)
        return rank


_rank_of: Final = _Ranks().__getitem__
