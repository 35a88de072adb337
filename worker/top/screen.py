"""How the figures look on a terminal."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from rich.columns import Columns
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from worker.mediatopics import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType

    from worker.top.figures import Figures, Timing

LATE_S: Final = 1.0
"""The objective: 99% of the headlines are out within so long."""
IN_TIME: Final = 0.99
DEAD_SHARE: Final = 0.001
OLD_S: Final = 60.0

LEGEND: Final = (
    "agree: fingerprints into the log and back.  loop delay: how long work waits for the worker's one thread.  "
    "frame: what the log holds of a batch; ignored where it came too late or cannot be read."
)

_WIDTH: Final = 58
_LABEL: Final = 12
_MIB: Final = 1024 * 1024
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"
_LEVELS: Final = "▁▂▃▄▅▆▇█"
_CURVE: Final = 24
_GOOD, _DOUBTFUL, _BAD, _DIM = "green", "yellow", "red", "dim"
_MOST: Final = 4
_OUTCOMES: Final = ("routed", "duplicate", "dead_letter", "skipped")


class Screen:
    """Draws figures; it keeps the rates of the last ones for a small curve."""

    def __init__(self) -> None:
        self._rates: deque[float] = deque(maxlen=_CURVE)

    def draw(self, figures: Figures, clock: str) -> RenderableType:
        """A screen of figures, headed by the time of day."""
        self._rates.append(figures.taken_in)
        how = (
            _box("flow", self._flow(figures)),
            _box("how long", _durations(figures)),
            _box("lag, log and window", _log(figures)),
        )
        what = (_box("topics", _topics(figures)), _box("of which", _kinds(figures)))
        boxes = Columns((Group(*how), Group(*what)))
        return Group(_head(figures, clock), _members(figures), boxes, Text(LEGEND, style=_DIM))

    def _flow(self, figures: Figures) -> Table:
        table = _grid("left", "right", "right", "left")
        # One rate has no course.
        course = curve(self._rates) if len(self._rates) > 1 else ""
        table.add_row("taken in", _rate(figures.taken_in), "", Text(course, style="cyan"))
        every = sum(figures.outcomes.values())
        for outcome in _OUTCOMES:
            rate = figures.outcomes.get(outcome, 0.0)
            part = rate / every if every else 0.0
            bad = (outcome == "skipped" and rate) or (outcome == "dead_letter" and part > DEAD_SHARE)
            style = _BAD if bad else ""
            total = figures.outcome_totals.get(outcome, 0.0)
            table.add_row(
                Text(outcome.replace("_", " "), style=style),
                Text(_rate(rate), style=style),
                Text(_percent(part) if every else "", style=style),
                Text(f"{total:,.0f} since the start", style=_DIM),
            )
        return table


def curve(values: Iterable[float]) -> str:
    """Values as a row of little columns, the largest of them full height."""
    values = list(values)
    top = max(values, default=0.0)
    return "".join(
        _LEVELS[round(value / top * (len(_LEVELS) - 1))] if top else _LEVELS[0] for value in values
    )


def bar(share: float, width: int) -> str:
    """A bar of a share (0..1) of so many cells, to an eighth of a cell."""
    eighths = round(min(1.0, max(0.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return (_EIGHTHS[-1] * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def duration(seconds: float | None) -> str:
    """Seconds in the unit that suits them."""
    if seconds is None:
        return "-"
    if seconds < 0.0995:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 120:
        return f"{seconds:.1f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _head(figures: Figures, clock: str) -> Text:
    ready = sum(not member.unready for member in figures.members)
    known = len(figures.members) + len(figures.unreached)
    head = Text(no_wrap=True, overflow="ellipsis")
    head.append("newswire top", style="bold")
    head.append(f"  {clock}  over {figures.seconds:.1f} s  ")
    head.append(f"{ready} of {known} ready", style=_GOOD if ready == known else _BAD)
    head.append(f"  {figures.rule}  {figures.model}", style=_DIM)
    return head


def _members(figures: Figures) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for number, title in enumerate(("worker", "partitions", "in flight", "CPU", "memory", "state")):
        table.add_column(title, justify="right" if 0 < number < 5 else "left", overflow="fold")
    for member in figures.members:
        waits = "; ".join(f"{name}: {why}" for name, why in member.unready.items())
        table.add_row(
            f"{_host(member.url)} {member.version}",
            str(member.partitions),
            str(member.in_flight),
            f"{member.cpu:.0%}",
            f"{member.memory / _MIB:,.0f} MiB",
            Text(waits or "ready", style=_BAD if waits else _GOOD),
        )
    for url, why in figures.unreached.items():
        table.add_row(_host(url), "", "", "", "", Text(why, style=_BAD))
    return table


def _topics(figures: Figures) -> Table:
    table = _grid("left", "right", "left")
    rates = {topic: figures.topics.get(topic, 0.0) for topic in STREAMS}
    every, top = sum(rates.values()), max(rates.values())
    for topic, rate in rates.items():
        style = _DOUBTFUL if topic == STREAMS[-1] else "cyan"
        table.add_row(
            topic,
            f"{_rate(rate)} {_percent(rate / every if every else 0):>6}",
            Text(bar(rate / top if top else 0, 22), style=style),
        )
    return table


def _durations(figures: Figures) -> Table:
    table = _grid("left", "right", "right", "right", "left")
    table.add_row(*(Text(title, style="bold") for title in ("", "mean", "95%", "99%", "")))
    late = figures.in_time is not None and figures.in_time < IN_TIME
    style = _BAD if late else _GOOD
    in_time = "" if figures.in_time is None else f"{_percent(figures.in_time)} within {LATE_S:.0f} s"
    table.add_row(*(Text(cell, style=style) for cell in ("end to end", *_times(figures.latency), in_time)))
    longest = max((timing.mean or 0.0 for timing in figures.stages.values()), default=0.0)
    for stage, timing in figures.stages.items():
        share = (timing.mean or 0.0) / longest if longest else 0.0
        table.add_row(stage, *_times(timing), Text(bar(share, 16), style="magenta"))
    table.add_row("loop delay", *_times(figures.loop_delay), "")
    return table


def _times(timing: Timing) -> tuple[str, ...]:
    return tuple(map(duration, (timing.mean, *timing.quantiles[1:])))


def _kinds(figures: Figures) -> Table:
    table = _grid("left", "wrapped")
    table.add_row("verdicts", _most(figures.verdicts))
    table.add_row("dead letters", _most(figures.dead_letters))
    table.add_row("sources", _most(figures.sources))
    size = figures.fetches.mean
    each = "" if size is None else f", {size:,.0f} records each"
    table.add_row("fetches", f"{_rate(figures.fetches.rate)}{each}")
    return table


def _log(figures: Figures) -> Table:
    table = _grid("left", "wrapped")
    old = figures.lag_seconds > OLD_S
    lag = f"{figures.lag_records:,.0f} records, {duration(figures.lag_seconds)} old"
    table.add_row("lag", Text(lag if figures.lag_records else "none", style=_BAD if old else _GOOD))
    behind = f"{figures.log_lag:,.0f} frames behind, newest {duration(figures.log_age)} old"
    table.add_row("replica", Text(behind, style=_DOUBTFUL if figures.log_lag > 100 else ""))
    limit = figures.index_limit
    full = figures.index_entries / limit if limit else 0.0
    held = (
        f"{figures.index_entries:,.0f} entries, {figures.index_bytes / _MIB:,.0f} MiB, {_percent(full)} full"
    )
    table.add_row("window", Text(held, style=_DOUBTFUL if full > 0.9 else ""))
    for name, count, style in (
        ("rebalances", figures.rebalances, ""),
        ("producer errors", figures.producer_errors, _BAD if figures.producer_errors else ""),
        ("frames ignored", figures.frames_ignored, _BAD if figures.frames_ignored else ""),
    ):
        table.add_row(name, Text(f"{count:,.0f} since the start", style=style))
    return table


def _box(title: str, content: RenderableType) -> Panel:
    return Panel(content, title=title, title_align="left", border_style=_DIM, width=_WIDTH)


def _grid(*justify: str) -> Table:
    grid = Table.grid(padding=(0, 1))
    for number, side in enumerate(justify):
        # What a row is called is never cut in favour of what it says.
        least = None if number else _LABEL
        grid.add_column(
            justify="right" if side == "right" else "left", no_wrap=side != "wrapped", min_width=least
        )
    return grid


def _most(rates: Mapping[str, float]) -> Text:
    """The largest rates, by name."""
    largest = sorted(((rate, name) for name, rate in rates.items() if rate), reverse=True)[:_MOST]
    shown = ", ".join(f"{name} {_rate(rate)}" for rate, name in largest)
    return Text(shown or "none")


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0] or url


def _rate(rate: float) -> str:
    return f"{rate:,.0f}/s" if rate >= 10 or not rate else f"{rate:.1f}/s"


def _percent(share: float) -> str:
    return f"{share:.2%}" if 0 < share < 0.01 or 0.99 < share < 1 else f"{share:.0%}"
