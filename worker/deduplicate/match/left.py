"""What an alignment left over of one headline, and the small words that hold a headline together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.deduplicate.match.tokens import AMOUNT, FILLER, NUMBER, Reading, Token, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.match.align import Alignment

Pairs = tuple[tuple[int, int], ...]
"""Places that match, in the order of the first headline."""

OF = frozenset({"of", "on", "from", "in", "at", "for", "to", "by", "with", "against"})
"""Prepositions that make what follows them a part of what stands before."""

CLAUSE = words_of("clause")
"""Conjunctions that begin a clause with an event of its own."""

PERSONS = words_of("person")
"""Nouns for somebody."""

FIGURE = NUMBER | AMOUNT
"""Flags of what counts."""

_AROUND = frozenset(
    {"outside", "inside", "near", "off", "under", "over", "behind", "around", "into", "without"}
)
"""Prepositions of place, which an object does not begin with."""


class Left:
    """One headline's left-over words: their places, their tokens, those that are no fillers, and all their flags."""

    __slots__ = ("content", "flags", "places", "reading", "tokens")

    def __init__(self, reading: Reading, places: tuple[int, ...]) -> None:
        tokens = reading.tokens
        self.reading = reading
        self.places = places
        self.tokens = [tokens[at] for at in places]
        content: list[Token] = []
        all_flags = 0
        for token in self.tokens:
            flags = token.flags
            all_flags |= flags
            if not flags & FILLER:
                content.append(token)
        self.content = content
        self.flags = all_flags


def sides(a: Reading, b: Reading, found: Alignment) -> tuple[Left, Left]:
    """What an alignment left over of each."""
    return Left(a, found.left_a), Left(b, found.left_b)


def content_of(tokens: Sequence[Token]) -> list[Token]:
    """The tokens that are no fillers."""
    return [token for token in tokens if not token.flags & FILLER]


def is_small(token: Token) -> bool:
    """Whether a word is a filler, a preposition or a conjunction: what no object begins with."""
    return bool(token.flags & FILLER) or token.key in OF or token.key in CLAUSE or token.key in _AROUND
