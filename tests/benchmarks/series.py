"""How a cost grows with the size of something: its figures as a table and a plot, with the law that fits them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.benchmarks.plot import Axis, Chart, Line
from tests.benchmarks.stats import law

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.benchmarks.stats import Law

DRAWN = 40
"""Points by which a law is drawn."""


@dataclass(frozen=True)
class Series:
    """Figures by size."""

    name: str
    """A word: of its file, and of the choice on the command line."""
    title: str
    x: str
    """What the sizes are."""
    sizes: Sequence[float]
    columns: Mapping[str, Sequence[float]]
    """Figures of the table by what they are, (sizes,) each."""
    fitted: Mapping[str, str]
    """Which columns are drawn and have a law, and the unit that they share."""
    notes: Sequence[str] = field(default=())
    predicted: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """Lines that are calculated, not measured."""

    @property
    def laws(self) -> dict[str, Law]:
        """The law of each fitted column."""
        return {name: law(self.sizes, self.columns[name]) for name in self.fitted}

    def table(self) -> str:
        """Sizes, figures and laws as text."""
        return "\n".join(self._rows())

    def _rows(self) -> Iterator[str]:
        widths = {name: max(len(name), 10) + 2 for name in self.columns}
        first = max(len(self.x), 12)
        yield self.title
        yield f"{self.x:>{first}}" + "".join(f"{name:>{width}}" for name, width in widths.items())
        for row, size in enumerate(self.sizes):
            figures = (f"{_short(self.columns[name][row]):>{width}}" for name, width in widths.items())
            yield f"{_short(size):>{first}}" + "".join(figures)
        for name, found in self.laws.items():
            yield f"{name}: {found}; furthest point off by {found.worst - 1:.0%}"
        yield from self.notes

    def chart(self) -> Chart:
        """Measured points, each with its law dashed, and what was predicted."""
        low, high = min(self.sizes), max(self.sizes)
        steps = [low * (high / low) ** (step / DRAWN) for step in range(DRAWN + 1)]
        lines = []
        for name, found in self.laws.items():
            measured = list(zip(self.sizes, self.columns[name], strict=True))
            fitted = [(x, found.at(x)) for x in steps]
            lines += [Line(name, measured, group=name), Line(found.formula, fitted, dashed=True, group=name)]
        lines += [Line(name, points, dashed=True) for name, points in self.predicted.items()]
        (unit,) = set(self.fitted.values())
        return Chart(
            self.title, Axis(self.x, logarithmic=True), Axis(unit, logarithmic=_spread(lines) > 30), lines
        )


def _spread(lines: Sequence[Line]) -> float:
    """How many times the smallest the largest is."""
    costs = [cost for line in lines for _, cost in line.points]
    return max(costs) / min(costs)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
