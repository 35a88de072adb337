"""Several tokens that say what one says: phrases, number words, and what belongs to a number."""

from __future__ import annotations

import re
from typing import Final

from worker.normalize.places import AMBIGUOUS_STATES, BEFORE_NO_STATE, KOREA, OF_KOREA
from worker.normalize.wording import (
    ABBREVIATIONS,
    CODES,
    CONTRACTIONS,
    CURRENCIES,
    DOZEN,
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
    if _APOSTROPHE in tokens:
        tokens = _apostrophes(tokens)
    if not _STATES.isdisjoint(tokens):
        tokens = _states(tokens)
    if KOREA in tokens and not OF_KOREA.isdisjoint(tokens):
        tokens = [part for word in tokens for part in (("south", "korea") if word == KOREA else (word,))]
    tokens = _phrases(tokens)
    return _numbers(_initials(tokens) if "and" in tokens else tokens)


_APOSTROPHE: Final = "39"
"""What a broken reference to an apostrophe leaves: "it 39 s"."""

_SPARED: Final = frozenset(
    {
        "at",
        "cape",
        "co",
        "democratic",
        "food",
        "islamic",
        "kingdom",
        "man",
        "national",
        "people",
        "peoples",
        "per",
        "russian",
        "taiwan",
        "world",
    }
)
"""Words that begin a phrase and are frequent without it; a rarer one of the phrase stands among the triggers."""

TRIGGERS: Final = frozenset(
    {phrase[-1] if phrase[-1] in PARTED else phrase[0] for phrase in PHRASES} - _SPARED
) | {
    _APOSTROPHE,
    "cent",
    "dozen",
    "federation",
    "ltd",
    "organization",
    "republic",
    "semiconductor",
    "transportation",
    "verde",
    *NUMBER_WORDS,
    *SCALES,
    *CURRENCIES,
    *PERCENT,
    *AMBIGUOUS_STATES,
    *CODES,
    KOREA,
    *"cghjlpqr",
}
"""Tokens without which `join_phrases` changes nothing; a frequent word is spared where the phrase has a rarer one."""

_STATES: Final = frozenset(AMBIGUOUS_STATES)
_BEHIND: Final = frozenset({"dozen", *SCALES, *PERCENT, *CURRENCIES})
"""What may belong to the number before it."""

_LONGEST: Final = max(map(len, PHRASES))
_STARTS: Final = frozenset(phrase[0] for phrase in PHRASES)
_BARE_NUMBER: Final = re.compile(r"(?:[a-z]{0,3}[^a-z0-9])?[0-9]+(?:[.,:][0-9]+)*")
_WHOLE_NUMBER: Final = re.compile(r"(?:[a-z]{0,3}[^a-z0-9])?[0-9]+")
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


def _initials(tokens: list[str]) -> list[str]:
    """The tokens with two letters that "and" joins made one: "p and g", and "P & G" as well, is `p&g`."""
    joined: list[str] = []
    for word in tokens:
        if (
            len(word) == 1
            and len(joined) > 1
            and joined[-1] == "and"
            and len(joined[-2]) == 1
            and word.isalpha()
            and joined[-2].isalpha()
        ):
            joined[-2:] = [f"{joined[-2]}&{word}"]
        else:
            joined.append(word)
    return joined


def _states(tokens: list[str]) -> list[str]:
    """The tokens with those states named of which the short form is a word too: "ill." but for "is ill."."""
    last = len(tokens) - 1
    named = []
    for place, word in enumerate(tokens):
        state = AMBIGUOUS_STATES.get(word)
        if state is None:
            named.append(word)
        elif place == last or (place and tokens[place - 1] in BEFORE_NO_STATE):
            named.append(word[:-1])
        else:
            named.append(state)
    return named


def _numbers(tokens: list[str]) -> list[str]:
    joined: list[str] = []
    place = 0
    while place < len(tokens):
        word = tokens[place]
        last = joined[-1] if joined else ""
        if word in NUMBER_WORDS or (word == "a" and tokens[place + 1 : place + 2] in _HUNDREDS):
            value, length = spoken(tokens, place)
            if length == 1 and word == "one" and last == "no":
                joined.append(word)
            else:
                joined.append(str(value))
            place += length
            continue
        merged = None
        if word in _BEHIND or last in CODES:
            merged = _halved(joined, word) or _merged(last, word)
        if merged is None:
            joined.append(word)
        else:
            joined[-1] = merged
        place += 1
    return joined


_HUNDREDS: Final = (["hundred"], ["thousand"])


def spoken(words: list[str], place: int) -> tuple[int, int]:
    """The number that begins at a place and how many words it has: of "two hundred and five" `(205, 4)`."""
    value, end = _below_thousand(words, place)
    if words[end : end + 1] != ["thousand"]:
        return value, end - place
    value, end = value * 1000, end + 1
    if end < len(words) and words[end] in NUMBER_WORDS:
        more, after = _below_thousand(words, end)
        if words[after : after + 1] != ["thousand"]:
            return value + more, after - place
    elif words[end : end + 1] == ["and"] and words[end + 1 : end + 2] and words[end + 1] in NUMBER_WORDS:
        more, after = _below_hundred(words, end + 1)
        if words[after : after + 1] not in _HUNDREDS:
            return value + more, after - place
    return value, end - place


def _below_thousand(words: list[str], place: int) -> tuple[int, int]:
    """As `spoken`, with the place behind the number; of "twelve hundred" 1200."""
    value, end = (1, place + 1) if words[place] == "a" else _below_hundred(words, place)
    if words[end : end + 1] != ["hundred"]:
        return value, end
    value, end = value * 100, end + 1
    start = end + 1 if words[end : end + 1] == ["and"] else end
    if start < len(words) and words[start] in NUMBER_WORDS:
        more, after = _below_hundred(words, start)
        # "Two hundred one hundred" are two numbers.
        if words[after : after + 1] != ["hundred"]:
            return value + more, after
    return value, end


def _below_hundred(words: list[str], place: int) -> tuple[int, int]:
    value = int(NUMBER_WORDS[words[place]])
    if words[place] in TENS and place + 1 < len(words) and words[place + 1] in ONES:
        return value + int(ONES[words[place + 1]]), place + 2
    return value, place + 1


def _halved(joined: list[str], word: str) -> str | None:
    """Half a million, two and a half million, half a dozen, a dozen; the tokens before lose what belongs to it."""
    if word == "dozen" and joined:
        if joined[-1] == "half" or joined[-2:] == ["half", "a"]:
            _drop_half(joined)
            return str(DOZEN // 2)
        if joined[-1] == "a":
            return str(DOZEN)
        return str(DOZEN * int(joined[-1])) if _FEW.fullmatch(joined[-1]) else None
    scale = SCALES.get(word, "")
    if scale not in _LARGE or not joined:
        return None
    if joined[-4:-3] and joined[-3:] == ["and", "a", "half"] and _FEW.fullmatch(joined[-4]):
        del joined[-3:]
        return f"{joined[-1]}.5{scale}"
    if joined[-1] == "half" or joined[-2:] == ["half", "a"]:
        _drop_half(joined)
        return f"0.5{scale}"
    return None


def _drop_half(joined: list[str]) -> None:
    """Leave one token of "half a", "a half" or "half", to be replaced."""
    if joined[-2:] in (["half", "a"], ["a", "half"]):
        joined.pop()


_LARGE: Final = frozenset({"mn", "bn", "tn"})
_FEW: Final = re.compile(r"[0-9]{1,2}")


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
