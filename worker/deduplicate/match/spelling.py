"""Mistyped words: one letter wrong in a long common word, and never in a name."""

from __future__ import annotations

from string import ascii_lowercase

from worker.deduplicate.match import lexicon, surnames

LONG_WORD = 7
"""Letters that a common word needs before a mistyped letter in it is forgiven."""

FREQUENT = 49
"""Rarity of words in some twenty of a hundred thousand headlines: frequent enough that a word of the dictionary that no
headline uses ("commandeer") is one of them mistyped ("commander")."""


def is_mistyped(one: str, other: str) -> bool:
    """Whether one of two words is the other with one letter swapped, dropped, added, doubled or replaced.

    Forgiven only where one is a common word of `LONG_WORD` letters (one more where headlines use it in names) and the
    other is no word, or one that no headline uses: names that differ by a letter are different names. A match form
    does not say which of its words are names, so that words which may be two surnames are taken for names.
    """
    return looks_mistyped(one, other) and not surnames.are_two(one, other)


def looks_mistyped(one: str, other: str) -> bool:
    """As `is_mistyped`, as far as the lexicon tells: it does not have the rarer surnames."""
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < LONG_WORD:
        return False
    right, wrong = sorted((one, other), key=_unlikeliness)
    if lexicon.is_known(wrong):
        if not (lexicon.is_common(wrong) and lexicon.rarity(wrong) == lexicon.RAREST):
            return False
        if not (lexicon.is_common(right) and lexicon.rarity(right) <= FREQUENT):
            return False
    elif not lexicon.is_word(right):
        return False
    if len(right) < LONG_WORD + (not lexicon.is_common(right)) or not (right.isalpha() and wrong.isalpha()):
        return False
    return is_one_edit(right, wrong)


def _unlikeliness(word: str) -> tuple[int, bool, str]:
    """Orders two words of which one is mistyped: the right one first, whichever headline has it."""
    return lexicon.rarity(word), not lexicon.is_word(word), word


def is_one_edit(right: str, wrong: str) -> bool:
    """Whether one letter swapped with its neighbor, dropped, added or replaced makes the one word the other."""
    start = 0
    shorter = min(len(right), len(wrong))
    while start < shorter and right[start] == wrong[start]:
        start += 1
    if len(right) == len(wrong):
        if right[start + 1 :] == wrong[start + 1 :]:
            return True
        return (
            right[start + 2 :] == wrong[start + 2 :]
            and right[start : start + 2] == wrong[start + 1 : start + 2] + wrong[start : start + 1]
        )
    if len(right) > len(wrong):
        return right[start + 1 :] == wrong[start:]
    return right[start:] == wrong[start + 1 :]


def one_edit_away(word: str) -> set[str]:
    """Everything that one letter swapped, dropped, added or replaced makes of a word, and the word itself."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {a + b[1:] for a, b in halves} | {a + b[1:2] + b[:1] + b[2:] for a, b in halves}
    return found | {a + letter + b[cut:] for a, b in halves for letter in ascii_lowercase for cut in (0, 1)}
