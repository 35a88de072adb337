"""Blocking keys: under which few words a headline is filed, so that the index finds what it may repeat."""

from __future__ import annotations

from typing import Final
from zlib import crc32

from worker.deduplicate.match.tokens import CACHED, token

MOST: Final = 6
"""Keys of a headline at most. README.md says what fewer cost in recall, and more in candidates."""

TOO_COMMON: Final = 20
"""Words that are less rare than this, in quarter bits, become keys only where there is nothing else."""


def keys(match: str) -> tuple[int, ...]:
    """Up to `MOST` unsigned 32-bit hashes of a match form's rarest words, rarest first.

    Words that stand for each other (inflections, synonyms, a place and its people) give the same key. The hash is
    CRC-32 of UTF-8: the same in every process, and spread evenly enough for some ten thousand words.
    """
    ranks = []
    for word in set(match.split()):
        rank = _ranks.get(word)
        ranks.append(_rank(word) if rank is None else rank)
    ranks.sort()
    found: list[int] = []
    for common, _, number in ranks:
        if number not in found:
            if common and len(found) > 1:
                break
            found.append(number)
            if len(found) == MOST:
                break
    return tuple(found)


def _rank(word: str) -> tuple[bool, int, int]:
    """Whether a word is too common, then what sorts the rarest first, then its key."""
    if len(_ranks) >= CACHED:
        _ranks.clear()
    known = token(word)
    rank = _ranks[word] = (known.weight < TOO_COMMON, -known.weight, crc32(known.key.encode()))
    return rank


_ranks: dict[str, tuple[bool, int, int]] = {}
