"""How much speaks for a duplicate, also of pairs that the rule leaves apart: what figures order pairs by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.deduplicate.match import foreign, model
from worker.deduplicate.match.align import align, overlap
from worker.deduplicate.match.differences import differences
from worker.deduplicate.match.exchange import exchanged
from worker.deduplicate.match.features import features
from worker.deduplicate.match.judge import ALIKE, CERTAIN, OVERLAP, SAME
from worker.deduplicate.match.tokens import read
from worker.deduplicate.match.truncated import is_truncated

if TYPE_CHECKING:
    from worker.deduplicate.evidence import Scores

_STEP: Final = 1 << 40
"""No sum of leaves comes near to it, so that ranks of different steps never meet."""

_EIGHTH: Final = 1_250
"""An eighth of the log-odds, in which evidence counts, in the unit of the scorer's leaves."""


def rank(earlier: str, later: str, evidence: Scores | None = None) -> int:
    """A whole number; of two pairs of match forms the one with the higher is likelier a duplicate.

    `judge` calls those from `DECIDED` on a duplicate, and no other. What no likeness outweighs comes after all that
    the scorer may decide, and what has too little in common after that. Evidence is what `judge` takes: where it has a
    say, it alone ranks the pair.
    """
    if earlier == later:
        return 2 * _STEP
    if is_truncated(earlier, later):
        return _STEP
    a, b = map(read, sorted((earlier, later)))
    if a.spoken.foreign or b.spoken.foreign:
        return overlap(a, b) - 2 * _STEP if foreign.differs(a, b) else _STEP
    exchange = exchanged(a, b)
    if exchange is not None and exchange.mistyped:
        return _STEP
    common = overlap(a, b)
    if common < OVERLAP:
        return common - 2 * _STEP
    found = align(a, b)
    values = features(a, b, found)
    total = _MODEL.duplicate.total(values)
    reasons = differences(a, b, found)
    is_ruled_out = bool(reasons) or (exchange is not None and not exchange.harmless) or values[0] < ALIKE
    if not is_ruled_out and total >= DECIDED:
        return total
    if evidence is not None and CERTAIN.isdisjoint(reasons):
        return DECIDED + (evidence.same - SAME) * _EIGHTH
    return total - _STEP if is_ruled_out else total


_MODEL: Final = model.load()
DECIDED: Final = _MODEL.duplicate.threshold
"""From this rank on `judge` says duplicate."""
