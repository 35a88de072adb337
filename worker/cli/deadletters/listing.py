"""`newswire deadletters list` and `stats`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

from worker.cli.columns import Column, Columns
from worker.cli.deadletters.options import ALL, choice_options, dead_letters
from worker.cli.options import json_lines_option, settings_options
from worker.deadletters.counts import DIMENSIONS, STATE, Counts, moment
from worker.deadletters.status import State
from worker.deadletters.view import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.config import Settings
    from worker.deadletters.choice import Choice
    from worker.deadletters.letter import Letter, Position
    from worker.deadletters.status import Status

_STATES = (State.OPEN.value, State.REDRIVEN.value, State.DISCARDED.value, ALL)
_SECTIONS = ("reason", "fault", "stage", STATE, "source", "version", "attempt", "day")


@click.command("list", short_help="List dead letters, by default the open ones.")
@choice_options(*_STATES)
@click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="End after so many.")
@json_lines_option
@settings_options
def list_letters(settings: Settings, *, choice: Choice, limit: int | None, as_json_lines: bool) -> None:
    r"""List dead letters, by default those that are open, the oldest first.

    With --json a line has all of a letter, its value too: bytes that are not UTF-8 stand in it as \xff.
    """
    if as_json_lines:

        def show(letter: Letter, status: Status | None) -> None:
            sys.stdout.buffer.write(_line(as_json(letter, status)))

        count = asyncio.run(_list(settings, choice, limit, show))
        sys.stdout.buffer.flush()
        return
    columns = Columns(
        Column("address", 9, right=True),
        Column("died", 20),
        Column("state", 9),
        Column("reason", 9),
        Column("tries", 5, right=True),
        Column("source", 12),
        Column("version", 8),
        Column("message", None),
    )
    click.echo(columns.header())
    count = asyncio.run(
        _list(settings, choice, limit, lambda letter, status: click.echo(columns.row(_cells(letter, status))))
    )
    click.echo(dead_letters(count))


@click.command(short_help="Count dead letters by reason, fault, time and more.")
@choice_options(ALL, *_STATES[:-1])
@click.option(
    "--by",
    "dimensions",
    multiple=True,
    type=click.Choice([*DIMENSIONS, STATE]),
    help="What to count by; may be given several times. By default all but the hours.",
)
@json_lines_option
@settings_options
def stats(settings: Settings, *, choice: Choice, dimensions: tuple[str, ...], as_json_lines: bool) -> None:
    """Count dead letters, whatever became of them: by reason, fault, stage, state, source, version, attempt and day.

    A fault is the reason with the field, where it was one.
    """
    counts = asyncio.run(_count(settings, choice, dimensions or _SECTIONS))
    if as_json_lines:
        for rows in counts.sections().values():
            for row in rows:
                line = {"by": row.by, "name": row.name, "count": row.count}
                line |= {"first": moment(row.first_ms), "last": moment(row.last_ms)}
                sys.stdout.buffer.write(_line(line))
        sys.stdout.buffer.flush()
        return
    columns = Columns(
        Column("count", 9, right=True), Column("first", 20), Column("last", 20), Column("", None)
    )
    for by, rows in counts.sections().items():
        if rows:
            click.echo(columns.row(["count", "first died", "last died", by]))
        for row in rows:
            click.echo(columns.row([f"{row.count:,}", moment(row.first_ms), moment(row.last_ms), row.name]))
        if rows:
            click.echo()
    click.echo(dead_letters(counts.total))


async def _list(
    settings: Settings,
    choice: Choice,
    limit: int | None,
    show: Callable[[Letter, Status | None], None],
) -> int:
    """Show the chosen letters; how many there were."""
    from worker.deadletters.desk import open_desk
    from worker.rights import of_dead_letters

    count = 0
    async with open_desk(settings, of_dead_letters(settings.topics)) as desk:
        async for letter in desk.chosen(choice):
            show(letter, desk.statuses.of(letter))
            count += 1
            if count == limit:
                break
    return count


async def _count(settings: Settings, choice: Choice, dimensions: tuple[str, ...]) -> Counts:
    from worker.deadletters.desk import open_desk
    from worker.rights import of_dead_letters

    counts = Counts(dimensions)
    async with open_desk(settings, of_dead_letters(settings.topics)) as desk:
        async for letter in desk.chosen(choice):
            counts.add(letter, desk.statuses.state(letter))
    return counts


def as_json(letter: Letter, status: Status | None) -> dict[str, Any]:
    """A letter as an object; every key is there for every letter, null where it says nothing."""
    import msgspec

    return {
        "address": str(letter.address),
        "died": moment(letter.time_ms),
        "state": State.OPEN if status is None else status.state,
        "reason": letter.reason or None,
        "stage": letter.stage or None,
        "message": letter.message or None,
        "field": letter.field,
        "attempt": letter.attempt,
        "version": letter.version or None,
        "source": _place(letter.source),
        "first": _place(letter.first),
        "key": text(letter.key),
        "value": text(letter.value),
        "headers": [[name, text(value)] for name, value in letter.headers],
        "omitted": letter.omitted,
        "status": None if status is None else msgspec.to_builtins(status),
    }


def _place(position: Position | None) -> dict[str, Any] | None:
    import msgspec

    return None if position is None else msgspec.to_builtins(position)


def _cells(letter: Letter, status: Status | None) -> list[str]:
    source = letter.source
    return [
        str(letter.address),
        moment(letter.time_ms),
        State.OPEN.value if status is None else status.state.value,
        letter.reason or "-",
        str(letter.attempt),
        "-" if source is None else f"{source.partition}/{source.offset}",
        letter.version or "-",
        letter.message,
    ]


def _line(document: dict[str, Any]) -> bytes:
    import orjson

    return orjson.dumps(document, option=orjson.OPT_APPEND_NEWLINE)
