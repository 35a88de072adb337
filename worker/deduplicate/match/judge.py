"""The rule on a pair: whether the later headline says the same as the earlier, brings a new fact, or is another."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from worker.deduplicate.match import model
from worker.deduplicate.match.align import align, overlap
from worker.deduplicate.match.differences import REASONS as DIFFERENCES
from worker.deduplicate.match.differences import differences
from worker.deduplicate.match.exchange import exchanged
from worker.deduplicate.match.features import features
from worker.deduplicate.match.tokens import read
from worker.events import Kind

RULE: Final = 1
RULE_NAME: Final = "dedup-1"

REASONS: Final = frozenset({"exact", "typo", "reworded", "detail", "unrelated", *DIFFERENCES})
"""Every reason that a judgement can give."""

OVERLAP: Final = 450
"""Thousandths of the two headlines' weight that must be common before a pair is looked at closely."""


ALIKE: Final = 660
"""Thousandths of the weight that a duplicate must have in common, whatever the scorer says: labels are few below."""

REVERSED: Final = 650
"""Thousandths of the weight that must be common for a reversal ("mixed", "rally") to be an update without a score."""


class Judgement(Struct, frozen=True, gc=False):
    """What a pair is: `kind`, how sure (0 to 1 in thousandths: the score of the kind), and why."""

    kind: Kind
    score: float
    reason: str


_EXACT = Judgement(Kind.DUPLICATE, 1.0, "exact")
_MISTYPED = Judgement(Kind.DUPLICATE, 0.999, "typo")
_UNRELATED = Judgement(Kind.ORIGINAL, 0.0, "unrelated")


_MODEL: Final = model.load()


def judge(earlier: str, later: str, *, scorer: model.Model = _MODEL) -> Judgement:
    """Judge two match forms. A pure function, and symmetric; ORIGINAL says that the two are different news."""
    if earlier == later:
        return _EXACT
    a, b = read(earlier), read(later)
    exchange = exchanged(a, b)
    if exchange is not None and exchange.mistyped:
        return _MISTYPED
    if overlap(a, b) < OVERLAP:
        return _UNRELATED
    if later < earlier:
        a, b = b, a
    found = align(a, b)
    reasons = differences(a, b, found)
    if exchange is not None and not exchange.harmless and "swap" not in reasons:
        reasons = (*reasons, "swap")
    values = features(a, b, found)
    if not reasons and values[0] >= ALIKE:
        total = scorer.duplicate.total(values)
        if total >= scorer.duplicate.threshold:
            return Judgement(Kind.DUPLICATE, scorer.duplicate.score(total), "reworded")
    total = scorer.update.total((*values, *(reason in reasons for reason in DIFFERENCES)))
    reversal = "opposite" in reasons and "name" not in reasons and values[0] >= REVERSED
    kind = Kind.UPDATE if reversal or total >= scorer.update.threshold else Kind.ORIGINAL
    return Judgement(kind, scorer.update.score(total), reasons[0] if reasons else "detail")
