"""The arguments and options that say what to read: the same for `replay` and `preview`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from worker.replay.document import documents
from worker.replay.fields import parse_field_options
from worker.replay.formats import Format
from worker.replay.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.replay.event import Schedule

_OPTIONS: Final = (
    click.argument("files", nargs=-1, metavar="[FILE]..."),
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


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the files and what is said of them: files, form, fields, source, limit."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_plan(
    files: tuple[str, ...],
    *,
    form: str | None,
    fields: tuple[str, ...],
    source: str,
    limit: int | None,
    schedule: Schedule | None,
    repeat: int = 1,
) -> Plan:
    """The plan that the options ask for.

    Raises:
        UsageError: a file is missing, or a field option cannot be used.
    """
    return Plan(
        documents=tuple(documents(files)),
        source=source,
        fields=parse_field_options(fields),
        form=Format(form) if form else None,
        schedule=schedule,
        repeat=repeat,
        limit=limit,
    )
