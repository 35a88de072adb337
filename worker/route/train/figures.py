"""Figures: how good routes are, measured against an editor's labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from worker.mediatopics import SLUGS, UNSORTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from worker.events import Route
    from worker.route.train.labels import Labelled

_FEWEST: Final = 10
"""A topic of fewer headlines does not count in macro-F1."""
_BINS: Final = 10


class Figures(NamedTuple):
    """Shares of headlines, 0 to 1, but for the first. "Right" is the primary topic or an acceptable one."""

    headlines: int
    primary: float
    """Best topic is the primary one; `unsorted` does not count here."""
    right: float
    macro_f1: float
    """Of the best topic against the primary one, over topics with at least ten headlines."""
    calibration_error: float
    """Expected calibration error of the best topic's confidence against right; ten bins of equal width."""
    unsorted: float
    right_of_sorted: float
    """Right, of the headlines that are not unsorted."""
    with_further: float
    further_right: float
    """Of all further topics given, those that the editor accepts."""

    def __str__(self) -> str:
        return (
            f"{self.headlines} headlines: primary {self.primary:.3f}, right {self.right:.3f}, "
            f"macro-F1 {self.macro_f1:.3f}, calibration error {self.calibration_error:.3f}; "
            f"unsorted {self.unsorted:.3f}, right of the sorted {self.right_of_sorted:.3f}; "
            f"with further topics {self.with_further:.3f}, right of those {self.further_right:.3f}"
        )


class Answers(NamedTuple):
    """What routes say of n labelled headlines, a column each of the length n."""

    best: NDArray[np.int64]
    primary: NDArray[np.int64]
    """Columns of topics, in the order of the codes."""
    right: NDArray[np.bool_]
    is_sorted: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    further: NDArray[np.int64]
    """How many further topics are given, and how many of these the editor accepts."""
    further_right: NDArray[np.int64]


def measure(routes: Sequence[Route], labelled: Sequence[Labelled]) -> Figures:
    """The figures of routes, one for each labelled headline."""
    return weighed(answers(routes, labelled), np.ones(len(routes), np.int64))


def answers(routes: Sequence[Route], labelled: Sequence[Labelled]) -> Answers:
    """What there is to measure of routes, one for each labelled headline."""
    best = [SLUGS.index(route.best) for route in routes]
    accepted = [
        sum(label.accepts(SLUGS.index(also.topic)) for also in route.also)
        for route, label in zip(routes, labelled, strict=True)
    ]
    return Answers(
        best=np.array(best),
        primary=np.array([label.topic for label in labelled]),
        right=np.array([label.accepts(topic) for label, topic in zip(labelled, best, strict=True)], bool),
        is_sorted=np.array([route.topic != UNSORTED for route in routes]),
        confidence=np.array([route.confidence for route in routes]),
        further=np.array([len(route.also) for route in routes]),
        further_right=np.array(accepted),
    )


def weighed(of: Answers, weights: NDArray[np.int64]) -> Figures:
    """The figures when headline i is there `weights[i]` times (n,): as it is, or drawn by a bootstrap."""

    def share(hits: NDArray[Any], among: NDArray[Any]) -> float:
        total = int(weights @ among)
        return int(weights @ hits) / total if total else 0.0

    everything = np.ones(len(weights), np.int64)
    return Figures(
        headlines=int(weights.sum()),
        primary=share(of.best == of.primary, everything),
        right=share(of.right, everything),
        macro_f1=_macro_f1(of, weights),
        calibration_error=_calibration_error(of, weights),
        unsorted=share(~of.is_sorted, everything),
        right_of_sorted=share(of.right & of.is_sorted, of.is_sorted),
        with_further=share(of.further > 0, everything),
        further_right=share(of.further_right, of.further),
    )


def _macro_f1(of: Answers, weights: NDArray[np.int64]) -> float:
    topics = len(SLUGS)
    given = np.bincount(of.best, weights, topics)
    wanted = np.bincount(of.primary, weights, topics)
    both = np.bincount(of.best, weights * (of.best == of.primary), topics)
    counts = wanted >= _FEWEST
    return float((2 * both[counts] / (given[counts] + wanted[counts])).mean()) if counts.any() else 0.0


def _calibration_error(of: Answers, weights: NDArray[np.int64]) -> float:
    bins = np.minimum((of.confidence * _BINS).astype(int), _BINS - 1)
    right = np.bincount(bins, weights * of.right, _BINS)
    confident = np.bincount(bins, weights * of.confidence, _BINS)
    return float(np.abs(right - confident).sum() / max(1, weights.sum()))
