"""Headlines that are not English: no table knows their words, so that only the same words say the same.

What may differ is how words are written together or apart (Korean, German compounds, Persian's half-space), how a
number's thousands are parted, and an article before the first word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.language import UND, Language

if TYPE_CHECKING:
    from worker.deduplicate.match.tokens import Reading


DIFFERENCES: Final = ("language", "number", "words")
"""What can be found to differ: two languages that are both known, a number, or any word."""


def differs(a: Reading, b: Reading) -> str | None:
    """How two headlines of which one at least is not English differ, by `DIFFERENCES`; None where they say the same."""
    languages = {a.spoken.language, b.spoken.language} - {UND}
    if len(languages) > 1 or (a.named != b.named and _MAY_BE_ENGLISH in (a.spoken, b.spoken)):
        return "language"
    articles = _ARTICLES.get(languages.pop(), frozenset()) if languages else frozenset()
    one, other = _joined(a.words, articles), _joined(b.words, articles)
    if one == other:
        return None
    return "words" if _NUMBER.findall(one) == _NUMBER.findall(other) else "number"


def _joined(words: tuple[str, ...], articles: frozenset[str]) -> str:
    """The words without the spaces between them, where they do not keep two numbers apart."""
    start = 1 if len(words) > 2 and words[0] in articles else 0
    text = _THOUSANDS.sub("", " ".join(words[start:]))
    return _SPACE.sub("", text)


_ARTICLES: Final = {
    language: frozenset(articles.split())
    for language, articles in {
        "ca": "el la els les",
        "de": "der die das",
        "el": "η το οι τα",  # noqa: RUF001
        "es": "el la los las",
        "fr": "le la les",
        "hu": "az",
        "it": "il lo la gli le",
        "nl": "de het",
        "pt": "o os as",
    }.items()
}
"""Definite articles that headlines have or leave out before their first word; not those of one letter that stand for
more than the article there."""

_MAY_BE_ENGLISH: Final = Language(UND, foreign=False)
"""Of names alone whose feed says English or nothing; the same names of a feed that names another language are not
the same news, since nobody who reads the one stream gets the other."""

_THOUSANDS: Final = re.compile(r"(?<=[0-9])[ .](?=[0-9]{3}(?![0-9]))")
_SPACE: Final = re.compile(r"(?<![0-9]) | (?![0-9])")
_NUMBER: Final = re.compile(r"[0-9]+(?:[.,:][0-9]+)*")
