"""Figures: how good routes are, measured against an editor's labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

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


def measure(routes: Sequence[Route], labelled: Sequence[Labelled]) -> Figures:
    """The figures of routes, one for each labelled headline."""
    best = np.array([SLUGS.index(route.best) for route in routes])
    primary = np.array([label.topic for label in labelled])
    right = np.array([label.accepts(topic) for label, topic in zip(labelled, best.tolist(), strict=True)])
    is_sorted = np.array([route.topic != UNSORTED for route in routes])
    further = [
        label.accepts(SLUGS.index(also.topic))
        for route, label in zip(routes, labelled, strict=True)
        for also in route.also
    ]
    return Figures(
        headlines=len(routes),
        primary=float((best == primary).mean()),
        right=float(right.mean()),
        macro_f1=_macro_f1(best, primary),
        calibration_error=_calibration_error(np.array([route.confidence for route in routes]), right),
        unsorted=float(1 - is_sorted.mean()),
        right_of_sorted=float(right[is_sorted].mean()) if is_sorted.any() else 0.0,
        with_further=sum(bool(route.also) for route in routes) / len(routes),
        further_right=sum(further) / len(further) if further else 0.0,
    )


def _macro_f1(best: NDArray[np.int64], primary: NDArray[np.int64]) -> float:
    scores = []
    for topic in range(len(SLUGS)):
        given, wanted = best == topic, primary == topic
        if wanted.sum() >= _FEWEST:
            scores.append(2 * (given & wanted).sum() / (given.sum() + wanted.sum()))
    return float(np.mean(scores)) if scores else 0.0


def _calibration_error(confidences: NDArray[np.float64], right: NDArray[np.bool_]) -> float:
    bins = np.minimum((confidences * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(right[bins == number].mean() - confidences[bins == number].mean()) * (bins == number).mean()
        for number in np.unique(bins)
    ]
    return float(sum(gaps))
