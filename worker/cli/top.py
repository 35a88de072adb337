"""`newswire top`: running workers, live."""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.cli import INTERRUPTED
from worker.cli.options import settings_options_without_kafka, worker_urls, workers_option

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from rich.console import Console, RenderableType

    from worker.config import Settings
    from worker.top import Figures

_SVG_WIDTH = 120


@click.command()
@workers_option
@click.option(
    "--interval",
    "interval_s",
    type=click.FloatRange(min=0.1),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Time that the rates are taken over.",
)
@click.option("--once", is_flag=True, help="Show one screen after one interval, and end.")
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    help="Write that one screen to a file, as a picture; with --once.",
)
@settings_options_without_kafka
def command(
    settings: Settings, *, urls: tuple[str, ...], interval_s: float, once: bool, svg: Path | None
) -> int:
    """Show running workers live: rates, lag, latency, outcomes, topics, stages, memory.

    Everything is read from the workers' /metrics, of several workers together where several are named; Kafka is
    not asked. On a terminal the screen renews itself until Ctrl-C; elsewhere each screen follows the last one.
    """
    from worker.console import open_console

    if svg is not None and not once:
        raise click.UsageError("--svg writes one screen: give --once with it.")
    console = open_console(record=svg is not None, width=None if svg is None else _SVG_WIDTH, highlight=False)
    code = asyncio.run(_top(console, worker_urls(settings, urls), interval_s, once=once))
    if svg is not None and not code:
        svg.write_text(_picture(console), encoding="utf-8")
    return code


async def _top(console: Console, urls: tuple[str, ...], interval_s: float, *, once: bool) -> int:
    from rich.live import Live
    from rich.text import Text

    from worker.cli.interrupt import Interrupts
    from worker.top import Screen

    ended = asyncio.Event()
    screen = Screen()
    waiting = f"waiting for the first interval, {interval_s:g} s"
    with Interrupts(ended.set) as interrupts:
        screens = _screens(urls, interval_s, ended, lambda found: screen.draw(found, _clock()))
        if console.is_terminal and not once:
            with Live(Text(waiting), console=console, screen=True, auto_refresh=False) as live:
                async for drawn in screens:
                    live.update(drawn, refresh=True)
        else:
            if sys.stderr.isatty():
                click.echo(waiting, err=True)
            async for drawn in screens:
                console.print(drawn)
                if once:
                    break
    return INTERRUPTED if interrupts.seen else 0


async def _screens(
    urls: tuple[str, ...],
    interval_s: float,
    ended: asyncio.Event,
    draw: Callable[[Figures], RenderableType],
) -> AsyncIterator[RenderableType]:
    """A screen each interval; a worker that goes away later is named on it.

    Raises:
        WorkerUnreachableError: at the start no worker answers.
    """
    from worker.errors import WorkerUnreachableError
    from worker.top import figures, read

    before = await read(urls)
    if not before.workers:
        raise WorkerUnreachableError(*next(iter(before.unreached.items())))
    while not await _over(ended, interval_s):
        now = await read(urls)
        yield draw(figures(before, now))
        before = now


async def _over(ended: asyncio.Event, seconds: float) -> bool:
    """Wait, but not for longer than until it is ended; whether it is."""
    try:
        async with asyncio.timeout(seconds):
            await ended.wait()
    except TimeoutError:
        return False
    return True


def _clock() -> str:
    return f"{datetime.now(UTC):%H:%M:%S} UTC"


def _picture(console: Console) -> str:
    """What was printed, as SVG in the viewer's own monospaced font: rich's asks a server for one."""
    return re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="newswire top"), flags=re.DOTALL)
