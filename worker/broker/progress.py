"""How a download shows itself: a live bar on a terminal, a line for each quarter elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def download_progress(
    title: str, total: int, console: Console | None = None
) -> Iterator[Callable[[int], None]]:
    """Shows how a download goes.

    Args:
        title: What is fetched.
        total: Bytes in all, above zero.
        console: Where to write; standard error by default.

    Yields:
        A function that takes the number of bytes that have arrived so far.
    """
    console = console or Console(stderr=True)
    if console.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
        with Progress(*columns, console=console) as bar:
            task = bar.add_task(f"Fetching {title}", total=total)
            yield lambda arrived: bar.update(task, completed=arrived)
    else:
        started = time.monotonic()
        _line(console, f"Fetching {title}, {decimal(total)}, this once")
        yield _quarters(total, console)
        _line(console, f"Fetched {title} in {time.monotonic() - started:.0f} s")


def _quarters(total: int, console: Console) -> Callable[[int], None]:
    shown = 0

    def show(arrived: int) -> None:
        nonlocal shown
        if (quarter := 4 * arrived // total) > shown:
            shown = quarter
            _line(console, f"  {25 * quarter}%")

    return show


def _line(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, highlight=False, markup=False)
