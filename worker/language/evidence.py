"""What a single word says of a headline's language: nothing, for a name; much, for "the", "och" or "을".

A vector has 16 bits for each lane of `languages.LANES`: the high 11 the score, the low 5 how many frequent words.
It is one large integer, so that the vectors of a headline's words are added in one go.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from worker.language import table
from worker.language.languages import (
    ARABIC,
    CHINESE,
    COUNTED,
    CYRILLIC,
    DEVANAGARI,
    ETHIOPIC,
    HAN,
    JAPANESE,
    LANES,
    LATIN,
    ONE_SCRIPT,
    OTHER,
    OTHER_LETTERS,
    SIMPLIFIED,
    SMALL_WORDS,
    TRADITIONAL,
)

LANE_BITS: Final = 16
SCORE: Final = 1 << 5
"""What a score of one adds to a lane, where one frequent word adds 1. No score is above 66, so that 31 words fit."""

MOST_WORDS: Final = 31
"""Words of a headline that are read; the first ones."""

CACHED: Final = 65_536
"""Words kept at most with what they say of English; a full cache is emptied and fills again."""

VECTORS: Final = 16_384
"""Vectors kept at most, which are needed for what is not plainly English, and take 200 bytes each."""

LONGEST: Final = 40
"""Letters of a word that is kept; a longer one, in a spaced script, says nothing."""

FREQUENT: Final = 24
"""The score from which a word counts as a frequent one of a language: one in 4,000 of its words."""

SURE: Final = 40
"""The score of a character, or a pair of them, that only one language has."""

_OWN: Final = 24
"""What a character that one of Chinese and Japanese has adds to that one."""

_MOST_BY_LETTERS: Final = 20
"""The most that the letters of a word that no language's list has may speak for one rather than another."""


class English(dict[str, int]):
    """Of each word how much it speaks for English, against the language that has most of it: -60 to 60."""

    def __missing__(self, word: str) -> int:
        at = _TABLE.find(word) if len(word) <= LONGEST and word.isascii() else -1
        found = 0 if at < 0 else _TABLE.english[at] - table.NEUTRAL
        _keep(self, word, found, CACHED)
        return found


class Vectors(dict[str, int]):
    """The vector of each word."""

    def __missing__(self, word: str) -> int:
        found = 0 if len(word) > LONGEST else _vector(word)
        _keep(self, word, found, VECTORS)
        return found


def _keep(cache: dict[str, int], word: str, found: int, most: int) -> None:
    if len(word) <= LONGEST:
        if len(cache) >= most:
            cache.clear()
        cache[word] = found


def _vector(word: str) -> int:
    first = _LETTER.search(word)
    if first is None:
        return 0
    kind = _script_of(first.group())
    if kind in _COLUMNS:
        if _OTHER_LETTERS.search(word):
            return _frequent({OTHER: SURE})
        if kind == "Devanagari":
            return _devanagari(word)
        at = _TABLE.find(word)
        return _of_word(at) if at >= 0 else _of_letters(word, *_COLUMNS[kind])
    if kind == "Han":
        return _han(word)
    return _frequent({kind: SURE}) if kind in ONE_SCRIPT else _frequent({OTHER: SURE})


def _of_word(at: int) -> int:
    found = 0
    for place in range(_TABLE.ends[at], _TABLE.ends[at + 1]):
        score = _TABLE.scores[place]
        found |= (score * SCORE + (score >= FREQUENT)) << LANE_BITS * _TABLE.columns[place]
    return found


def _of_letters(word: str, start: int, end: int) -> int:
    """The lanes `start` to `end` by the word's runs of letters, half of what they say, since they overlap."""
    if len(word) < 3 or _DIGIT.search(word):
        return 0
    rows = _GRAMS[table.gram_buckets(word), start:end].sum(axis=0, dtype=np.int64) // 2
    found = 0
    most = int(rows.max()) - _MOST_BY_LETTERS
    for lane, score in enumerate(rows.tolist(), start):
        if score > most:
            found |= (score - most) * SCORE << LANE_BITS * lane
    return found


def _devanagari(word: str) -> int:
    for language, words in _SMALL_WORDS.items():
        if word in words:
            return _frequent({language: SURE - 8})
    return _of_letters(word, *_COLUMNS["Devanagari"])


def _han(word: str) -> int:
    if _KANA.search(word):
        return _frequent({"ja": SURE})
    scores = dict.fromkeys(HAN, SURE)
    if not _CHINESE.isdisjoint(word):
        scores["zh"] += _OWN
    if not _JAPANESE.isdisjoint(word):
        scores["ja"] += _OWN
    return _frequent(scores)


def _frequent(scores: dict[str, int]) -> int:
    """The vector of a word that is a frequent one of each of these languages."""
    return sum(score * SCORE + 1 << LANE_BITS * LANES.index(language) for language, score in scores.items())


def _script_of(letter: str) -> str:
    """Latin, Cyrillic and so on; of a script of one language here that language; else nothing."""
    code = ord(letter)
    for kind, start, end in _SCRIPTS:
        if start <= code <= end:
            return kind
    return ""


_SCRIPTS: Final = (
    ("Latin", 0x41, 0x2AF),
    ("Latin", 0x1E00, 0x1EFF),
    ("Cyrillic", 0x400, 0x52F),
    ("Arabic", 0x600, 0x6FF),
    ("Arabic", 0x750, 0x77F),
    ("Devanagari", 0x900, 0x97F),
    ("Ethiopic", 0x1200, 0x139F),
    ("Han", 0x2E80, 0x2FDF),
    ("Han", 0x3005, 0x3007),
    ("Han", 0x3040, 0x30FF),
    ("Han", 0x31F0, 0x31FF),
    ("Han", 0x3400, 0x9FFF),
    ("Han", 0xF900, 0xFAFF),
    ("Han", 0x20000, 0x3FFFF),
    *((language, start, end) for language, ranges in ONE_SCRIPT.items() for start, end in ranges),
)

_COLUMNS: Final = {
    kind: (LANES.index(languages[0]), LANES.index(languages[-1]) + 1)
    for kind, languages in (
        ("Latin", LATIN),
        ("Cyrillic", CYRILLIC),
        ("Arabic", ARABIC),
        ("Ethiopic", ETHIOPIC),
        ("Devanagari", DEVANAGARI),
    )
}
"""The lanes of the scripts whose words are counted: first, and one behind the last."""

_LETTER: Final = re.compile(r"[^\W\d_]")
_DIGIT: Final = re.compile(r"\d")
_KANA: Final = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_OTHER_LETTERS: Final = re.compile(f"[{OTHER_LETTERS}]")
_CHINESE: Final = (frozenset(SIMPLIFIED + TRADITIONAL + CHINESE)) - frozenset(JAPANESE)
_JAPANESE: Final = frozenset(JAPANESE) - frozenset(SIMPLIFIED + TRADITIONAL + CHINESE)
_SMALL_WORDS: Final = {language: frozenset(words.split()) for language, words in SMALL_WORDS.items()}
_TABLE: Final = table.load()
_GRAMS: Final = np.frombuffer(_TABLE.grams, np.uint8).reshape(-1, len(COUNTED))
