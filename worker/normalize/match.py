"""The match form: a headline as casefolded tokens, equal in sense spelled equal. It is only compared.

Tokens are joined by one space. Words lose case, accents, possessives and inner apostrophes. A number is
one token: currency sign, digits, suffix, so `$1.8 billion` is `$1.8bn` and `109 per cent` is `109%`;
digits are never lost. Chinese, Japanese, Thai and their like, which put no space between words, become
pairs of characters.
"""

from __future__ import annotations

import re
from typing import Final

from worker.normalize.attribution import HEADS, TAILS, bare, feed_of
from worker.normalize.phrases import TRIGGERS, join_phrases
from worker.normalize.places import AMBIGUOUS_STATES
from worker.normalize.tokens import words_of


def match_form(display: str, source: str | None = None) -> str:
    """The match form of a display form; empty only where that is empty.

    The same for headlines that differ in case, quotes, dashes, white space, accents, abbreviations of the
    tables, a known source's name after them or a wire's prefix before them. `source` is what the feed calls itself,
    where that is known: its own name after a headline is none of the news either.
    """
    return tokens_of(display, source)[0]


def tokens_of(display: str, source: str | None = None) -> tuple[str, list[str]]:
    """The match form of a display form, and its tokens."""
    words = words_of(display)
    if not words:
        form = display.casefold()
        return form, form.split(" ")
    feed = feed_of(source) if source else None
    _, parted, last = words[-1].rpartition(" ")
    if (
        words[0].partition(" ")[0] in HEADS
        or last in TAILS
        or (feed is not None and last == feed.last)
        # A domain is one chunk that reads as several words.
        or (parted and "." in display)
    ):
        words = words_of(bare(display, feed)) or words
    form = " ".join(words)
    # A word with spaces inside may hide a trigger.
    if form.count(" ") >= len(words) or not TRIGGERS.isdisjoint(words):
        words = form.split(" ")
        if words[-1] in AMBIGUOUS_STATES and _BEHIND_TOWN.search(display):
            words[-1] = AMBIGUOUS_STATES[words[-1]]
        words = join_phrases(words)
        form = " ".join(words)
    # One character is found many times as fast as three.
    if (("." in display and "..." in display) or "\u2026" in display) and _CUT.search(bare(display, feed)):
        form += ELLIPSIS
    return form, words


ELLIPSIS: Final = " \u2026"
"""How the match form of a headline ends that ends in an ellipsis: a feed may have cut it."""

_BEHIND_TOWN: Final = re.compile(r"\w, \w+\.\W*\Z")
"""A state at the end: "in Springfield, Ill."; without the comma the full stop may be the sentence's."""


def with_language(form: str, language: str) -> str:
    """The match form of a headline whose words are of no language, where its feed names one that is not English.

    The primary subtag goes before it, in brackets that no form begins with: names alone are the same words in many
    languages, and a headline of one must not stand for that of another.
    """
    return f"<{_ONE_LANGUAGE.get(language, language)}> {form}"


def language_of(form: str) -> tuple[str | None, str]:
    """The language that `with_language` put before a match form, None for any other form; and the rest."""
    if form.startswith("<"):
        named = _NAMED.match(form)
        if named is not None:
            return named[1], form[named.end() :]
    return None, form


_NAMED: Final = re.compile(r"<([a-z]{2,8})> ")
_ONE_LANGUAGE: Final = {"nb": "no", "nn": "no"}
"""As the detection calls them."""

_CUT: Final = re.compile(r"(?:\.\.\.|\u2026)[\s.'\"\u2019\u201d)\]]*\Z")
