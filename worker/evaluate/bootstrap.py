"""Intervals by the bootstrap: rows are drawn again and again, with replacement, and the figures taken anew.

Efron, "Bootstrap Methods: Another Look at the Jackknife", 1979; percentile intervals. Rows count as independent: pairs
that share a headline are alike, so that intervals over many such pairs are somewhat too narrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

RESAMPLES: Final = 1_000
SEED: Final = 0
COVERAGE: Final = 0.95


class Measured(NamedTuple):
    """A figure of one sample, and of how many it speaks; of none it says nothing."""

    value: float
    of: int


class Figure(NamedTuple):
    """A figure with the ends of its interval and of how many it speaks; `value` is None where that is none.

    The ends are None where no interval was taken.
    """

    value: float | None
    low: float | None
    high: float | None
    of: int


class Measure(Protocol):
    """The figures of some rows by name."""

    def __call__(self, weights: NDArray[np.int64], /) -> Mapping[str, Measured]:
        """Take them when row i is there weights[i] times; `weights` is (rows,)."""


def with_intervals(
    measure: Measure,
    rows: int,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, Figure]:
    """Each figure of all rows, with its interval of 95%.

    Args:
        measure: takes the figures.
        rows: how many there are.
        resamples: how often as many rows are drawn; 0 takes no interval.
        seed: of the draws; the same seed draws the same.
    """
    drawn: dict[str, list[float]] = {}
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        weights = np.bincount(generator.integers(0, rows, rows), minlength=rows)
        for name, found in measure(weights).items():
            if found.of:
                drawn.setdefault(name, []).append(found.value)
    return {
        name: Figure(found.value if found.of else None, *_ends(drawn.get(name, [])), found.of)
        for name, found in measure(np.ones(rows, np.int64)).items()
    }


def share(weights: NDArray[np.int64], hits: NDArray[np.bool_], among: NDArray[np.bool_]) -> Measured:
    """How many of some rows are hits, by weight. `hits` counts only where `among` does."""
    total = int(weights @ among)
    return Measured(int(weights @ (hits & among)) / total if total else 0.0, total)


def _ends(values: list[float]) -> tuple[float | None, float | None]:
    if not values:
        return None, None
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(values, (tail, 1 - tail), method="nearest")
    return float(low), float(high)
