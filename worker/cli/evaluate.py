"""`newswire evaluate`: how good verdicts and topics are, on label files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import orjson

from worker.cli.options import settings_options_without_kafka
from worker.console import open_console
from worker.errors import UsageError

if TYPE_CHECKING:
    from worker.config import Settings
    from worker.evaluate.report import Report

WIDE: Final = 160
"""Columns of the table in a file or a pipe, where nothing has to be folded."""

FILES: Final = """\
\b
Label files are tab-separated, UTF-8, plain or compressed by gzip; the
first line names the columns:
  label  headline_a  headline_b    duplicate, same_story or different
  topic  acceptable  headline      a topic; others that are right too,
                                   with commas between
Of a folder all of them are taken but those whose names end in _train.
"""


@click.command(epilog=FILES)
@click.argument("labels", nargs=-1, required=True, metavar="FOLDER|FILE...", type=click.Path(path_type=Path))
@click.option(
    "--stream",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Headlines, one a line: put between those of a pair, and judged a headline is counted on them.",
)
@click.option(
    "--between",
    "apart",
    type=click.IntRange(min=0),
    metavar="N",
    help="How many headlines of the stream lie between those of a pair; by default all of them.",
)
@click.option(
    "--errors",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Show the N worst errors of each kind.",
)
@click.option(
    "--errors-to",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the errors there instead; they are texts of the label files.",
)
@click.option(
    "--resamples",
    type=click.IntRange(min=0, max=1_000_000),
    default=1_000,
    show_default=True,
    help="Samples drawn for the intervals; 0 for none.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of the draws; the same draws the same.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of the table.")
@settings_options_without_kafka
def command(
    settings: Settings,
    *,
    labels: tuple[Path, ...],
    stream: Path | None,
    apart: int | None,
    errors: int,
    errors_to: Path | None,
    resamples: int,
    seed: int,
    as_json: bool,
) -> None:
    """Measure verdicts and topics on label files, with intervals of 95%.

    Pairs are judged as the worker would, the first headline as the earlier one; headlines are routed with the
    thresholds of the settings.
    """
    from worker.evaluate import report as reports

    if apart and stream is None:
        raise UsageError("--between N takes the headlines of --stream FILE: name one")
    if errors_to is not None and not errors:
        raise UsageError("--errors-to FILE: say how many errors of each kind by --errors N")
    plan = reports.Plan(labels, stream, apart, resamples, seed, errors)
    report = reports.evaluate(plan, settings)
    if as_json:
        _print_json(report, with_errors=errors_to is None)
    else:
        open_console(piped_width=WIDE, highlight=False).print(reports.table(report.parts))
        for note in reports.notes(report):
            click.echo(note)
    if errors_to is not None:
        _write(errors_to, "\n".join(reports.errors_as_text(report)).strip() + "\n")
    elif errors and not as_json:
        click.echo("\n".join(reports.errors_as_text(report)))


def _print_json(report: Report, *, with_errors: bool) -> None:
    from worker.evaluate.report import as_json

    shown = report if with_errors else report._replace(plan=report.plan._replace(errors=0))
    click.echo(orjson.dumps(as_json(shown), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error
