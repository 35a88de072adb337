"""A picture of a training as SVG: the confusion table as a heat map, and a curve beside it. Plain text, no library."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.train.confusion import Confusion

_CELL: Final = 34
_LEFT: Final = 120
_TOP: Final = 150
_CHART: Final = 340
_GAP: Final = 110
_MARGIN: Final = 30
_DARK: Final = 0.55
"""From this share of a row on a cell is dark, and its number white."""


class Point(NamedTuple):
    """A point of a chart, 0 to 1 on both axes, and of how many rows it speaks."""

    x: float
    y: float
    of: int


class Chart(NamedTuple):
    """Points joined by a line; `diagonal` draws where both axes are the same, `marked` stands out."""

    title: str
    x: str
    y: str
    points: Sequence[Point]
    diagonal: bool = False
    marked: Point | None = None


def picture(title: str, confusion: Confusion, chart: Chart) -> str:
    """The SVG document."""
    table_width = _LEFT + _CELL * len(confusion.answers)
    width = table_width + _GAP + _CHART + _MARGIN
    height = _TOP + max(_CELL * len(confusion.labels), _CHART) + 70
    size = f'width="{width}" height="{height}"'
    text = 'font-family="sans-serif" font-size="12" fill="#222"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {width} {height}" {text}>',
            f'<rect {size} fill="#fff"/>',
            f'<text x="16" y="28" font-size="16">{escape(title)}</text>',
            '<text x="16" y="50">rows: labels, columns: answers, shades: share of the row</text>',
            *_cells(confusion),
            *_chart(chart, table_width + _GAP),
            "</svg>",
            "",
        )
    )


def _cells(confusion: Confusion) -> Iterator[str]:
    for column, name in enumerate(confusion.answers):
        x, y = _LEFT + _CELL * column + _CELL / 2, _TOP - 8
        yield f'<text transform="translate({x:.0f},{y}) rotate(-60)">{escape(name)}</text>'
    for row, (name, counts) in enumerate(zip(confusion.labels, confusion.counts.tolist(), strict=True)):
        y = _TOP + _CELL * row
        yield f'<text x="{_LEFT - 8}" y="{y + _CELL / 2 + 4:.0f}" text-anchor="end">{escape(name)}</text>'
        total = sum(counts)
        for column, count in enumerate(counts):
            yield from _cell(
                _LEFT + _CELL * column, y, count, total, f"{name} as {confusion.answers[column]}"
            )


def _cell(x: int, y: int, count: int, total: int, meaning: str) -> Iterator[str]:
    share = count / total if total else 0.0
    yield (
        f'<rect x="{x}" y="{y}" width="{_CELL}" height="{_CELL}" stroke="#ccc" fill="#08519c" '
        f'fill-opacity="{share:.3f}"><title>{escape(meaning)}: {count:,} of {total:,}</title></rect>'
    )
    if count:
        ink = "#fff" if share >= _DARK else "#222"
        yield (
            f'<text x="{x + _CELL / 2:.0f}" y="{y + _CELL / 2 + 4:.0f}" text-anchor="middle" font-size="10" '
            f'fill="{ink}">{count}</text>'
        )


def _chart(chart: Chart, left: int) -> Iterator[str]:
    def at(point: Point) -> str:
        return f"{left + _CHART * point.x:.1f},{_TOP + _CHART * (1 - point.y):.1f}"

    yield f'<text x="{left}" y="{_TOP - 16}" font-size="14">{escape(chart.title)}</text>'
    yield f'<rect x="{left}" y="{_TOP}" width="{_CHART}" height="{_CHART}" fill="none" stroke="#999"/>'
    for step in range(6):
        share = step / 5
        x, y = left + _CHART * share, _TOP + _CHART * (1 - share)
        yield f'<text x="{x:.0f}" y="{_TOP + _CHART + 18}" text-anchor="middle">{share:.1f}</text>'
        yield f'<text x="{left - 8}" y="{y + 4:.0f}" text-anchor="end">{share:.1f}</text>'
        if 0 < step < 5:
            yield f'<path d="M{left},{y:.1f}h{_CHART}M{x:.1f},{_TOP}v{_CHART}" stroke="#eee" fill="none"/>'
    middle = _TOP + _CHART / 2
    yield f'<text x="{left + _CHART / 2:.0f}" y="{_TOP + _CHART + 42}" text-anchor="middle">{escape(chart.x)}</text>'
    yield (
        f'<text transform="translate({left - 44},{middle:.0f}) rotate(-90)" text-anchor="middle">'
        f"{escape(chart.y)}</text>"
    )
    if chart.diagonal:
        yield f'<path d="M{left},{_TOP + _CHART}L{left + _CHART},{_TOP}" stroke="#999" stroke-dasharray="4 4"/>'
    if chart.points:
        line = " ".join(at(point) for point in chart.points)
        yield f'<polyline points="{line}" fill="none" stroke="#08519c" stroke-width="2"/>'
    most = max((point.of for point in chart.points), default=1) or 1
    dots = [*((point, 2 + 5 * (point.of / most) ** 0.5, "#08519c") for point in chart.points if point.of)]
    if chart.marked is not None:
        dots.append((chart.marked, 6.0, "#cb181d"))
    for point, radius, colour in dots:
        cx, cy = at(point).split(",")
        meaning = f"{chart.x} {point.x:.3f}, {chart.y} {point.y:.3f}, of {point.of:,}"
        yield f'<circle cx="{cx}" cy="{cy}" r="{radius:.1f}" fill="{colour}"><title>{escape(meaning)}</title></circle>'
