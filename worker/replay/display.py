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


class Meter:
    """How far something that is sent has come, on standard error: a live bar on a terminal, plain lines elsewhere."""

    def __init__(self, name: str, console: Console | None = None) -> None:
        """Take what it is called; the console is for tests."""
        self._name = name
        self._console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """For how long it has been followed."""
        return time.monotonic() - self._started

    def say(self, text: str) -> None:
        """A line of its own, above the bar."""
        self._console.print(text, markup=False)

    def stopping(self) -> None:
        """Say that an interrupt was seen."""
        self.say("stopping: waiting for the confirmations; interrupt again to end at once")

    def rate(self, tally: Tally) -> str:
        """What is confirmed a second."""
        seconds = self.seconds
        return f"{tally.confirmed / seconds if seconds else 0:,.0f}/s"

    @asynccontextmanager
    async def following(self, tally: Tally, total: Callable[[], int | None]) -> AsyncIterator[None]:
        """Show how the tally goes, as long as the `async with` lasts; `total` is asked where a bar is shown."""
        with self._bar(tally, total) if self._console.is_terminal else self._lines(tally) as show:
            self._started = time.monotonic()
            ticks = asyncio.create_task(_repeat(show, _BAR_S if self._console.is_terminal else _LINE_S))
            try:
                yield
            finally:
                ticks.cancel()

    @contextmanager
    def _bar(self, tally: Tally, total: Callable[[], int | None]) -> Iterator[Callable[[], None]]:
        columns = (
            SpinnerColumn(),
            TextColumn(self._name),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("confirmed, {task.fields[rate]}"),
            TimeElapsedColumn(),
        )
        most = total()
        with Progress(*columns, console=self._console, auto_refresh=False) as progress:
            task = progress.add_task(self._name, total=most, rate="")

            def show() -> None:
                progress.update(task, completed=tally.confirmed, rate=self.rate(tally), refresh=True)

            try:
                yield show
            finally:
                show()

    @contextmanager
    def _lines(self, tally: Tally) -> Iterator[Callable[[], None]]:
        yield lambda: self.say(
            f"{self._name}: {tally.sent:,} sent, {tally.confirmed:,} confirmed, {self.rate(tally)}"
        )


class Display:
    """The progress of one replay, on standard error; its summary on standard output."""

    def __init__(self, plan: Plan, topic: str, console: Console | None = None) -> None:
        """Take what is replayed and where to; the console is for tests."""
        self._plan = plan
        self._topic = topic
        self._meter = Meter("replay", console)
        self._faults = 0

    def fault(self, reading: Reading) -> None:
        """Show a line that cannot be an event, if it is among the first."""
        self._faults += 1
        if self._faults <= FAULTS_SHOWN:
            self._meter.say(f"skipped {located(reading)}")
        elif self._faults == FAULTS_SHOWN + 1:
            self._meter.say("further lines that cannot be events are counted, not shown")

    def stopping(self) -> None:
        """Say that an interrupt was seen."""
        self._meter.stopping()

    @asynccontextmanager
    async def following(self, tally: Tally) -> AsyncIterator[None]:
        """Show how the tally goes, as long as the `async with` lasts."""
        async with self._meter.following(tally, self._total):
            yield

    def summary(self, tally: Tally, *, interrupted: bool) -> None:
        """Say how far the replay came."""
        names = ", ".join(document.label for document in self._plan.documents)
        what = "headline" if tally.sent == 1 else "headlines"
        words = [
            f"{'interrupted: ' if interrupted else ''}{tally.sent:,} {what} of {names} to {self._topic}",
            f"{tally.confirmed:,} confirmed",
        ]
        if tally.unconfirmed:
            words.append(f"{tally.unconfirmed:,} NOT confirmed")
        if tally.faults:
            words.append(skipped(tally.faults))
        words.append(f"{self._meter.seconds:.1f} s, {self._meter.rate(tally)}")
        sys.stdout.write("; ".join(words) + "\n")

    def _total(self) -> int | None:
        if self._plan.waits:
            return None
        size = sum(document.path.stat().st_size for document in self._plan.documents if document.path)
        if size * self._plan.repeat > COUNTED_BYTES:
            return self._plan.limit
        return sum(reading.event is not None for reading in readings(self._plan))


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
