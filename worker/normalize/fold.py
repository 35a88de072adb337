"""Characters as the match form sees them: accents, variants and look-alikes folded to plain ones."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from worker.normalize.characters import category, compose, is_newer


def fold(text: str) -> str:
    """The text with each character folded; case stays, what stands between words becomes a space.

    Quotes become `'` or a space, dashes `-`, digits of any script ASCII digits. Latin, Greek, Arabic and
    Hebrew letters lose their marks; marks that spell vowels (Devanagari, Thai) stay.
    """
    folded = text.translate(_FOLDED)
    return compose(folded) if _VOICED.search(folded) else folded


def unmask(text: str) -> str:
    """A text that mixes Latin with Cyrillic or Greek look-alikes, in Latin alone; any other as it is.

    A whole word of look-alikes is found out by its neighbors. What is quoted from another language nearly always has a
    letter that no Latin one looks like, and then all stays; the word that mixes the two is found by itself.
    """
    if _LATIN.search(text) is None or _LOOKALIKE_SCRIPT.search(text) is None:
        return text
    latin = text.translate(_LOOKALIKES)
    return text if _LOOKALIKE_SCRIPT.search(latin) else latin


_VOICED: Final = re.compile("[\u3099\u309a]")
"""Marks of voiced kana, which half-width ones have behind them."""

_LATIN: Final = re.compile(r"[A-Za-z]")
_LOOKALIKE_SCRIPT: Final = re.compile(r"[\u0370-\u052f\u13a0-\u13f5]")
_LOOKALIKES: Final = str.maketrans(
    # Cyrillic capitals, Cyrillic small letters, Greek capitals, Greek small letters.
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425"
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u04bb\u0501\u051b\u051d\u04cf"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7"
    "\u03bf\u03b9\u03bd\u03b1"
    # Cherokee.
    "\u13aa\u13f4\u13df\u13a0\u13ac\u13c0\u13bb\u13a5\u13ab\u13e6\u13de\u13b7\u13e2\u13a1\u13da\u13a2\u13d9\u13b3\u13c3",
    "ABESIJKMHOPCTYXaeopcyxijshdqwlABEZHIKMNOPTYXoivaABCDEGHiJKLMPRSTVWZ",
)

_PLAIN: Final = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\xb4`", "'"),
    **dict.fromkeys("\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\ua78c", "'"),
    "\u2212": "-",
    "٪": "%",
    "\u066b": ".",
    "٬": ",",
    "\u2044": "/",
    "№": "No ",
    "Æ": "AE",
    "æ": "ae",
    "Œ": "OE",
    "œ": "oe",
    "Ø": "O",
    "ø": "o",
    "Ł": "L",
    "ł": "l",
    "Đ": "D",
    "đ": "d",
    "Ð": "D",
    "ð": "d",
    "Þ": "Th",
    "þ": "th",
    "Ħ": "H",
    "ħ": "h",
    "\u0131": "i",
    # Lunate sigmas, which Greek does not use, the Latin alpha and script g, and small capitals.
    "\u03f9": "C",
    "\u03f2": "c",
    "\u0251": "a",
    "\u0261": "g",
    **dict(
        zip(
            "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21"
            "\u028f\u1d22",
            "abcdefghijklmnoprstuvwyz",
            strict=True,
        )
    ),
    "\u0401": "\u0415",
    "\u0451": "\u0435",
    "ی": "ي",
    "ى": "ي",
    "ک": "ك",
    "ـ": "",
    "\u0671": "\u0627",
    "\u05f3": "'",
}
_CURRENCY: Final = re.compile("[¢-¥₠-₿]")
_UNMARKED: Final = re.compile("[A-Za-z\u0370-\u03ff\u05d0-\u05ea\u0620-\u06ff]")
"""First characters of decompositions that lose their marks."""

_DROPPED_MARK: Final = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff"
    "\ufe00-\ufe0f\ufe20-\ufe2f]"
)
_MAX_EXPANSION: Final = 4
"""Longer compatibility forms (one Arabic ligature is a sentence) are kept as the character that they are."""

_KEPT: Final = 8_192


class _Folded(dict[int, str]):
    """Characters seen so far, each folded once; bounded."""

    def __missing__(self, code: int) -> str:
        folded = _folded(chr(code))
        if len(self) >= _KEPT:
            self.clear()
        self[code] = folded
        return folded


_FOLDED: Final = _Folded()


def _folded(char: str) -> str:
    if char in _PLAIN:
        return _PLAIN[char]
    if char.isascii():
        return char
    if is_newer(char) or _CURRENCY.match(char):
        return char
    kind = category(char)
    if kind == "Pd":
        return "-"
    if kind == "Nd":
        return str(unicodedata.decimal(char))
    if kind == "Cf" or _DROPPED_MARK.match(char):
        return ""
    if kind[0] in "LMN":
        return _letter(char, kind)
    wide = unicodedata.normalize("NFKC", char)
    return wide if len(wide) == 1 and "!" <= wide <= "~" else " "


def _letter(char: str, kind: str) -> str:
    plain = unicodedata.normalize("NFKC", char)
    if kind == "No" and "\u2044" in plain:
        return " " + plain.replace("\u2044", "/") + " "
    if len(plain) > _MAX_EXPANSION:
        return char
    spread = unicodedata.normalize("NFD", plain)
    if _UNMARKED.match(spread):
        plain = "".join(part for part in spread if category(part) != "Mn")
    return "".join(_PLAIN.get(part, part) for part in plain)
