"""`newswire config`: the effective settings, and where each came from."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING

import click
import orjson
from rich.markup import escape
from rich.table import Table

from worker.cli.options import resolved_settings, settings_options
from worker.config.catalog import catalog, shown
from worker.console import open_console

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.config import Resolved, Settings


def _print_template(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    """The callback of `--env`, which runs before the settings are read: they may be what is wrong."""
    if wanted:
        click.echo("\n".join(_template()))
        ctx.exit()


@click.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON object by setting, with unit, bounds and default too.",
)
@click.option("--changed", is_flag=True, help="Show only what is not the default.")
@click.option(
    "--env",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_template,
    help="Print a commented template of the environment: every setting with unit, bounds and default.",
)
@settings_options
def command(settings: Settings, *, as_json: bool, changed: bool) -> None:
    """Show the effective settings, where each came from and what it means; secrets are masked.

    A setting is given as NEWSWIRE_SECTION__NAME in the environment, or as --set section.name=value, which
    wins.
    """
    del settings
    resolved = resolved_settings()
    names = [name for name in catalog() if not changed or resolved.origins[name] != "default"]
    if as_json:
        listing = {name: _as_json(resolved, name) for name in names}
        sys.stdout.write(orjson.dumps(listing, option=orjson.OPT_INDENT_2).decode() + "\n")
    elif names:
        _print_table(resolved, names)
    else:
        click.echo("nothing is changed: every setting has its default")


def _as_json(resolved: Resolved, name: str) -> dict[str, str]:
    entry = catalog()[name]
    return {
        "value": shown(resolved.settings, name),
        "origin": resolved.origins[name],
        "default": entry.default,
        "accepts": entry.accepts,
        "variable": entry.variable,
        "description": entry.description,
    }


def _print_table(resolved: Resolved, names: list[str]) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("setting", "value", "from", "meaning"):
        table.add_column(heading, overflow="fold")
    for _, section in groupby(names, key=lambda name: name.partition(".")[0]):
        for name in section:
            origin = resolved.origins[name]
            style = "dim" if origin == "default" else "bold"
            value = shown(resolved.settings, name) or "-"
            table.add_row(name, escape(value), origin, escape(catalog()[name].description), style=style)
        table.add_section()
    open_console(piped_width=WIDE).print(table)


WIDE = 240
"""Columns of a table that goes into a file or a pipe, where nothing has to be folded."""


def _template() -> Iterator[str]:
    yield "# newswire's settings. What is commented out is the default; an empty value counts as not set."
    for section, names in groupby(catalog(), key=lambda name: name.partition(".")[0]):
        yield f"\n# {section}"
        for name in names:
            entry = catalog()[name]
            yield f"\n# {entry.description} ({entry.accepts})"
            yield f"#{entry.variable}={entry.default}"
