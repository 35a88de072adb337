"""What a replay shows: a live bar on a terminal, plain lines elsewhere, the faulty lines, and a summary."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from worker.replay.plan import readings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from worker.replay.plan import Plan, Reading
    from worker.replay.send import Tally

FAULTS_SHOWN: Final = 20
COUNTED_BYTES: Final = 16 * 1024 * 1024
"""Up to this size the files are read once more beforehand, so that the bar knows where it ends."""

_BAR_S: Final = 0.1
_LINE_S: Final = 5.0


class Display:
    """The progress of one replay, on standard error; its summary on standard output."""

    def __init__(self, plan: Plan, topic: str, console: Console | None = None) -> None:
        """Take what is replayed and where to; the console is for tests."""
        self._plan = plan
        self._topic = topic
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._started = time.monotonic()
        self._faults = 0

    def fault(self, reading: Reading) -> None:
        """Show a line that cannot be an event, if it is among the first."""
        self._faults += 1
        if self._faults <= FAULTS_SHOWN:
            self._print(f"skipped {located(reading)}")
        elif self._faults == FAULTS_SHOWN + 1:
            self._print("further lines that cannot be events are counted, not shown")

    def stopping(self) -> None:
        """Say that an interrupt was seen."""
        self._print("stopping: waiting for the confirmations; interrupt again to end at once")

    @asynccontextmanager
    async def following(self, tally: Tally) -> AsyncIterator[None]:
        """Show how the tally goes, as long as the `async with` lasts."""
        with self._bar(tally) if self._console.is_terminal else self._lines(tally) as show:
            self._started = time.monotonic()
            ticks = asyncio.create_task(_repeat(show, _BAR_S if self._console.is_terminal else _LINE_S))
            try:
                yield
            finally:
                ticks.cancel()

    def summary(self, tally: Tally, *, interrupted: bool) -> None:
        """Say how far the replay came."""
        seconds = time.monotonic() - self._started
        names = ", ".join(document.label for document in self._plan.documents)
        words = [
            f"{'interrupted: ' if interrupted else ''}{tally.sent:,} headlines of {names} to {self._topic}",
            f"{tally.confirmed:,} confirmed",
        ]
        if tally.unconfirmed:
            words.append(f"{tally.unconfirmed:,} NOT confirmed")
        if tally.faults:
            words.append(skipped(tally.faults))
        words.append(f"{seconds:.1f} s, {self._rate(tally)}")
        sys.stdout.write("; ".join(words) + "\n")

    @contextmanager
    def _bar(self, tally: Tally) -> Iterator[Callable[[], None]]:
        columns = (
            SpinnerColumn(),
            TextColumn("replay"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("confirmed, {task.fields[rate]}"),
            TimeElapsedColumn(),
        )
        total = self._total()
        with Progress(*columns, console=self._console, auto_refresh=False) as progress:
            task = progress.add_task("replay", total=total, rate="")

            def show() -> None:
                progress.update(task, completed=tally.confirmed, rate=self._rate(tally), refresh=True)

            try:
                yield show
            finally:
                show()

    @contextmanager
    def _lines(self, tally: Tally) -> Iterator[Callable[[], None]]:
        yield lambda: self._print(
            f"replay: {tally.sent:,} sent, {tally.confirmed:,} confirmed, {self._rate(tally)}"
        )

    def _rate(self, tally: Tally) -> str:
        seconds = time.monotonic() - self._started
        return f"{tally.confirmed / seconds if seconds else 0:,.0f}/s"

    def _total(self) -> int | None:
        if self._plan.waits:
            return None
        size = sum(document.path.stat().st_size for document in self._plan.documents if document.path)
        if size * self._plan.repeat > COUNTED_BYTES:
            return self._plan.limit
        return sum(reading.event is not None for reading in readings(self._plan))

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False)


def skipped(lines: int) -> str:
    """How many lines gave no event, in words."""
    return f"{lines:,} line{'' if lines == 1 else 's'} skipped"


def located(reading: Reading) -> str:
    """A fault with its file and line, for people."""
    message = getattr(reading.found, "message", "")
    text = getattr(reading.found, "text", "")
    return f"{reading.document.label}:{reading.found.line}: {message}{f': {text}' if text else ''}"


async def _repeat(show: Callable[[], None], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        show()
