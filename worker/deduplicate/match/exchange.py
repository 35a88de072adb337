"""Headlines that differ only in a word or two at the same places: a word mistyped, or exchanged for another."""

from __future__ import annotations

from operator import ne
from typing import TYPE_CHECKING, NamedTuple

from worker.deduplicate.match.left import is_small
from worker.deduplicate.match.spelling import is_mistyped
from worker.deduplicate.match.tokens import FILLER, PLAN, Reading, token

if TYPE_CHECKING:
    from worker.deduplicate.match.left import Left
    from worker.deduplicate.match.tokens import Token

MOST = 2
"""Places at which the words may differ; where more do, an alignment says what happened."""

_TELLING = frozenset({"from", "by", "with", "about"})
"""Small words that turn the sense when they take each other's place."""


INTENT = frozenset({"will", "to", "set", "would", "plan", "expect", "schedule", "slate"})
"""Words for the plain future, which stand for each other: "to quit", "will quit", "set to quit"."""


_CAUSES = frozenset({"over", "amid", "because"})
"""Words for what something is done for, which stand for each other: "resigns over leak", "amid", "due to"."""


class Exchange(NamedTuple):
    """Words exchanged in place: all `mistyped`, or all `harmless` (the same in sense, or mistyped)."""

    mistyped: bool
    harmless: bool


def exchanged(a: Reading, b: Reading) -> Exchange | None:
    """What became of the words that two headlines of one length do not share in place; None where too many differ.

    Words that only changed places with each other are left to the rule on order, and in phrases that stand for the same
    ("World War II", "World War 2") any word is harmless.
    """
    if len(a.words) != len(b.words) or sum(map(ne, a.words, b.words)) > MOST:
        return None
    pairs = [(one, other) for one, other in zip(a.words, b.words, strict=True) if one != other]
    if len(pairs) > 1 and sorted(one for one, _ in pairs) == sorted(other for _, other in pairs):
        return None
    mistyped = [is_mistyped(one, other) for one, other in pairs]
    harmless = a.keys == b.keys or all(
        typo or _is_harmless(*pair) for typo, pair in zip(mistyped, pairs, strict=True)
    )
    return Exchange(all(mistyped), harmless)


def beside_a_further_word(a: Left, b: Left) -> tuple[Token, Token] | None:
    """The two words, where one that begins the headline or ends a phrase was exchanged and one side has a word more.

    "Scheme gives every pupil free breakfast", "Pilot scheme gives every pupil free lessons": without "pilot" the two
    differ in one word. All other words must be the same, and in order; the further word stands elsewhere.
    """
    less, more = (a, b) if len(a.places) < len(b.places) else (b, a)
    if len(less.places) != 1 or len(more.places) != 2:
        return None
    ours, theirs = less.reading.keys, more.reading.keys
    at, (one, other) = less.places[0], more.places
    if other == one + 1 or at not in (one, other - 1):
        return None
    if ours[:at] + ours[at + 1 :] != theirs[:one] + theirs[one + 1 : other] + theirs[other + 1 :]:
        return None
    tokens = less.reading.tokens
    if 0 < at < len(tokens) - 1 and not is_small(tokens[at + 1]):
        return None
    return tokens[at], more.reading.tokens[one if at == one else other]


def stand_for_each_other(one: str, other: str) -> bool:
    """Whether two keys are both of the plain future, or both of a cause."""
    return (one in INTENT and other in INTENT) or (one in _CAUSES and other in _CAUSES)


def _is_harmless(one: str, other: str) -> bool:
    """Whether either word will do: they stand for the same, or both are small words of no weight."""
    first, second = token(one), token(other)
    if first.key == second.key or (first.key in _CAUSES and second.key in _CAUSES):
        return True
    small = first.flags & second.flags & FILLER and not (first.flags | second.flags) & PLAN
    return bool(small) and one not in _TELLING and other not in _TELLING
