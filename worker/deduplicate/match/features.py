"""What the scorer sees of a pair: small whole numbers, the same whichever headline came first."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from worker.deduplicate.match.align import near_pairs
from worker.deduplicate.match.tokens import FILLER, FORENAME, NAME, PLACE, SPEECH, TITLE, Reading, words_of

if TYPE_CHECKING:
    from worker.deduplicate.match.align import Alignment

NAMES: Final = (
    "cover", "contained", "left_more", "left_less", "count_more", "count_less", "heaviest", "heaviest_less", "near",
    "names", "forenames", "titles", "speech", "small_words", "connectors", "questions", "head", "tail", "middle",
    "inflected", "reinflected", "shortest", "matched_names", "turned", "first", "last", "run", "trigrams", "joins",
    "typos", "unpaired_more", "unpaired_less", "other_names", "shape", "places",
)  # fmt: skip
"""The features in order. Weights are in quarter bits of rarity, shares in thousandths; "more" is the side with more
left over."""

_CONNECTORS = words_of("connector")
_QUESTIONS = words_of("question")


def features(a: Reading, b: Reading, found: Alignment) -> tuple[int, ...]:
    """The features of a pair, in the order of `NAMES`."""
    one = _Side(a, found.left_a)
    two = _Side(b, found.left_b)
    more, less = (one, two) if one.sorting() >= two.sorting() else (two, one)
    near = near_pairs(more.content, less.content)
    pairs = found.pairs
    others = [other for _, other in pairs]
    matched_more = more.reading.weight - more.weight_all
    matched_less = less.reading.weight - less.weight_all
    return (
        1000 * found.matched // max(1, a.weight + b.weight),
        1000
        * max(matched_more * less.reading.weight, matched_less * more.reading.weight)
        // max(1, more.reading.weight * less.reading.weight),
        more.weight,
        less.weight,
        len(more.content),
        len(less.content),
        more.heaviest,
        less.heaviest,
        near,
        more.count(NAME) + less.count(NAME),
        _forenames(more) + _forenames(less),
        more.count(TITLE) + less.count(TITLE),
        more.count(SPEECH) + less.count(SPEECH),
        len(more.left) + len(less.left) - len(more.content) - len(less.content),
        more.among(_CONNECTORS) + less.among(_CONNECTORS),
        more.among(_QUESTIONS) + less.among(_QUESTIONS),
        more.head,
        more.tail,
        more.weight - more.head - more.tail,
        sum(token.text != token.key for token in more.content)
        + sum(token.text != token.key for token in less.content),
        sum(a.tokens[at].text != b.tokens[other].text for at, other in pairs),
        min(len(a.tokens), len(b.tokens)),
        sum(a.tokens[at].weight for at, _ in pairs if a.tokens[at].flags & NAME),
        sum(first > second for first, second in pairwise(others)),
        int(bool(pairs) and pairs[0][0] == 0 and others[0] == 0),
        int(bool(pairs) and pairs[-1][0] == len(a.tokens) - 1 and others[-1] == len(b.tokens) - 1),
        1000 * _longest_run(pairs) // max(1, min(len(a.tokens), len(b.tokens))),
        _trigrams(a, b),
        found.joins,
        found.typos,
        len(more.content) - near,
        len(less.content) - near,
        more.count(NAME) + less.count(NAME) - _forenames(more) - _forenames(less),
        5 * min(4, max(0, len(less.content) - near)) + min(4, max(0, len(more.content) - near)),
        more.count(PLACE) + less.count(PLACE),
    )


class _Side:
    """One headline's left-over words, measured."""

    __slots__ = ("content", "head", "heaviest", "left", "reading", "tail", "weight", "weight_all")

    def __init__(self, reading: Reading, left: tuple[int, ...]) -> None:
        tokens = reading.tokens
        self.reading = reading
        self.left = left
        self.content = [tokens[at] for at in left if not tokens[at].flags & FILLER]
        self.weight = sum(token.weight for token in self.content)
        self.weight_all = sum(tokens[at].weight for at in left)
        self.heaviest = max((token.weight for token in self.content), default=0)
        self.head = self.tail = 0
        for at, place in enumerate(left):
            if place != at:
                break
            self.head += 0 if tokens[place].flags & FILLER else tokens[place].weight
        last = len(tokens) - 1
        for at, place in enumerate(reversed(left)):
            if place != last - at or self.head == self.weight:
                break
            self.tail += 0 if tokens[place].flags & FILLER else tokens[place].weight

    def sorting(self) -> tuple[int, int, int, int]:
        """Orders the two sides; equal only for sides that measure the same."""
        return self.weight, len(self.content), self.weight_all, self.tail

    def count(self, flag: int) -> int:
        return sum(1 for token in self.content if token.flags & flag)

    def among(self, words: frozenset[str]) -> int:
        return sum(self.reading.keys[at] in words for at in self.left)


def _forenames(side: _Side) -> int:
    """Left-over first names that stand right before a name that is not left over."""
    tokens = side.reading.tokens
    left = set(side.left)
    return sum(
        1
        for at in side.left
        if tokens[at].flags & FORENAME
        and at + 1 < len(tokens)
        and at + 1 not in left
        and tokens[at + 1].flags & NAME
    )


def _longest_run(pairs: tuple[tuple[int, int], ...]) -> int:
    best = run = 0
    before = (-2, -2)
    for at, other in pairs:
        run = run + 1 if (at, other) == (before[0] + 1, before[1] + 1) else 1
        best = max(best, run)
        before = (at, other)
    return best


def _trigrams(a: Reading, b: Reading) -> int:
    """The Dice similarity of the two sets of character trigrams over the keys, in thousandths."""
    one, two = (f"  {' '.join(reading.keys)} " for reading in (a, b))
    grams_one = {one[at : at + 3] for at in range(len(one) - 2)}
    grams_two = {two[at : at + 3] for at in range(len(two) - 2)}
    return 2000 * len(grams_one & grams_two) // max(1, len(grams_one) + len(grams_two))
