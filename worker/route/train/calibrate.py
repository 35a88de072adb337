"""Calibration: from a topic's share of the softmax to the probability that an editor accepts it.

Learned from headlines that the scoring model was not trained on. One curve for the best topic and one for the
others, each a logistic regression on the share's log-odds (Platt, 1999), written out as a table by permille.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from worker.mediatopics import SLUGS
from worker.route.model import PERMILLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from worker.route.router import Scores
    from worker.route.train.labels import Labelled

_NEWTON_STEPS: Final = 25
_RIDGE: Final = 0.1
"""Keeps the curve finite where every headline of a small set is right."""

_LEAST_SHARE: Final = 20
"""Permille below which another topic tells nothing of those that are given."""

_MOST: Final = 999
"""Permille; nothing is certain."""


def confidence_tables(
    scored: Sequence[tuple[Scores, list[Labelled]]],
) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    """The tables `first` and `further` of the model, in permille, from sets of scores with their labels."""
    shares = np.concatenate([scores.shares for scores, _ in scored])
    best = np.concatenate([scores.best for scores, _ in scored])
    labels = [label for _, labelled in scored for label in labelled]
    rows = np.arange(len(labels))
    accepted = np.array([[label.accepts(topic) for topic in range(len(SLUGS))] for label in labels])
    others = shares >= _LEAST_SHARE
    others[rows, best] = False
    first = _table(shares[rows, best], accepted[rows, best])
    further = _table(shares[others], accepted[others])
    first[0] = 0
    return first, np.minimum(first, further)


def _table(shares: NDArray[np.int64], right: NDArray[np.bool_]) -> NDArray[np.int16]:
    inputs = _log_odds(shares)
    coefficients = np.zeros(2)
    for _ in range(_NEWTON_STEPS):
        expected = _logistic(inputs @ coefficients)
        slope = inputs.T @ (right - expected) - _RIDGE * coefficients
        curvature = (inputs * (expected * (1 - expected))[:, np.newaxis]).T @ inputs
        coefficients += np.linalg.solve(curvature + _RIDGE * np.eye(2), slope)
    confidences = _logistic(_log_odds(np.arange(PERMILLE)) @ coefficients)
    return np.minimum(np.rint(confidences * 1000), _MOST).astype(np.int16)


def _log_odds(shares: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, 2): a one and the share's log-odds, kept finite at 0 and 1000 permille."""
    likely = (shares + 0.5) / PERMILLE
    return np.stack((np.ones(len(shares)), np.log(likely / (1 - likely))), axis=1)


def _logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    result: NDArray[np.float64] = 1 / (1 + np.exp(-values))
    return result
