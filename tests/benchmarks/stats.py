"""Medians with their intervals, ratios by pairs, percentiles, and the law that a cost grows by."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

COVERAGE = 0.9
"""Least probability that an interval holds the median of all runs that there could be."""


@dataclass(frozen=True)
class Median:
    """The median of some runs, and an interval of order statistics: it asks nothing of how the runs are spread."""

    value: float
    low: float
    high: float
    coverage: float
    """Probability that such an interval holds the true median; less than `COVERAGE` where the runs are too few."""
    of: int


def median_of(values: Sequence[float]) -> Median:
    """The median with the narrowest interval of order statistics that reaches `COVERAGE`, or the whole range.

    David and Nagaraja, "Order Statistics", 2003, section 7.1. With 5 runs it is the range, at 93.75%.
    """
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no runs, no median")
    cut = 0
    while 2 * (cut + 2) <= len(ordered) and _coverage(cut + 1, len(ordered)) >= COVERAGE:
        cut += 1
    return Median(
        median(ordered), ordered[cut], ordered[-1 - cut], _coverage(cut, len(ordered)), len(ordered)
    )


def _coverage(cut: int, of: int) -> float:
    """Probability that the median lies between the values that stand `cut` from both ends, of so many."""
    return 1 - 2 * sum(comb(of, below) for below in range(cut + 1)) / 2**of


def ratio_of(ours: Sequence[float], theirs: Sequence[float]) -> Median:
    """How many times theirs ours is, by pairs of one round, with the interval of that.

    What makes a whole round slower, makes both slower: so pairs say more than medians do.
    """
    return median_of([one / other for one, other in zip(ours, theirs, strict=True)])


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them does not exceed.

    Raises:
        ValueError: there are none.
    """
    if not len(values):
        raise ValueError("no values, no percentile")
    return float(np.quantile(np.asarray(values), share, method="inverted_cdf"))


@dataclass(frozen=True)
class Law:
    """Cost = factor * size ** exponent, fitted by least squares of the logarithms."""

    exponent: float
    factor: float
    worst: float
    """The largest ratio of a measured to a fitted cost, or of a fitted to a measured one."""

    def at(self, size: float) -> float:
        """The fitted cost."""
        return self.factor * size**self.exponent

    def __str__(self) -> str:
        if abs(self.exponent) < FLAT:
            return f"constant (exponent {self.exponent:+.3f})"
        return (
            f"grows with size^{self.exponent:.2f}"
            if self.exponent > 0
            else f"falls, size^{self.exponent:.2f}"
        )


FLAT = 0.03
"""An exponent below this is called constant: over a factor of a thousand it makes less than a quarter."""


def law(sizes: Sequence[float], costs: Sequence[float]) -> Law:
    """The law of costs by size, both above nought.

    Raises:
        ValueError: fewer than two sizes, or one of nought.
    """
    if len(set(sizes)) < 2 or min(*sizes, *costs) <= 0:
        raise ValueError(f"a law needs two sizes above nought: {list(sizes)}, {list(costs)}")
    exponent, constant = np.polyfit(np.log(sizes), np.log(costs), 1)
    factor = float(np.exp(constant))
    off = np.abs(np.log(np.asarray(costs) / (factor * np.asarray(sizes, float) ** exponent)))
    return Law(float(exponent), factor, float(np.exp(off.max())))
