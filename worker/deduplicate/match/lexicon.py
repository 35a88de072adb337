"""What is known of a single word before any headline is read: how rare it is, and whether it is a name.

`words.tsv.gz` holds it: the number of headlines counted, then a line `word, headlines with it, class` for each word.
`count` makes the file.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WORDS = Path(__file__).with_name("words.tsv.gz")

COMMON, NAME, BOTH, UNSURE = "w", "n", "b", "?"
"""Classes: a word of the language; a name; a word that headlines use in names; one known by its rarity only."""


def rarity(word: str) -> int:
    """How rare a word is in headlines, 0 (in all) to `RAREST` (unknown): its idf in quarter bits, in integers only."""
    return _RARITY.get(word, RAREST)


def words() -> Iterable[str]:
    """All words of the lexicon."""
    return _CLASS


def is_known(word: str) -> bool:
    """Whether the lexicon has the word at all."""
    return word in _CLASS


def is_common(word: str) -> bool:
    """Whether it is a word of the language, and not a name."""
    return _CLASS.get(word) == COMMON


def is_word(word: str) -> bool:
    """Whether it is a word of the language, be it one that headlines use in names."""
    return _CLASS.get(word) in {COMMON, BOTH}


def _read() -> tuple[int, dict[str, int], dict[str, str]]:
    # All at once: line by line it takes 44 ms instead of 31, at every start of a worker and of its helper.
    first, *cells = gzip.decompress(WORDS.read_bytes()).decode().rstrip("\n").replace("\n", "\t").split("\t")
    total = int(first)
    words, counts, kinds = cells[::3], cells[1::3], cells[2::3]
    scale = {count: _quarter_bits(total, int(count)) for count in set(counts)}
    rarity = dict(zip(words, map(scale.__getitem__, counts), strict=True))
    return _quarter_bits(total, 0), rarity, dict(zip(words, kinds, strict=True))


def _quarter_bits(total: int, seen: int) -> int:
    """The floor of 4 * log2(total / (seen + 1)) to about a quarter of a bit, by integers alone."""
    return max(0, (total**4 // (seen + 1) ** 4).bit_length() - 1)


RAREST, _RARITY, _CLASS = _read()
