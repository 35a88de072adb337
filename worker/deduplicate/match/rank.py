"""How much speaks for a duplicate, also of pairs that the rule leaves apart: what figures order pairs by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.deduplicate.match import model
from worker.deduplicate.match.align import overlap
from worker.deduplicate.match.compare import ASKED_OVERLAP, OVERLAP, Judgement, compare
from worker.deduplicate.match.judge import is_open, values_of
from worker.deduplicate.match.tokens import read
from worker.events import Kind

if TYPE_CHECKING:
    from worker.deduplicate.evidence import Scores

_STEP: Final = 1 << 40
"""No sum of leaves comes near to it, so that ranks of different steps never meet."""

_MODEL: Final = model.load()


def rank(earlier: str, later: str, evidence: Scores | None = None, *, scorer: model.Model = _MODEL) -> int:
    """A whole number; of two pairs of match forms the one with the higher is likelier a duplicate.

    `judge` calls those from 0 on a duplicate, and no other. What a difference rules out comes after all that the scorer
    may decide, but for what the encoder was asked about: that is never called a duplicate, and ordered by its word all
    the same. What has too little in common comes last.
    """
    pair = compare(earlier, later, OVERLAP if evidence is None else ASKED_OVERLAP)
    if isinstance(pair, Judgement):
        if pair.kind is Kind.DUPLICATE:
            return 2 * _STEP if earlier == later else _STEP
        return overlap(read(earlier), read(later)) - 2 * _STEP
    scorers = scorer.cheap if evidence is None else scorer.deep
    total = scorers.duplicate.total(values_of(pair, evidence)) - scorers.duplicate.threshold
    if is_open(pair, deep=evidence is not None):
        return total
    return total - _STEP if evidence is None else min(total, 0) - 1
