"""Mistyped words: one letter wrong in a long common word, and never in a name."""

from __future__ import annotations

from worker.deduplicate.match import lexicon

LONG_WORD = 7
"""Letters that a common word needs before a mistyped letter in it is forgiven."""


def is_mistyped(one: str, other: str) -> bool:
    """Whether one of two words is the other with one letter swapped, dropped, added, doubled or replaced.

    Forgiven only where one is a common word of `LONG_WORD` letters or more and the other is no word at all: names that
    differ by a letter are different names.
    """
    if abs(len(one) - len(other)) > 1 or max(len(one), len(other)) < LONG_WORD:
        return False
    if lexicon.is_known(one) == lexicon.is_known(other):
        return False
    right, wrong = (one, other) if lexicon.is_known(one) else (other, one)
    if len(right) < LONG_WORD or not (lexicon.is_common(right) and right.isalpha() and wrong.isalpha()):
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
