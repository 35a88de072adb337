"""A chart of lines as SVG. Plain text, no library."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WIDTH, HEIGHT = 620, 360
LEFT, TOP, BOTTOM = 80, 56, 62
LEGEND = 42
"""From the axes' right edge to the legend's names."""
LETTER = 7
"""What one of them takes at most, on average."""
COLOURS = ("#08519c", "#cb181d", "#238b45", "#6a51a3", "#d94801", "#525252", "#0b7a75", "#ae017e")
TICKS = 5


@dataclass(frozen=True)
class Line:
    """Points joined by a line; a `dashed` one has no dots. Those of one `group` have one colour."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False
    group: str = ""


@dataclass(frozen=True)
class Axis:
    """An axis; a logarithmic one has only values above nought, another one begins there or below."""

    title: str
    logarithmic: bool = False


@dataclass(frozen=True)
class Chart:
    """Lines over two axes; `levels` are marked across by their names."""

    title: str
    x: Axis
    y: Axis
    lines: Sequence[Line]
    levels: Sequence[tuple[str, float]] = field(default=())


def svg(chart: Chart) -> str:
    """The SVG document.

    Raises:
        ValueError: there is no point, or one that a logarithmic axis can not show.
    """
    points = [point for line in chart.lines for point in line.points]
    if not points:
        raise ValueError(f"{chart.title}: nothing to draw")
    x = _Scale(chart.x, [point[0] for point in points], LEFT, LEFT + WIDTH)
    y = _Scale(chart.y, [*(p[1] for p in points), *(level for _, level in chart.levels)], TOP + HEIGHT, TOP)
    names = LETTER * max(len(line.name) for line in chart.lines)
    width, height = LEFT + WIDTH + LEGEND + names + LETTER, TOP + HEIGHT + BOTTOM
    size = f'width="{width}" height="{height}"'
    text = 'font-family="sans-serif" font-size="12" fill="#222"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}" {text}>',
            f'<rect {size} fill="#fff"/>',
            f'<text x="16" y="28" font-size="16">{escape(chart.title)}</text>',
            *_grid(x, y),
            *_levels(chart.levels, y),
            *_lines(chart.lines, x, y),
            "</svg>",
            "",
        )
    )


class _Scale:
    """Where values stand on an axis, in pixels from `begin` to `end`."""

    def __init__(self, axis: Axis, values: Sequence[float], begin: float, end: float) -> None:
        low, high = min(values), max(values)
        if axis.logarithmic and low <= 0:
            raise ValueError(f"{axis.title}: {low:g} can not stand on a logarithmic axis")
        self.title = axis.title
        self._of: Callable[[float], float] = log10 if axis.logarithmic else float
        if axis.logarithmic:
            first, last = floor(log10(low)), max(ceil(log10(high)), floor(log10(low)) + 1)
            self.ticks = [10.0**exponent for exponent in range(first, last + 1)]
        else:
            step = _round_step((max(high, 0) - min(low, 0) or 1) / TICKS)
            first = floor(min(low, 0) / step)
            self.ticks = [step * n for n in range(first, max(ceil(max(high, 0) / step), first + 1) + 1)]
        self._first, self._last = self._of(self.ticks[0]), self._of(self.ticks[-1])
        self._begin, self._end = begin, end

    def __call__(self, value: float) -> float:
        share = (self._of(value) - self._first) / (self._last - self._first)
        return self._begin + share * (self._end - self._begin)


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below."""
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= least * (1 - 1e-9))


def _grid(x: _Scale, y: _Scale) -> Iterator[str]:
    bottom = TOP + HEIGHT
    for tick in x.ticks:
        at = x(tick)
        yield f'<path d="M{at:.1f},{TOP}V{bottom}" stroke="#e5e5e5"/>'
        yield f'<text x="{at:.1f}" y="{bottom + 18}" text-anchor="middle">{_number(tick)}</text>'
    for tick in y.ticks:
        at = y(tick)
        yield f'<path d="M{LEFT},{at:.1f}H{LEFT + WIDTH}" stroke="#e5e5e5"/>'
        yield f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{_number(tick)}</text>'
    yield f'<rect x="{LEFT}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>'
    yield f'<text x="{LEFT + WIDTH / 2:.0f}" y="{bottom + 44}" text-anchor="middle">{escape(x.title)}</text>'
    yield (
        f'<text transform="translate(20,{TOP + HEIGHT / 2:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(y.title)}</text>"
    )


def _levels(levels: Sequence[tuple[str, float]], y: _Scale) -> Iterator[str]:
    for name, level in levels:
        at = y(level)
        yield f'<path d="M{LEFT},{at:.1f}H{LEFT + WIDTH}" stroke="#999" stroke-dasharray="2 4"/>'
        yield f'<text x="{LEFT + 6}" y="{at - 4:.1f}" fill="#666" font-size="11">{escape(name)}</text>'


def _lines(lines: Sequence[Line], x: _Scale, y: _Scale) -> Iterator[str]:
    groups = list(dict.fromkeys(line.group or line.name for line in lines))
    for row, line in enumerate(lines):
        colour = COLOURS[groups.index(line.group or line.name) % len(COLOURS)]
        yield from _line(line, row, colour, x, y)


def _line(line: Line, row: int, colour: str, x: _Scale, y: _Scale) -> Iterator[str]:
    dashes = ' stroke-dasharray="6 4"' if line.dashed else ""
    stroke = f'fill="none" stroke="{colour}" stroke-width="2"{dashes}'
    where = " ".join(f"{x(value):.1f},{y(cost):.1f}" for value, cost in line.points)
    yield f'<polyline points="{where}" {stroke}/>'
    if not line.dashed:
        for value, cost in line.points:
            meaning = escape(f"{line.name}: {_number(value)}, {_number(cost)}")
            yield (
                f'<circle cx="{x(value):.1f}" cy="{y(cost):.1f}" r="3.5" fill="{colour}">'
                f"<title>{meaning}</title></circle>"
            )
    legend = TOP + 10 + 20 * row
    yield f'<path d="M{LEFT + WIDTH + 14},{legend}h22" {stroke}/>'
    yield f'<text x="{LEFT + WIDTH + LEGEND}" y="{legend + 4}">{escape(line.name)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
