"""The arguments and options that say what to read: the same for `replay` and `preview`."""

from __future__ import annotations

import functools
import os
import select
import stat
import sys
from typing import TYPE_CHECKING, Final

import click
from msgspec import Struct, convert

from worker.errors import UsageError
from worker.replay.document import documents
from worker.replay.event import SEED_SCHEDULE
from worker.replay.fields import parse_field_options
from worker.replay.formats import Format
from worker.replay.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.config import Settings
    from worker.replay.event import Schedule

_OPTIONS: Final = (
    click.argument("files", nargs=-1, metavar="[FILE | -]..."),
    click.option(
        "--format",
        "form",
        type=click.Choice([form.value for form in Format]),
        help="Form of the files; told by extension and content when not given.",
    ),
    click.option(
        "--field",
        "fields",
        multiple=True,
        metavar="NAME=FIELD",
        help="Take the event's NAME from this field or column, such as headline=title.",
    ),
    click.option("--source", metavar="NAME", help="Source of headlines that name none; replay.source."),
    click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Stop after so many headlines."),
)


class Inputs(Struct, frozen=True):
    """What a command was told to read, as the options say it."""

    files: tuple[str, ...]
    form: str | None
    fields: tuple[str, ...]
    source: str | None
    limit: int | None

    def plan(self, settings: Settings, *, schedule: Schedule | None = None, repeat: int = 1) -> Plan:
        """The plan that the options ask for; the seed headlines have a schedule of their own.

        Raises:
            UsageError: a file is missing, a field option cannot be used, or the options speak of a file and there is
                none.
        """
        fields = parse_field_options(self.fields)
        if not self.files:
            self._refuse_what_the_seeds_have_not()
        return Plan(
            documents=tuple(documents(self.files)),
            source=self.source or settings.replay.source,
            fields=fields,
            form=Format(self.form) if self.form else None,
            schedule=schedule or (None if self.files else SEED_SCHEDULE),
            repeat=repeat,
            limit=self.limit,
        )

    def _refuse_what_the_seeds_have_not(self) -> None:
        option = "--format" if self.form else "--field" if self.fields else None
        if option is not None:
            raise UsageError(
                f"{option} speaks of a file, and none is named: add FILE, or - for standard input"
            )
        if _piped_in():
            click.echo("note: no FILE is named, so the seeds are read; - reads what is piped in", err=True)


def _piped_in() -> bool:
    """Whether somebody has written into a pipe that is standard input."""
    try:
        number = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):  # there is none, or it is closed
        return False
    if not stat.S_ISFIFO(os.fstat(number).st_mode):
        return False
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return any(event & select.POLLIN for _, event in poll.poll(0))


def input_options(command: Callable[..., object]) -> Callable[..., object]:
    """Give a command the files and what is said of them, as the keyword argument `inputs`."""

    @functools.wraps(command)
    def with_inputs(*args: object, **kwargs: object) -> object:
        given = {name: kwargs.pop(name) for name in Inputs.__struct_fields__}
        return command(*args, inputs=convert(given, Inputs), **kwargs)

    for option in reversed(_OPTIONS):
        with_inputs = option(with_inputs)
    return with_inputs
