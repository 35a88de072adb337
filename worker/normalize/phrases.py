"""Several tokens that say what one says: phrases, number words, and what belongs to a number."""

from __future__ import annotations

import re
from typing import Final

from worker.normalize.wording import CURRENCIES, NUMBER_WORDS, ONES, PERCENT, PHRASES, SCALES, TENS


def join_phrases(tokens: list[str]) -> list[str]:
    """The tokens with phrases replaced and numbers made one token each, in the same order.

    `u s` becomes `us`, `two million dollars` `$2mn`, `twenty one` `21`; "no one" stays.
    """
    return _numbers(_phrases(tokens))


TRIGGERS: Final = frozenset({phrase[0] for phrase in PHRASES} - {"per"}) | {
    "cent",
    *NUMBER_WORDS,
    *SCALES,
    *CURRENCIES,
    *PERCENT,
}
"""Tokens without which `join_phrases` changes nothing."""

_LONGEST: Final = max(map(len, PHRASES))
_STARTS: Final = frozenset(phrase[0] for phrase in PHRASES)
_BARE_NUMBER: Final = re.compile(r"[^a-z0-9]?[0-9]+(?:[.,:][0-9]+)*")
_WHOLE_NUMBER: Final = re.compile(r"[^a-z0-9]?[0-9]+")
_AMOUNT: Final = re.compile(r"[0-9]+(?:[.,:][0-9]+)*(?:mn|bn|tn)?")


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
        takes = _WHOLE_NUMBER if suffix[0] == "0" else _BARE_NUMBER
        return number + suffix if takes.fullmatch(number) else None
    if token in PERCENT:
        return number + "%" if _BARE_NUMBER.fullmatch(number) else None
    if token in CURRENCIES and _AMOUNT.fullmatch(number):
        return CURRENCIES[token] + number
    return None
