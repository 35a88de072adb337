"""What newswire relies on of Unicode, so that Python 3.11 (Unicode 14.0) to 3.13 (15.1) give the same bytes.

Between the two no property of an assigned character changed, and none of the newer ones folds, decomposes
or is a space; but some combine and all are printable. They are kept as they are and never reordered.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NEWER_THAN_14: Final = (
    "\u0cf3\u0ece\u2ffc-\u2fff\u31ef\U00010efd-\U00010eff\U0001123f-\U00011241\U00011b00-\U00011b09"
    "\U00011f00-\U00011f10\U00011f12-\U00011f3a\U00011f3e-\U00011f59\U0001342f\U00013439-\U00013455\U0001b132"
    "\U0001b155\U0001d2c0-\U0001d2d3\U0001df25-\U0001df2a\U0001e030-\U0001e06d\U0001e08f\U0001e4d0-\U0001e4f9"
    "\U0001f6dc\U0001f774-\U0001f776\U0001f77b-\U0001f77f\U0001f7d9\U0001fa75-\U0001fa77\U0001fa87\U0001fa88"
    "\U0001faad-\U0001faaf\U0001fabb-\U0001fabd\U0001fabf\U0001face\U0001facf\U0001fada\U0001fadb\U0001fae8"
    "\U0001faf7\U0001faf8\U0002b739\U0002ebf0-\U0002ee5d\U00031350-\U000323af"
)
_NEWER: Final = re.compile(f"([{_NEWER_THAN_14}]+)")


def compose(text: str) -> str:
    """The text in Normalization Form C (Unicode Standard Annex 15), newer characters standing as they are."""
    if text.isascii() or (unicodedata.is_normalized("NFC", text) and _NEWER.search(text) is None):
        return text
    return "".join(
        piece if _NEWER.match(piece) else unicodedata.normalize("NFC", piece) for piece in _NEWER.split(text)
    )


def is_newer(char: str) -> bool:
    """Whether the oldest supported Python does not know the character."""
    return _NEWER.match(char) is not None


def category(char: str) -> str:
    """The general category of a character; `Lo` for one that the oldest supported Python does not know."""
    return "Lo" if is_newer(char) else unicodedata.category(char)


def is_visible(text: str) -> bool:
    """Whether anything of the text would be seen in print: letters, numbers, punctuation, symbols."""
    return any(category(char)[0] in "LNPS" for char in text)
