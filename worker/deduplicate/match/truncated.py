"""Headlines that a feed cut at a length: "Ministers agree to lift ban on night fl…" says what its whole says.

The match form of such a headline ends in `ELLIPSIS`. What is cut off may hold the news, so that enough must be left:
the words of a truncated headline are the first of the whole, at least `FEWEST`, and have at least `LEAST` percent of
its characters; `LEAST_OF_FORM` percent in quizzes, lists and series, which begin alike. A number is never completed:
"kills 5…" is not "kills 50".
"""

from __future__ import annotations

from typing import Final

from worker.deduplicate.match.tokens import ANGLE, read, token, words_of
from worker.normalize.match import ELLIPSIS, language_of
from worker.normalize.spellings import SPELLINGS
from worker.normalize.wording import ABBREVIATIONS, NUMBER_WORDS, ONES, PHRASES, TENS

FEWEST: Final = 6
"""Words that must be left, the cut one not counted."""

LEAST: Final = 60
LEAST_OF_FORM: Final = 75


def is_truncated(one: str, other: str) -> bool:
    """Whether one of two match forms, whichever, is the other cut off. Quick where neither ends in an ellipsis."""
    if not (one.endswith(ELLIPSIS) or other.endswith(ELLIPSIS)):
        return False
    if one.startswith("<") or other.startswith("<"):
        if read(one).spoken.language != read(other).spoken.language:
            return False
        one, other = language_of(one)[1], language_of(other)[1]
    first, second = one.removesuffix(ELLIPSIS).split(), other.removesuffix(ELLIPSIS).split()
    if first == second:
        return True
    return (one.endswith(ELLIPSIS) and _is_start(first, second)) or (
        other.endswith(ELLIPSIS) and _is_start(second, first)
    )


def _is_start(cut: list[str], whole: list[str]) -> bool:
    same = 0
    while same < min(len(cut), len(whole)) and cut[same] == whole[same]:
        same += 1
    if same < FEWEST or same == len(whole) or not _may_be_cut(" ".join(cut[same:]), whole[same]):
        return False
    share = 100 * len(" ".join(cut)) // len(" ".join(whole))
    return share >= (LEAST_OF_FORM if _has_form(whole) else LEAST)


def _has_form(words: list[str]) -> bool:
    return bool(token(words[0]).flags & ANGLE) or not _FORM_WORDS.isdisjoint(
        token(word).key for word in words
    )


def _may_be_cut(rest: str, word: str) -> bool:
    """Whether a word, as it was written, may begin with what is left of it. Nothing left is a cut between words."""
    if not rest:
        return True
    if word.startswith(rest):
        return not rest[-1].isdigit() or word[len(rest) :] in _UNITS
    number, _, unit = rest.partition(" ")
    if unit and word.startswith(number):
        return any(name.startswith(unit) for name in _BEHIND_NUMBERS.get(word[len(number) :], ()))
    return any(written.startswith(rest) for written in _WRITTEN.get(word, ())) or any(
        word.startswith(short) for short in _SHORT.get(rest, ())
    )


_FORM_WORDS = words_of("form")

_UNITS: Final[dict[str, tuple[str, ...]]] = {
    "%": ("percent", "per cent"),
    "mn": ("million",),
    "bn": ("billion",),
    "tn": ("trillion",),
}
"""What a match form puts behind a number, and how it was written. A number that goes on in digits is another."""

_BEHIND_NUMBERS: Final = {**_UNITS, "00": ("hundred",), "000": ("thousand",)}


def _written() -> dict[str, list[str]]:
    """How the first word of a match form's phrase may have been written, as far as that begins otherwise."""
    written: dict[str, list[str]] = {}
    for table in (SPELLINGS, ABBREVIATIONS, NUMBER_WORDS):
        for word, form in table.items():
            written.setdefault(form.partition(" ")[0], []).append(word)
    for ten in TENS.values():
        for ones, one in ONES.items():
            written.setdefault(ten + one, []).append(f"{ten}0 {ones}")
    for phrase, form in PHRASES.items():
        written.setdefault(form.partition(" ")[0], []).append(" ".join(phrase))
    return written


_WRITTEN: Final = _written()

_SHORT: Final = {
    form: tuple(short for short in ABBREVIATIONS if ABBREVIATIONS[short] == form)
    for form in ABBREVIATIONS.values()
}
"""Abbreviations of a word: what is left of another word may be one ("gen" of "generation")."""
