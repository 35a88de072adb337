"""The rule on a pair: whether the later headline says the same as the earlier, brings a new fact, or is another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from worker.deduplicate.match import foreign, model
from worker.deduplicate.match.align import align, overlap
from worker.deduplicate.match.differences import REASONS as DIFFERENCES
from worker.deduplicate.match.differences import differences
from worker.deduplicate.match.exchange import exchanged
from worker.deduplicate.match.features import features
from worker.deduplicate.match.tokens import read
from worker.deduplicate.match.truncated import is_truncated
from worker.events import Kind

if TYPE_CHECKING:
    from worker.deduplicate.evidence import Scores

RULE: Final = 2
RULE_NAME: Final = "dedup-2"

REASONS: Final = frozenset(
    {
        "exact",
        "typo",
        "truncated",
        "spacing",
        "reworded",
        "deep",
        "detail",
        "unrelated",
        *foreign.DIFFERENCES,
        *DIFFERENCES,
    }
)
"""Every reason that a judgement can give."""

OVERLAP: Final = 450
"""Thousandths of the two headlines' weight that must be common before a pair is looked at closely."""


ALIKE: Final = 660
"""Thousandths of the weight that a duplicate must have in common, whatever the scorer says: labels are few below."""

REVERSED: Final = 650
"""Thousandths of the weight that must be common for a reversal ("mixed", "rally") to be an update without a score."""


CERTAIN: Final = frozenset({"number", "negation", "opposite"})
"""Differences that no model outweighs."""

SAME: Final = 8
"""Log-odds in eighths from which the model's word is enough."""


class Judgement(Struct, frozen=True, gc=False):
    """What a pair is: `kind`, how sure (0 to 1 in thousandths: the score of the kind), and why."""

    kind: Kind
    score: float
    reason: str


_EXACT = Judgement(Kind.DUPLICATE, 1.0, "exact")
_MISTYPED = Judgement(Kind.DUPLICATE, 0.999, "typo")
_TRUNCATED = Judgement(Kind.DUPLICATE, 0.999, "truncated")
_RESPACED = Judgement(Kind.DUPLICATE, 0.998, "spacing")
_UNRELATED = Judgement(Kind.ORIGINAL, 0.0, "unrelated")


def judge(earlier: str, later: str, evidence: Scores | None = None) -> Judgement:
    """Judge two match forms. A pure function, and symmetric; ORIGINAL says that the two are different news.

    Args:
        earlier: one,
        later: and the other.
        evidence: what the costly model said of the two, where it was asked.
    """
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
        total = _MODEL.duplicate.total(values)
        if total >= _MODEL.duplicate.threshold:
            return Judgement(Kind.DUPLICATE, _MODEL.duplicate.score(total), "reworded")
    if evidence is not None and evidence.same >= SAME and CERTAIN.isdisjoint(reasons):
        return Judgement(Kind.DUPLICATE, (evidence.same + 128) * 1000 // 256 / 1000, "deep")
    total = _MODEL.update.total((*values, *(reason in reasons for reason in DIFFERENCES)))
    reversal = "opposite" in reasons and "name" not in reasons and values[0] >= REVERSED
    kind = Kind.UPDATE if reversal or total >= _MODEL.update.threshold else Kind.ORIGINAL
    return Judgement(kind, _MODEL.update.score(total), reasons[0] if reasons else "detail")


def doubtful(earlier: str, later: str) -> bool:
    """Whether the costly model could make a duplicate of a pair that is none without it."""
    if earlier == later:
        return False
    a, b = read(earlier), read(later)
    if overlap(a, b) < OVERLAP:
        return False
    if later < earlier:
        a, b = b, a
    if not CERTAIN.isdisjoint(differences(a, b, align(a, b))):
        return False
    return judge(earlier, later).kind is not Kind.DUPLICATE


_MODEL = model.load()
