"""A matcher's model from a file of pairs of a user's own, cross-validated beside the one that is used so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.deduplicate.match import own
from worker.deduplicate.match.train import trained
from worker.errors import UsageError
from worker.evaluate.tiers import Decision
from worker.events import Kind
from worker.labels import Relation
from worker.train.confusion import Confusion, confusion
from worker.train.picture import Chart, Point

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

ANSWERS: Final = ("duplicate", "update", "distinct")


class TrainedMatcher(NamedTuple):
    """A model that was written, and what models that had not seen a pair's stories decided on it, in order."""

    version: str
    decisions: list[Decision]


def train(path: Path, output: Path, *, precision: float, update_precision: float) -> TrainedMatcher:
    """Train, cross-validate and write a model.

    Args:
        path: a file of pairs.
        output: where the model goes.
        precision: of what is called a duplicate, on pairs held out;
        update_precision: of what is called an update.

    Raises:
        UsageError: the file cannot be used, or no threshold has such a precision.
    """
    found = trained(path, precision, update_precision)
    try:
        version = own.save(found.model, output)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror}); name another --output") from error
    kinds = np.select([found.duplicates, found.updates], [Kind.DUPLICATE, Kind.UPDATE], Kind.ORIGINAL)
    columns = zip(kinds.tolist(), found.scores.tolist(), found.ranks.tolist(), strict=True)
    return TrainedMatcher(
        version, [Decision(Kind(kind), score / 1000, "held out", rank) for kind, score, rank in columns]
    )


def confusion_of(relations: Sequence[Relation], decisions: Sequence[Decision]) -> Confusion:
    """Which label got which verdict."""
    answers = ["distinct" if decision.kind is Kind.ORIGINAL else str(decision.kind) for decision in decisions]
    return confusion(list(map(str, relations)), answers, list(map(str, Relation)), ANSWERS)


def precision_over_recall(relations: Sequence[Relation], decisions: Sequence[Decision]) -> Chart:
    """What a threshold would give for duplicates, all the way down, and where the model's lies."""
    same = np.array([relation is Relation.DUPLICATE for relation in relations])
    ranks = np.array([decision.rank for decision in decisions])
    order = np.argsort(-ranks, kind="stable")
    right, called = np.cumsum(same[order]), np.arange(1, len(order) + 1)
    cuts = _spread(np.flatnonzero(np.append(ranks[order][1:] != ranks[order][:-1], True)))
    wanted = max(1, int(same.sum()))
    points = [Point(right[at] / wanted, right[at] / called[at], 0) for at in cuts.tolist()]
    is_called = np.array([decision.kind is Kind.DUPLICATE for decision in decisions])
    count = int(is_called.sum())
    marked = (
        Point((is_called & same).sum() / wanted, (is_called & same).sum() / count, count) if count else None
    )
    return Chart("duplicates, on pairs held out", "recall", "precision", points, marked=marked)


def _spread(cuts: NDArray[np.intp]) -> NDArray[np.intp]:
    """At most so many of them as a picture can show, the last one among them."""
    chosen: NDArray[np.intp] = cuts[np.unique(np.linspace(0, len(cuts) - 1, _MOST_POINTS).astype(int))]
    return chosen


_MOST_POINTS: Final = 200
