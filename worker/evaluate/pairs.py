"""Duplicates and updates against an editor's labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.evaluate.bootstrap import Measured, share
from worker.evaluate.tiers import headline_of
from worker.events import Kind
from worker.labels import Relation, read_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from worker.evaluate.tiers import Decision, Pair
    from worker.normalize import Limits

PRECISIONS: Final = (0.95, 0.90)
"""At which the recall is told when pairs are ordered by rank."""


class LabelledPair(NamedTuple):
    """Two headlines with an editor's label, and where they stand."""

    where: str
    relation: Relation
    pair: Pair


def load(path: Path, limits: Limits) -> list[LabelledPair]:
    """The pairs of a label file, normalized.

    Raises:
        UsageError: it cannot be read, or a line is no label.
    """
    loaded = []
    for row in read_pairs(path):
        where = f"{path}, line {row.line}"
        pair = (headline_of(row.earlier, limits, where), headline_of(row.later, limits, where))
        loaded.append(LabelledPair(where, row.relation, pair))
    return loaded


class PairFigures:
    """The figures of n decided pairs; call it with how often each is there (n,).

    The recall at a precision is that of the best threshold on these very pairs: what the order of the pairs is worth,
    not what a threshold that was chosen elsewhere would reach.
    """

    def __init__(self, relations: Sequence[Relation], decisions: Sequence[Decision]) -> None:
        relation = np.array(relations)
        kind = np.array([decision.kind for decision in decisions])
        self._duplicate = relation == Relation.DUPLICATE
        self._story = relation == Relation.SAME_STORY
        self._called = kind == Kind.DUPLICATE
        self._updated = kind == Kind.UPDATE
        ranks = np.array([decision.rank for decision in decisions])
        self._order = np.argsort(-ranks, kind="stable")
        ranked = ranks[self._order]
        self._cuts = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))  # no threshold parts equals

    def __call__(self, weights: NDArray[np.int64]) -> dict[str, Measured]:
        """Shares by name."""
        return {
            "duplicate_precision": share(weights, self._duplicate, self._called),
            "duplicate_recall": share(weights, self._called, self._duplicate),
            **{recall_at(least): self._recall_at(weights, least) for least in PRECISIONS},
            "same_story_suppressed": share(weights, self._called, self._story),
            "update_precision": share(weights, self._story, self._updated),
            "update_recall": share(weights, self._updated, self._story),
        }

    def _recall_at(self, weights: NDArray[np.int64], least: float) -> Measured:
        ordered = weights[self._order]
        right = np.cumsum(ordered * self._duplicate[self._order])[self._cuts]
        called = np.cumsum(ordered)[self._cuts]
        precise = right >= least * called
        wanted = int(weights @ self._duplicate)
        return Measured(int(right[precise].max(initial=0)) / wanted if wanted else 0.0, wanted)


def recall_at(precision: float) -> str:
    """The name of the figure."""
    return f"duplicate_recall_at_{precision * 100:.0f}"
