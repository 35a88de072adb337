"""How many dead letters there are, by what they have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from worker.deadletters.letter import Letter
    from worker.deadletters.status import State

NONE: Final = "-"
"""What stands for a thing that a letter does not say."""


class Row(Struct):
    """Letters that have a thing in common: how many, and when the first and the last of them died (ms since 1970)."""

    by: str
    name: str
    count: int = 0
    first_ms: int = 2**63 - 1
    last_ms: int = -(2**63)

    def add(self, time_ms: int) -> None:
        """Count a letter."""
        self.count += 1
        self.first_ms = min(self.first_ms, time_ms)
        self.last_ms = max(self.last_ms, time_ms)


def _fault(letter: Letter) -> str:
    return f"{letter.reason or NONE} {letter.field}" if letter.field else letter.reason or NONE


def _source(letter: Letter) -> str:
    return NONE if letter.source is None else f"{letter.source.topic}/{letter.source.partition}"


def _hour(letter: Letter) -> str:
    return moment(letter.time_ms)[:13] + "Z"


def _day(letter: Letter) -> str:
    return moment(letter.time_ms)[:10]


def moment(time_ms: int) -> str:
    """A Kafka time as RFC 3339 in UTC to the second; one that no calendar has as its number."""
    try:
        return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return str(time_ms)


DIMENSIONS: Final[dict[str, Callable[[Letter], str]]] = {
    "reason": lambda letter: letter.reason or NONE,
    "fault": _fault,
    "stage": lambda letter: letter.stage or NONE,
    "source": _source,
    "version": lambda letter: letter.version or NONE,
    "attempt": lambda letter: str(letter.attempt),
    "day": _day,
    "hour": _hour,
}
"""What letters are counted by, beside their state; `fault` is the reason with the field, if it was one."""

STATE: Final = "state"
BY_TIME: Final = frozenset({"day", "hour"})


class Counts:
    """Rows by dimension."""

    def __init__(self, dimensions: Iterable[str]) -> None:
        """Take the dimensions to count by: names of `DIMENSIONS`, or `state`."""
        self.total = 0
        self._rows: dict[str, dict[str, Row]] = {by: {} for by in dimensions}

    def add(self, letter: Letter, state: State) -> None:
        """Count a letter."""
        self.total += 1
        for by, rows in self._rows.items():
            name = state.value if by == STATE else DIMENSIONS[by](letter)
            if name not in rows:
                rows[name] = Row(by, name)
            rows[name].add(letter.time_ms)

    def sections(self) -> dict[str, list[Row]]:
        """The rows of each dimension: times in their order, else the largest first."""
        return {
            by: sorted(rows.values(), key=(lambda row: row.name) if by in BY_TIME else _largest)
            for by, rows in self._rows.items()
        }


def _largest(row: Row) -> tuple[int, str]:
    return -row.count, row.name
