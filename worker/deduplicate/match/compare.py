"""What the rule sees of a pair before it decides: ruled on at once, or measured for the scorers."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from worker.deduplicate.match import foreign
from worker.deduplicate.match.align import Alignment, align, overlap
from worker.deduplicate.match.differences import differences
from worker.deduplicate.match.exchange import exchanged
from worker.deduplicate.match.features import features
from worker.deduplicate.match.left import sides
from worker.deduplicate.match.tokens import Reading, read
from worker.deduplicate.match.truncated import is_truncated
from worker.events import Kind

OVERLAP: Final = 450
"""Thousandths of the two headlines' weight that must be common before a pair is looked at closely."""

ASKED_OVERLAP: Final = 400
"""The same where an encoder is, or may be, asked: it tells updates among pairs that share less."""


class Judgement(Struct, frozen=True, gc=False):
    """What a pair is: `kind`, how sure (0 to 1 in thousandths: the score of the kind), and why."""

    kind: Kind
    score: float
    reason: str


class Comparison(Struct, frozen=True, gc=False):
    """A pair that a scorer decides on: both headlines in a fixed order, what differs, and the features."""

    one: Reading
    other: Reading
    found: Alignment
    reasons: tuple[str, ...]
    values: tuple[int, ...]


def compare(earlier: str, later: str, least: int = OVERLAP) -> Judgement | Comparison:
    """Compare two match forms, whichever came first; those that share less than `least` are unrelated."""
    if earlier == later:
        return _EXACT
    if is_truncated(earlier, later):
        return _TRUNCATED
    a, b = read(earlier), read(later)
    if a.spoken.foreign or b.spoken.foreign:
        reason = foreign.differs(a, b)
        return Judgement(Kind.ORIGINAL, 0.0, reason) if reason else _RESPACED
    exchange = exchanged(a, b)
    if exchange is not None and exchange.mistyped:
        return _MISTYPED
    if overlap(a, b) < least:
        return UNRELATED
    if later < earlier:
        a, b = b, a
    found = align(a, b)
    one, two = sides(a, b, found)
    return Comparison(a, b, found, differences(one, two, found.pairs), features(one, two, found))


_EXACT = Judgement(Kind.DUPLICATE, 1.0, "exact")
_MISTYPED = Judgement(Kind.DUPLICATE, 0.999, "typo")
_TRUNCATED = Judgement(Kind.DUPLICATE, 0.999, "truncated")
_RESPACED = Judgement(Kind.DUPLICATE, 0.998, "spacing")
UNRELATED = Judgement(Kind.ORIGINAL, 0.0, "unrelated")
"""Too little in common to look at."""
