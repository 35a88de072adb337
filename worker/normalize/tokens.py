"""A headline's tokens, each spelled as the match form spells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.normalize.fold import fold, unmask
from worker.normalize.places import AMBIGUOUS_STATES, STATES
from worker.normalize.spellings import SPELLINGS
from worker.normalize.wording import (
    ABBREVIATIONS,
    CODES,
    CONTRACTIONS,
    FRACTIONS,
    MONEY_SCALES,
    PERCENT,
    SCALES,
    SHARES,
    UNITS,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


def words_of(text: str) -> list[str]:
    """The words of a text, in order, none empty. What was written as one may hold spaces."""
    if not text.isascii():
        text = _NO_ZERO.sub("0.", unmask(fold(_ACRONYM_MARK.sub("", text))))
    text = _with_signs_read(text)
    if text.isascii():
        chunks = text.encode().translate(_GAPS).replace(b", ", b" ").decode().split()
    else:
        if _UNSPACED_RUN.search(text):
            text = _GAP.sub("", text)
        chunks = _TOKEN.findall(text)
        if "." in text:
            chunks = _with_full_stops(text, chunks)
    words = list(map(_spelling, chunks))
    return list(filter(None, words)) if "" in words else words


def chunks_of(texts: Sequence[str]) -> list[str]:
    """What `words_of` spells, chunk by chunk, of ASCII texts without control characters; an EDGE between two texts."""
    joined = _BETWEEN_TEXTS.join(map(_with_signs_read, texts))
    return joined.encode().translate(_GAPS_AND_EDGES).replace(b", ", b" ").decode().split()


def spelled(chunk: str) -> str:
    """A chunk of text between spaces as the match form spells it: nothing, a word, or several with spaces between."""
    lower = chunk.casefold().rstrip(",:")
    # A short form that is a word too keeps its full stop: its neighbors tell what it is.
    return (
        STATES.get(lower)
        or (lower if lower in AMBIGUOUS_STATES else "")
        or " ".join(_spelled(token) for token in _TOKEN.findall(_NO_ZERO.sub("0.", chunk)))
    )


EDGE: Final = "\0"

KEPT_CHARS: Final = 32
"""Characters of a chunk that is worth remembering: longer ones hardly come twice."""


def _with_signs_read(text: str) -> str:
    """A text with those signs spelled out, or left out, that say something only with what stands beside them."""
    if "-" in text:
        text = _MINUS.sub(" minus ", text)
    if "'" in text:
        if "''" in text:
            text = text.replace("''", "'")
        if " '" in text or " n'" in text or " N'" in text:
            text = _SPLIT_OFF.sub("", text)
    if "/" in text:
        text = _SHARE.sub(_share, _FRACTION.sub(_fraction, _WITH.sub(_with, text)))
    if "&" in text:
        text = _AND_COMPANY.sub("", text)
    return text


_ACRONYM_MARK: Final = re.compile('(?<=[\u05d0-\u05ea])["\u201d\u05f4](?=[\u05d0-\u05ea])')
"""What Hebrew writes before the last letter of an acronym."""

_SPLIT_OFF: Final = re.compile(r" (?=(?:'(?:s|ll|re|ve)|n't)(?![\w'-]))", re.IGNORECASE)
"""The space in "japan 's" and "DO N'T", as corpora that split words by the Penn Treebank's rules write them."""

_WITH: Final = re.compile(r"(?<!\S)[wW]/([oO](?!\w))?")
"""Newspapers' "w/" and "w/o"."""

_FRACTION: Final = re.compile(rf"(?<![\w/.,])([0-9]+)[ -]({'|'.join(FRACTIONS)})(?![\w/])")
_SHARE: Final = re.compile(rf"(?<![\w/.,-])(?<![0-9] )({'|'.join(SHARES)})(?![\w/%])")

_AND_COMPANY: Final = re.compile(r"(?<=\w) & Co(?:mpany)?\b\.?", re.IGNORECASE)
"""What law has behind a company's name, and headlines leave out."""

_NO_ZERO: Final = re.compile(r"(?<![\w.])\.(?=[0-9])")
"""The point of ".5 percent", which is no full stop."""


_CONNECTORS: Final = "'&.,:$%"
_GAPS: Final = bytes(
    ord(char.lower() if char.isalnum() or char in _CONNECTORS else "'" if char == "`" else " ")
    for char in map(chr, range(0x80))
).ljust(0x100)
"""For bytes.translate: ASCII in lower case, spaces for all that is neither in words nor between parts."""

_BETWEEN_TEXTS: Final = f" {EDGE} "
_GAPS_AND_EDGES: Final = EDGE.encode() + _GAPS[1:]

_WORD: Final = "[A-Za-z0-9\x80-\U0010ffff]+"
_TOKEN: Final = re.compile(rf"\$?{_WORD}(?:['&.,:$]{_WORD})*%?|[%&]")
_MINUS: Final = re.compile(r"(?<![^\s(])-(?=[$£€¥]?[0-9])")

_CURRENCY: Final = "$¢-¥₠-₿"
_NUMBER: Final = re.compile(rf"([a-z]{{0,3}}[{_CURRENCY}])?([0-9]+(?:[.,:][0-9]+)*)(%|[{_CURRENCY}]|[a-z]+)?")
_CODED: Final = re.compile(rf"({'|'.join(CODES)})\.?([0-9]+(?:[.,][0-9]+)*)([a-z]+)?")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")

_ACRONYM: Final = re.compile(r"[a-z](?:\.[a-z])+")
_BETWEEN: Final = re.compile(r"(?<![0-9])[.,:$]|[.,:$](?![0-9])|\$")
"""Connectors that do not stand within a number, and so between words whose space was forgotten."""

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Han and kana: scripts without spaces between words."""

_RUN: Final = re.compile(f"[{UNSPACED}]+|[^{UNSPACED}]+")
_UNSPACED_RUN: Final = re.compile(f"[{UNSPACED}]")
_GAP: Final = re.compile(f"(?<=[{UNSPACED}])[^A-Za-z0-9$%&\x80-\U0010ffff]+(?=[{UNSPACED}])")
"""What stands between two characters of such a script: punctuation, or a space in its place. It parts no words."""

_KEPT: Final = 65_536


class _Spelled(dict[str, str]):
    """Chunks of text between spaces seen so far, each spelled once; bounded in number and length."""

    def __missing__(self, chunk: str) -> str:
        found = spelled(chunk)
        if len(chunk) <= KEPT_CHARS:
            if len(self) >= _KEPT:
                self.clear()
            self[chunk] = found
        return found


_spelling: Final = _Spelled().__getitem__


def _with(found: re.Match[str]) -> str:
    return "without " if found[1] else "with "


def _fraction(found: re.Match[str]) -> str:
    return found[1] + FRACTIONS[found[2]]


def _share(found: re.Match[str]) -> str:
    return SHARES[found[1]]


def _with_full_stops(text: str, chunks: list[str]) -> list[str]:
    """The tokens of a text, those of `STATES` and their like with the full stop that tells them."""
    dotted = {found[1].casefold() for found in _STATE.finditer(text)}
    return [f"{chunk}." if chunk.casefold() in dotted else chunk for chunk in chunks] if dotted else chunks


_STATE: Final = re.compile(
    rf"(?<![\w.])({'|'.join(name[:-1] for name in (STATES | AMBIGUOUS_STATES))})\.(?!\w)", re.IGNORECASE
)


def _spelled(token: str) -> str:
    word = token.casefold()
    if not word.isascii():
        if _UNSPACED_RUN.search(word):
            return " ".join(
                _pairs(run) if _UNSPACED_RUN.match(run) else _spelled(run) for run in _RUN.findall(word)
            )
        word = unmask(token).casefold()
    if "'" in word:
        stem, end = word[:-3], word[-3:]
        if end in CONTRACTIONS:
            return _spelled(stem) + CONTRACTIONS[end]
        word = word.removesuffix("'s").replace("'", "")
    short = ABBREVIATIONS.get(word)
    if short is not None:
        return short
    if word.isalpha():
        return SPELLINGS.get(word, word)
    number = _NUMBER.fullmatch(word)
    if number is not None:
        return _number(*number.groups())
    coded = _CODED.fullmatch(word)
    if coded is not None:
        return _number(CODES[coded[1]], coded[2], coded[3])
    if _ACRONYM.fullmatch(word):
        return _spelled(word.replace(".", ""))
    parts = [part for part in _BETWEEN.split(word) if part]
    if len(parts) > 1:
        return " ".join(map(_spelled, parts))
    sides = word.split("&")
    if len(sides) > 1 and min(map(len, sides)) > 1:
        return " and ".join(map(_spelled, sides))
    return word


def _number(currency: str | None, digits: str, suffix: str | None) -> str:
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    suffix = suffix or ""
    if suffix in UNITS and not currency:
        return f"{digits} {ABBREVIATIONS.get(UNITS[suffix], UNITS[suffix])}"
    if suffix and suffix[-1] in "$¢£¤¥€" and currency is None:
        currency, suffix = suffix, ""
    if suffix in PERCENT:
        suffix = "%"
    elif currency and suffix in MONEY_SCALES:
        suffix = MONEY_SCALES[suffix]
    else:
        suffix = SCALES.get(suffix, suffix)
    return ("$" if currency == "us$" else currency or "") + digits + suffix


def _pairs(run: str) -> str:
    """Overlapping pairs of characters, as search engines index such scripts."""
    return " ".join(run[place : place + 2] for place in range(max(1, len(run) - 1)))
