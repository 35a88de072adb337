"""Blocking keys: under which few words a headline is filed, so that the index finds what it may repeat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np

from worker.deduplicate.match import lexicon
from worker.deduplicate.match.senses import ENGLISH
from worker.deduplicate.match.tokens import CACHED, token
from worker.deduplicate.rule import WEIGHT_SHIFT
from worker.normalize.match import ELLIPSIS, language_of
from worker.tokens import Column

if TYPE_CHECKING:
    from worker.tokens import Tokens

MOST: Final = 6
"""Keys of a headline at most. README.md says what fewer cost in recall, and more in candidates."""

TOO_COMMON: Final = 26
"""Words that are less rare than this, in quarter bits, become keys only where there are few others."""

_WIDEST: Final = 24
"""Words of a form that is filed together with others; the few longer ones are filed by themselves."""

FEW: Final = 3
"""So many keys a headline has at least, be they common."""


def keys(match: str) -> tuple[int, ...]:
    """Up to `MOST` unsigned 32-bit keys of a match form's rarest words, rarest first.

    Words that stand for each other (inflections, synonyms, a place and its people) give the same key. Its upper seven
    bits are its weight, the others of the CRC-32 of UTF-8: the same in every process, and spread evenly enough for some
    ten thousand words.
    """
    if match.startswith("<"):
        match = language_of(match)[1]
    if match.isascii():
        words = match.split()
    else:
        words = match.removesuffix(ELLIPSIS).split()
        if _HANGUL.search(match):
            words = [part for word in words for part in _parts(word)]
    rarest = sorted(set(map(_key_of, words)), reverse=True)[:MOST]
    while len(rarest) > FEW and rarest[-1] < _COMMON:
        rarest.pop()
    return tuple(rarest)


def keys_of(tokens: Tokens) -> list[tuple[int, ...]]:
    """The keys of at least one match form, of many at once.

    Args:
        tokens: the words of the forms, which `worker.normalize.match.language_of` has left.
    """
    found = _filed.of(tokens.vocabulary, tokens.numbers)
    lengths = tokens.lengths
    width = min(_WIDEST, max(MOST, int(lengths.max(initial=0))))
    odd = lengths > width
    odd |= np.minimum.reduceat(found, tokens.starts) < 0
    there = np.arange(width) < np.where(odd, 0, lengths)[:, np.newaxis]
    table = np.zeros(there.shape, np.int64)
    table[there] = found[np.repeat(~odd, lengths)]
    table.sort(axis=1)
    table[:, :-1][table[:, :-1] == table[:, 1:]] = 0
    table.sort(axis=1)
    rarest = table[:, : -MOST - 1 : -1]
    kept = (rarest > 0) & ((np.arange(MOST) < FEW) | (rarest >= _COMMON))
    rows = zip(rarest.tolist(), kept.sum(axis=1).tolist(), strict=True)
    every = [tuple(row[:count]) for row, count in rows]
    for row in np.flatnonzero(odd).tolist():
        every[row] = keys(" ".join(tokens.words(row)))
    return every


def _parts(word: str) -> list[str]:
    """A word in Hangul as pairs of syllables: particles hang on nouns, and spaces are put as one likes."""
    if len(word) < 3 or not _HANGUL.search(word):
        return [word]
    return [word[at : at + 2] for at in range(len(word) - 1)]


_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_HASH: Final = (1 << WEIGHT_SHIFT) - 1
_COMMON: Final = TOO_COMMON << WEIGHT_SHIFT


class _Keys(dict[str, int]):
    """Of each word met its key: the rarer, the higher."""

    def __missing__(self, word: str) -> int:
        if len(self) >= CACHED:
            self.clear()
        stands_for = token(word).key
        key = self[word] = _weight(stands_for) << WEIGHT_SHIFT | crc32(stands_for.encode()) & _HASH
        return key


def _weight(stands_for: str) -> int:
    """How rare what a word stands for is: a function of that alone, so that all words for it give one key."""
    if lexicon.is_known(stands_for):
        return lexicon.rarity(stands_for)
    # Of some names the lexicon has only what looks like their plural; of some synonyms not the first.
    return min(lexicon.rarity(stands_for + "s"), _RARITY_OF_SYNONYMS.get(stands_for, lexicon.RAREST))


def _rarity_of_synonyms() -> dict[str, int]:
    """The rarity of the least rare word for each first synonym."""
    least: dict[str, int] = {}
    for word, stands_for in ENGLISH.canonical.items():
        least[stands_for] = min(lexicon.rarity(word), least.get(stands_for, lexicon.RAREST))
    return least


_RARITY_OF_SYNONYMS: Final = _rarity_of_synonyms()
_key_of: Final = _Keys().__getitem__


def _filed_under(word: str) -> int:
    """The key of a word of a form; negative where `keys` would take it apart, or leave it out."""
    if word.split() != [word] or word == ELLIPSIS.strip() or _HANGUL.search(word):
        return -1
    return _key_of(word) or -1


_filed: Final = Column(_filed_under)
