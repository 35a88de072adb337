"""Mistyped words: one letter wrong in a long common word, and never in a name."""

from __future__ import annotations

from worker.deduplicate.match import lexicon

LONG_WORD = 7
"""Letters that a common word needs before a mistyped letter in it is forgiven."""

FREQUENT = 49
"""Rarity of words in some twenty of a hundred thousand headlines: frequent enough that a word of the dictionary that no
headline uses ("commandeer") is one of them mistyped ("commander")."""


def is_mistyped(one: str, other: str) -> bool:
    """Whether one of two words is the other with one letter swapped, dropped, added, doubled or replaced.

    Forgiven only where one is a common word of `LONG_WORD` letters (one more where headlines use it in names) and the
    other is no word, or one that no headline uses: names that differ by a letter are different names.
    """
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < LONG_WORD:
        return False
    right, wrong = (one, other) if lexicon.rarity(one) <= lexicon.rarity(other) else (other, one)
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
