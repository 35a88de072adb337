"""Several tokens that say what one says: phrases, number words, and what belongs to a number."""

from __future__ import annotations

import re
from typing import Final

from worker.normalize.wording import (
    ABBREVIATIONS,
    CODES,
    CONTRACTIONS,
    CURRENCIES,
    MONEY_SCALES,
    NUMBER_WORDS,
    ONES,
    PARTED,
    PERCENT,
    PHRASES,
    SCALES,
    TENS,
)


def join_phrases(tokens: list[str]) -> list[str]:
    """The tokens with phrases replaced and numbers made one token each, in the same order.

    `u s` becomes `us`, `two million dollars` `$2mn`, `twenty one` `21`; "no one" stays.
    """
    return _numbers(_phrases(_apostrophes(tokens) if _APOSTROPHE in tokens else tokens))


_APOSTROPHE: Final = "39"
"""What a broken reference to an apostrophe leaves: "it 39 s"."""

TRIGGERS: Final = frozenset(
    {phrase[-1] if phrase[-1] in PARTED else phrase[0] for phrase in PHRASES} - {"man", "per"}
) | {
    _APOSTROPHE,
    "cent",
    *NUMBER_WORDS,
    *SCALES,
    *CURRENCIES,
    *PERCENT,
}
"""Tokens without which `join_phrases` changes nothing; a frequent word is spared where the phrase has a rarer one."""

_LONGEST: Final = max(map(len, PHRASES))
_STARTS: Final = frozenset(phrase[0] for phrase in PHRASES)
_BARE_NUMBER: Final = re.compile(r"[^a-z0-9]?[0-9]+(?:[.,:][0-9]+)*")
_WHOLE_NUMBER: Final = re.compile(r"[^a-z0-9]?[0-9]+")
_AMOUNT: Final = re.compile(r"([0-9]+(?:[.,:][0-9]+)*)(mn|bn|tn|[mbt])?")


def _apostrophes(tokens: list[str]) -> list[str]:
    """The tokens without "39 s" where it was a possessive or an "is", with "don 39 t" and "you 39 ll" made words."""
    kept: list[str] = []
    place = 0
    while place < len(tokens):
        end = tokens[place + 1] if tokens[place] == _APOSTROPHE and place + 1 < len(tokens) else ""
        word = kept[-1] if kept else ""
        if (
            not word.isalpha()
            or word in _BEFORE_MEASURES
            or (end != "s" and f"'{end}" not in CONTRACTIONS and end != "t")
        ):
            kept.append(tokens[place])
            place += 1
            continue
        if end == "t":
            kept[-1:] = ABBREVIATIONS.get(f"{word}t", f"{word}t").split(" ")
        elif end != "s":
            kept += CONTRACTIONS[f"'{end}"].split()
        place += 2
    return kept


_BEFORE_MEASURES: Final = frozenset(
    {"about", "and", "at", "by", "for", "from", "in", "of", "over", "than", "to", "under", "within"}
)
"""What makes seconds of "39 s", and tonnes of "39 t"."""


def _phrases(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    place = 0
    while place < len(tokens):
        length = 1
        if tokens[place] in _STARTS:
            for longer in range(min(_LONGEST, len(tokens) - place), 1, -1):
                phrase = PHRASES.get(tuple(tokens[place : place + longer]))
                if phrase is not None:
                    joined.extend(phrase.split(" "))
                    length = longer
                    break
            else:
                joined.append(tokens[place])
        else:
            joined.append(tokens[place])
        place += length
    return joined


def _numbers(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    tens = ""
    for word in tokens:
        last = joined[-1] if joined else ""
        if tens and word in ONES:
            joined[-1] = tens + ONES[word]
        elif word in NUMBER_WORDS and not (word == "one" and last == "no"):
            joined.append(NUMBER_WORDS[word])
        else:
            merged = _merged(last, word)
            if merged is None:
                joined.append(word)
            else:
                joined[-1] = merged
        tens = TENS.get(word, "")
    return joined


def _merged(number: str, token: str) -> str | None:
    """The number with what follows it and belongs to it; None where the two stay apart."""
    if token in SCALES:
        suffix = SCALES[token]
        number = "1" if number == "a" else number
        takes = _WHOLE_NUMBER if suffix[0] == "0" else _BARE_NUMBER
        return number + suffix if takes.fullmatch(number) else None
    if token in PERCENT:
        return number + "%" if _BARE_NUMBER.fullmatch(number) else None
    if token in CURRENCIES:
        return _money(CURRENCIES[token], number, weighs=CURRENCIES[token] == "£")
    if number in CODES:
        return _money(CODES[number], token)
    return None


def _money(sign: str, amount: str, *, weighs: bool = False) -> str | None:
    """An amount with its currency before it: `250m` of euros is `€250mn`; None for what is none."""
    found = _AMOUNT.fullmatch(amount)
    if found is None or (weighs and found[2] is None):
        return None
    return sign + found[1] + MONEY_SCALES.get(found[2] or "", found[2] or "")
