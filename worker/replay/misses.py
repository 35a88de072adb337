"""The lines of a run that gave no event, for the error of a run that found no headline at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.errors import NewswireError
from worker.replay.display import located, skipped
from worker.replay.entry import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from worker.replay.plan import Reading


class Misses:
    """Counts lines that cannot be events and keeps the first, or the first that says which fields it has."""

    def __init__(self) -> None:
        self._headlines = False
        self._lines = 0
        self._first: Reading | None = None
        self._names: tuple[str, ...] = ()

    def watched(self, readings: Iterable[Reading]) -> Iterator[Reading]:
        """Hand readings on, each one taken."""
        for reading in readings:
            self.add(reading)
            yield reading

    def add(self, reading: Reading) -> None:
        """Take a reading; one with an event says that there is a headline."""
        if reading.event is not None:
            self._headlines = True
            return
        names: tuple[str, ...] = ()
        if isinstance(reading.found, Fault):
            names = reading.found.names
            self._lines += reading.found.lines
        if self._first is None or (names and not self._names):
            self._first, self._names = reading, names

    def refuse(self) -> None:
        """Refuse, at the end of a run, an input in which no headline was found although it was not empty.

        Raises:
            NewswireError: it says what the lines hold instead, and what to do.
        """
        if self._headlines or self._first is None:
            return
        if self._names:
            advice = (
                f"; its fields are {', '.join(self._names)}: name the one that holds the headline with "
                "--field headline=NAME"
            )
        elif getattr(self._first.found, "text", "") == "{":
            advice = "; a JSON document over several lines has to be written as JSON Lines, an object a line"
        else:
            advice = "; mend it, or if the file is of another form, say which with --format"
        raise NewswireError(
            f"no headline found, {skipped(self._lines)}; the first: {located(self._first)}{advice}"
        )
