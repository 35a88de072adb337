"""Cross-validation: what models make of labelled headlines that they have not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.route.router import Router, Scores
from worker.route.train.calibrate import confidence_tables
from worker.route.train.fit import fit
from worker.route.train.labels import Labelled, Targets, without
from worker.route.train.quantise import quantised

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from worker.events import Route
    from worker.route.model import Model

FOLDS: Final = 3
_SEED: Final = 0


class CrossValidated(NamedTuple):
    """Labelled headlines with the routes by models that had not seen them, and the confidence learned of that."""

    labelled: list[Labelled]
    routes: list[Route]
    first: NDArray[np.int16]
    further: NDArray[np.int16]
    """The tables of `worker.route.model.Model`."""


class _Fold(NamedTuple):
    """A model that has not seen some labelled headlines, and what it makes of them."""

    model: Model
    labelled: list[Labelled]
    scores: Scores


def cross_validated(
    labelled: Sequence[Labelled],
    targets: Targets,
    *,
    threshold: float,
    also_threshold: float,
    say: Callable[[str], None],
) -> CrossValidated:
    """Hold out a third at a time.

    Args:
        labelled: the headlines to hold out; those of their match forms are taken out of the targets too.
        targets: what is learned from.
        threshold: of the routes, as in `Router.route`;
        also_threshold: the same.
        say: takes a line for each third that is done.
    """
    folds = [_fold(held_out, targets, say) for held_out in _folds(labelled)]
    first, further = confidence_tables([(fold.scores, fold.labelled) for fold in folds])
    routes: list[Route] = []
    for fold in folds:
        router = Router(fold.model._replace(first=first, further=further), "fold")
        matches = [label.match for label in fold.labelled]
        routes += router.route(matches, threshold=threshold, also_threshold=also_threshold)
    return CrossValidated([label for fold in folds for label in fold.labelled], routes, first, further)


def _folds(labelled: Sequence[Labelled]) -> list[list[Labelled]]:
    order = np.random.default_rng(_SEED).permutation(len(labelled))
    return [[labelled[at] for at in order[fold::FOLDS]] for fold in range(FOLDS)]


def _fold(held_out: list[Labelled], targets: Targets, say: Callable[[str], None]) -> _Fold:
    matches = [label.match for label in held_out]
    model = quantised(fit(without(targets, matches)))
    say(f"fold of {len(matches)} held out: fitted")
    return _Fold(model, held_out, Router(model, "fold").score(matches))
