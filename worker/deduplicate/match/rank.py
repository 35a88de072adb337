"""How much speaks for a duplicate, also of pairs that the rule leaves apart: what figures order pairs by."""

from __future__ import annotations

from typing import Final

from worker.deduplicate.match import model
from worker.deduplicate.match.align import align, overlap
from worker.deduplicate.match.differences import differences
from worker.deduplicate.match.exchange import exchanged
from worker.deduplicate.match.features import features
from worker.deduplicate.match.judge import ALIKE, OVERLAP
from worker.deduplicate.match.tokens import read

_STEP: Final = 1 << 40
"""No sum of leaves comes near to it, so that ranks of different steps never meet."""


_MODEL: Final = model.load()
DECIDED: Final = _MODEL.duplicate.threshold
"""From this rank on `judge` says duplicate; with another model from its threshold on."""


def rank(earlier: str, later: str, *, scorer: model.Model = _MODEL) -> int:
    """A whole number; of two pairs of match forms the one with the higher is likelier a duplicate.

    `judge` calls those from `DECIDED` on a duplicate, and no other. What no likeness outweighs comes after all that
    the scorer may decide, and what has too little in common after that.
    """
    if earlier == later:
        return 2 * _STEP
    a, b = map(read, sorted((earlier, later)))
    exchange = exchanged(a, b)
    if exchange is not None and exchange.mistyped:
        return _STEP
    common = overlap(a, b)
    if common < OVERLAP:
        return common - 2 * _STEP
    found = align(a, b)
    values = features(a, b, found)
    total = scorer.duplicate.total(values)
    is_ruled_out = bool(differences(a, b, found)) or (exchange is not None and not exchange.harmless)
    return total - _STEP if is_ruled_out or values[0] < ALIKE else total
