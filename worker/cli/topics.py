"""`newswire topics`: compare the cluster's topics with the declaration, and mend them."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, Final

import click
import orjson
from rich.table import Table

from worker import rights, topics
from worker.cli.options import settings_options
from worker.console import open_console
from worker.errors import TopicDriftError

if TYPE_CHECKING:
    from worker.config import Settings
    from worker.topics import Difference

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of a table.")
_lower = click.option(
    "--lower-retention",
    is_flag=True,
    help="Lower a retention too where the declaration is shorter; Kafka then deletes what is older.",
)


@click.group()
def command() -> None:
    """Compare the cluster's topics with the declaration, and mend them.

    The declaration follows from the settings (`newswire config`, section topics). Nothing here deletes a
    topic or takes partitions away.
    """


@command.command()
@_json
@_lower
@settings_options
def plan(settings: Settings, *, as_json: bool, lower_retention: bool) -> None:
    """Show what `apply` would do; change nothing."""
    found = asyncio.run(_plan(settings, lower_retention=lower_retention))
    if as_json:
        _print_json(differences=[_as_json(each) for each in found])
        return
    _print_table(found, settings, title="To do")
    if not found:
        click.echo(_in_order(settings))


@command.command(short_help="Create what is missing, set what differs, add partitions.")
@_json
@_lower
@settings_options
def apply(settings: Settings, *, as_json: bool, lower_retention: bool) -> None:
    """Create what is missing, set what differs, add partitions; say what is left.

    Exits 3 if a difference that breaks a promise is left.
    """
    done, left = asyncio.run(_apply(settings, lower_retention=lower_retention))
    if as_json:
        _print_json(done=[_as_json(each) for each in done], left=[_as_json(each) for each in left])
    else:
        _print_done(done, settings)
        _print_table(left, settings, title="Left as it is")
        if not done:
            click.echo("nothing to do" if left else _in_order(settings))
    if broken := topics.breaking(left):
        raise TopicDriftError(f"{len(broken)} of the differences left break a promise; see their notes")


@command.command()
@_json
@settings_options
def check(settings: Settings, *, as_json: bool) -> None:
    """Exit 3 if the cluster differs from the declaration."""
    found = asyncio.run(_plan(settings, lower_retention=False))
    if as_json:
        _print_json(differences=[_as_json(each) for each in found])
    else:
        _print_table(found, settings, title="Drift")
    if found:
        raise TopicDriftError(
            f"{len(found)} differences, {len(topics.breaking(found))} of which break a promise;"
            " mend them with: newswire topics apply"
        )
    if not as_json:
        click.echo(_in_order(settings))


async def _plan(settings: Settings, *, lower_retention: bool) -> tuple[Difference, ...]:
    async with topics.open_cluster(settings.kafka) as cluster:
        await cluster.require(rights.to_compare(_names(settings)))
        return await topics.plan(cluster, settings, lower_retention=lower_retention)


async def _apply(
    settings: Settings, *, lower_retention: bool
) -> tuple[tuple[Difference, ...], tuple[Difference, ...]]:
    """What was done, and what is left."""
    async with topics.open_cluster(settings.kafka) as cluster:
        await cluster.require(rights.to_apply(_names(settings)))
        planned = await topics.plan(cluster, settings, lower_retention=lower_retention)
        left = await topics.apply(cluster, settings, planned)
        return tuple(each for each in planned if each.action is not topics.Action.LEFT), left


def _names(settings: Settings) -> list[str]:
    return [spec.name for spec in topics.declaration(settings)]


def _in_order(settings: Settings) -> str:
    count = len(topics.declaration(settings))
    return f"nothing to do: {count} topics at {settings.kafka.bootstrap_servers} are as declared"


def _as_json(difference: Difference) -> dict[str, Any]:
    return {
        "topic": difference.topic,
        "what": difference.what,
        "declared": difference.declared,
        "actual": difference.actual,
        "action": difference.action.value,
        "severity": difference.severity.value,
        "note": difference.note,
    }


def _print_json(**sections: list[dict[str, Any]]) -> None:
    sys.stdout.write(orjson.dumps(sections, option=orjson.OPT_INDENT_2).decode() + "\n")


def _print_table(found: tuple[Difference, ...], settings: Settings, *, title: str) -> None:
    if not found:
        return
    table = _table(title, settings, ("topic", "what", "is", "should be", "action", "severity", "note"))
    for each in found:
        color = "red" if each.severity is topics.Severity.BREAKING else "yellow"
        table.add_row(
            each.topic,
            each.what,
            each.actual or "-",
            each.declared,
            each.action.value,
            f"[{color}]{each.severity.value}[/]",
            each.note,
        )
    open_console(piped_width=_WIDE).print(table)


def _print_done(done: tuple[Difference, ...], settings: Settings) -> None:
    if not done:
        return
    table = _table("Done", settings, ("topic", "what was done"))
    for each in done:
        table.add_row(each.topic, _deed(each))
    open_console(piped_width=_WIDE).print(table)
    created = sum(each.action is topics.Action.CREATE for each in done)
    altered = len(done) - created
    click.echo(f"{created} created, {altered} altered")


def _deed(done: Difference) -> str:
    """What was done about a difference, in words."""
    if done.action is topics.Action.CREATE:
        return f"created: {done.declared}"
    before = "" if done.actual is None else f" from {done.actual}"
    return f"altered: {done.what}{before} to {done.declared}"


def _table(title: str, settings: Settings, headings: tuple[str, ...]) -> Table:
    table = Table(title=f"{title}: topics at {settings.kafka.bootstrap_servers}", title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


_WIDE: Final = 200
"""Columns of a table that goes into a file or a pipe."""
