"""A match form, read: its tokens with what each stands for, how rare it is and of which classes it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from worker.deduplicate.match import lexicon
from worker.deduplicate.match.american import american
from worker.deduplicate.match.senses import ENGLISH
from worker.deduplicate.match.spelling import LONG_WORD, is_mistyped, is_one_edit
from worker.language import Language, examine
from worker.normalize.match import ELLIPSIS, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CACHED = 65_536
"""Words kept at most; a full cache is emptied and fills again."""

READINGS = 8_192
"""Readings of match forms kept at most; each takes about two kilobytes."""

(
    NUMBER,
    NEGATION,
    HEDGE,
    SCOPE,
    PLAN,
    SHIFT,
    TITLE,
    FILLER,
    SPEECH,
    FORENAME,
    AMOUNT,
    NAME,
    PLACE,
    ANGLE,
) = (1 << bit for bit in range(14))
"""Flags of a token: the classes of `senses.txt`, and NAME for what is not known as a common word."""

_DIGITS = re.compile(r"([€£¥₹]?)\$?([0-9]+(?:\.[0-9]+)?)(k|m|mn|bn|b|tn|t|th|st|nd|rd)?(%?)")
_SCALES = {
    "k": 3, "thousand": 3, "lakh": 5, "crore": 7, "m": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9,
    "t": 12, "tn": 12, "trillion": 12,
}  # fmt: skip


class Token(Struct, frozen=True, gc=False):
    """One word, phrase or number of a match form.

    `text` is as it stands, `key` what it stands for (lemma, first of its synonyms, place of a demonym, value of a
    number). `weight` is its rarity in quarter bits, 0 to 67. `flags` are the classes above.
    """

    text: str
    key: str
    weight: int
    flags: int


class Reading(Struct, frozen=True, gc=False):
    """A match form's words as they stand, its tokens and their keys in order, the weight of each key, and of all.

    `spoken` is its language: that of its words, or where these have none the one that its feed `named`. Tokens of a
    foreign one are still read by the English tables, and nobody looks at them.
    """

    words: tuple[str, ...]
    tokens: tuple[Token, ...]
    keys: tuple[str, ...]
    weights: dict[str, int]
    weight: int
    spoken: Language
    named: bool


def read(match: str) -> Reading:
    """Read a match form; the same string always gives the same reading."""
    reading = _readings.get(match)
    if reading is None:
        if len(_readings) >= READINGS:
            _readings.clear()
        reading = _readings[match] = _read(match)
    return reading


def token(word: str) -> Token:
    """What a single word stands for."""
    known = _tokens.get(word)
    if known is None:
        if len(_tokens) >= CACHED:
            _tokens.clear()
        known = _tokens[word] = _token(word)
    return known


def lemma(word: str) -> str:
    """The word without its inflection, where the lexicon knows the plain form: "fires" and "fired" are "fire"."""
    irregular = ENGLISH.lemma.get(word)
    if irregular is not None:
        return irregular
    if len(word) > 3 and word.isalpha():
        for plain in _plain_forms(word):
            if lexicon.is_known(plain):
                return ENGLISH.lemma.get(plain, plain)
        if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 4:
            return word[:-1]
    return word


def _plain_forms(word: str) -> Iterable[str]:
    if word.endswith("ies") and len(word) > 4:
        yield word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zes")):
        yield word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        yield word[:-1]
    for suffix in ("ed", "ing"):
        stem = word[: -len(suffix)]
        if word.endswith(suffix) and len(stem) > 2:
            if suffix == "ed" and stem.endswith("i"):
                yield stem[:-1] + "y"
            if stem[-1] == stem[-2] and stem[-1] not in "sl":
                yield stem[:-1]
            yield stem + "e"
            yield stem
            if stem[-1] == stem[-2]:
                yield stem[:-1]


def key(word: str) -> str:
    """What a word stands for: the first of its synonyms, else its lemma in American spelling."""
    canonical = ENGLISH.canonical
    if word in canonical:
        return canonical[word]
    spelled = american(word)
    if spelled != word:
        return key(spelled)
    plain = lemma(word)
    return canonical.get(plain) or american(plain)


def is_verb(word: str) -> bool:
    """Whether a word in its plain form is used as a verb: the lexicon has its participles ("voted", "voting")."""
    stem = word.removesuffix("e")
    return lexicon.is_common(word) and lexicon.is_known(stem + "ed") and lexicon.is_known(stem + "ing")


def words_of(kind: str) -> frozenset[str]:
    """The keys of the words of a class of `senses.txt`."""
    return frozenset(key(word) for word in ENGLISH.classes[kind])


def _token(word: str) -> Token:
    number = _value(word)
    if number is not None:
        return Token(word, number, lexicon.rarity(word), NUMBER)
    stands_for = key(word)
    weight = (
        min(lexicon.rarity(word), lexicon.rarity(stands_for))
        if lexicon.is_known(stands_for)
        else lexicon.rarity(word)
    )
    return Token(word, stands_for, weight, _flags(word, stands_for))


def _flags(word: str, stands_for: str) -> int:
    flags = _FLAGS.get(stands_for, 0) | _FLAGS.get(word, 0)
    if any(letter.isdigit() for letter in word):
        return flags | NUMBER
    if flags & PLACE or not (flags or lexicon.is_common(word) or lexicon.is_common(stands_for)):
        flags |= NAME
    return flags


def _value(word: str) -> str | None:
    """The value of a number, written the one way ("1500000", "2.5%", "th3" for ordinals), or None."""
    if word in ENGLISH.number:
        return ENGLISH.number[word]
    found = _DIGITS.fullmatch(word)
    if found is None:
        return _mistyped_number(word)
    currency, digits, unit, percent = found.groups()
    if unit in {"th", "st", "nd", "rd"}:
        return "th" + digits
    return currency + scaled(digits, _SCALES.get(unit or "", 0)) + percent


def _mistyped_number(word: str) -> str | None:
    """The value of a long number word with a letter mistyped, where it can only be one ("fifeen" is "15")."""
    if len(word) < LONG_WORD - 1 or lexicon.is_known(word):
        return None
    values = [value for number, value in _LONG_NUMBERS if is_one_edit(number, word)]
    return values[0] if len(values) == 1 else None


def scaled(digits: str, power: int) -> str:
    """The decimal number times ten to the power, without needless zeros: ("1.5", 6) is "1500000"."""
    whole, _, part = digits.partition(".")
    part = part.rstrip("0")
    moved = part[:power].ljust(power, "0")
    whole = (whole + moved).lstrip("0") or "0"
    rest = part[power:]
    return f"{whole}.{rest}" if rest else whole


def _read(match: str) -> Reading:
    named, form = language_of(match)
    words = form.removesuffix(ELLIPSIS).split()
    tokens: list[Token] = []
    at = 0
    while at < len(words):
        word = words[at]
        phrase = _phrase(words, at) if word in ENGLISH.phrases else None
        if phrase is not None:
            canonical, length = phrase
            tokens.append(_joined(words[at : at + length], canonical))
            at += length
            continue
        found = token(word)
        at += 1
        if found.flags == NUMBER and at < len(words) and found.key.replace(".", "").isdigit():
            power = _scale(words[at])
            if is_mistyped("percent", words[at]):
                found = Token(f"{word} {words[at]}", found.key + "%", found.weight, NUMBER)
                at += 1
            elif power:
                found = Token(f"{word} {words[at]}", scaled(found.key, power), found.weight, NUMBER)
                at += 1
        tokens.append(found)
    keys = tuple(found.key for found in tokens)
    weights = {found.key: found.weight for found in tokens}
    weight = sum(found.weight for found in tokens)
    spoken = Language(named, foreign=True) if named else examine(words)
    return Reading(tuple(words), tuple(tokens), keys, weights, weight, spoken, named is not None)


def _scale(word: str) -> int:
    """The power of ten that a word after a number stands for ("million" is 6, mistyped too), or 0."""
    power = _SCALES.get(word, 0)
    if not power and len(word) >= LONG_WORD - 1 and not lexicon.is_known(word):
        powers = [
            power for scale, power in _SCALES.items() if len(scale) >= LONG_WORD and is_one_edit(scale, word)
        ]
        return powers[0] if len(powers) == 1 else 0
    return power


def _joined(words: list[str], canonical: str) -> Token:
    parts = [token(word) for word in words]
    flags = _FLAGS.get(canonical, 0)
    if all(part.flags & NAME for part in parts):
        flags |= NAME
    return Token(" ".join(words), canonical, max(part.weight for part in parts), flags)


def _phrase(words: list[str], at: int) -> tuple[str, int] | None:
    for others, canonical in ENGLISH.phrases[words[at]]:
        if tuple(words[at + 1 : at + 1 + len(others)]) == others:
            return canonical, len(others) + 1
    return None


_CLASS_FLAGS = {
    "negation": NEGATION, "hedge": HEDGE, "scope": SCOPE, "plan": PLAN, "shift": SHIFT, "title": TITLE,
    "filler": FILLER, "speech": SPEECH, "forename": FORENAME, "amount": AMOUNT, "angle": ANGLE,
}  # fmt: skip


def _by_key(sets: Mapping[str, frozenset[int]]) -> dict[str, frozenset[int]]:
    """The same sets under the words' keys, so that "climbed" is found by way of "climb"."""
    found: dict[str, frozenset[int]] = {}
    for word, numbers in sets.items():
        stands_for = key(word)
        found[stands_for] = found.get(stands_for, frozenset()) | numbers
    return found


def _flags_by_word() -> dict[str, int]:
    flags: dict[str, int] = {}
    for kind, flag in _CLASS_FLAGS.items():
        for word in ENGLISH.classes[kind]:
            flags[word] = flags.get(word, 0) | flag
            stands_for = key(word)
            if stands_for != word:
                flags[stands_for] = flags.get(stands_for, 0) | flag
    for place in ENGLISH.places:
        flags[place] = flags.get(place, 0) | PLACE | NAME
    return flags


_LONG_NUMBERS = [(word, value) for word, value in ENGLISH.number.items() if len(word) >= LONG_WORD]
NEAR = _by_key(ENGLISH.near)
OPPOSITE = _by_key(ENGLISH.opposite)
CLOSED_SETS = _by_key(ENGLISH.closed)
_FLAGS = _flags_by_word()
_tokens: dict[str, Token] = {}
_readings: dict[str, Reading] = {}
