"""Medians with their intervals, ratios by pairs, percentiles, and the law that a cost grows by."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

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
    """Cost = base + factor * size ** exponent: a power without a base, or a straight line, which has one."""

    base: float
    factor: float
    exponent: float
    worst: float
    """The largest ratio of a measured to a fitted cost, or of a fitted to a measured one."""

    def at(self, size: float) -> float:
        """The fitted cost."""
        return self.base + self.factor * size**self.exponent

    @property
    def formula(self) -> str:
        """It in short."""
        if self.base:
            return f"{self.base:.3g} + {self.factor:.2g} n"
        return f"{self.factor:.3g} n^{self.exponent:.2f}"

    def __str__(self) -> str:
        if self.base:
            return f"a line, {self.formula}"
        if abs(self.exponent) < FLAT:
            return f"constant (exponent {self.exponent:+.3f})"
        return f"{'grows' if self.exponent > 0 else 'falls'} as a power, {self.formula}"


FLAT = 0.03
"""An exponent below this is called constant: over a factor of a thousand it makes less than a quarter."""
BETTER = 0.02
"""By so much a line's furthest point has to be nearer than a power's: it has as many parameters, but says less."""


def law(sizes: Sequence[float], costs: Sequence[float]) -> Law:
    """The law of costs by size, both above nought: a power, by least squares of the logarithms; or a rising line, by
    those of the relative errors, where every point is clearly nearer to that.

    Raises:
        ValueError: fewer than two sizes, or one of nought.
    """
    if len(set(sizes)) < 2 or min(*sizes, *costs) <= 0:
        raise ValueError(f"a law needs two sizes above nought: {list(sizes)}, {list(costs)}")
    size, measured = np.asarray(sizes, float), np.asarray(costs, float)
    exponent, constant = np.polyfit(np.log(size), np.log(measured), 1)
    power = _law(size, measured, 0.0, float(np.exp(constant)), float(exponent))
    terms = np.stack([1 / measured, size / measured], axis=1)
    base, slope = np.linalg.lstsq(terms, np.ones(len(size)), rcond=None)[0]
    if base <= 0 or slope <= 0:
        return power
    line = _law(size, measured, float(base), float(slope), 1.0)
    return line if line.worst + BETTER < power.worst else power


def _law(
    sizes: NDArray[np.float64], costs: NDArray[np.float64], base: float, factor: float, exponent: float
) -> Law:
    off = np.abs(np.log(costs / (base + factor * sizes**exponent)))
    return Law(base, factor, exponent, float(np.exp(off.max())))
