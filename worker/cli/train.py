"""`newswire train`: a topic model or a matcher from label files of a user's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from worker.cli.options import settings_options_without_kafka
from worker.console import open_console
from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.config import Settings
    from worker.evaluate.bootstrap import Figure
    from worker.train.confusion import Confusion
    from worker.train.picture import Chart

_FILE: Final = click.Path(path_type=Path)
_WIDE: Final = 160
_OWN, _SO_FAR = "trained, held out", "used so far"

FORMS: Final = """\
\b
Label files are tab-separated, UTF-8, plain or compressed by gzip; the
first line names the columns:
  label  headline_a  headline_b    duplicate, same_story or different
  topic  acceptable  headline      a topic; others that are right too,
                                   with commas between

The figures are those of models that had not seen the headlines, beside those of the model that the settings name,
which may have. The same files give the same model on the same kind of processor.
"""

_picture_option = click.option(
    "--picture",
    metavar="FILE",
    type=_FILE,
    help="Where the picture goes; by default beside the model, as .svg.",
)


@click.group(epilog=FORMS)
def command() -> None:
    """Train on labels of your own; needs the packages of newswire[train].

    Writes a model that a setting loads, a confusion table and a picture.
    """


@command.command("topics", epilog=FORMS)
@click.option(
    "--labels",
    "paths",
    multiple=True,
    required=True,
    metavar="FILE",
    type=_FILE,
    help="A file of topics; may be given for several.",
)
@click.option(
    "--teacher",
    "teacher",
    nargs=2,
    metavar="HEADLINES PERCENTS",
    type=_FILE,
    help="Headlines, one a line, and another model's percents of each topic, line by line under a header of topics.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=_FILE,
    default=Path("topics.model"),
    show_default=True,
    help="Where the model goes.",
)
@_picture_option
@settings_options_without_kafka
def topics_command(
    settings: Settings,
    *,
    paths: tuple[Path, ...],
    teacher: tuple[Path, Path] | None,
    output: Path,
    picture: Path | None,
) -> None:
    """Train a topic model; route.model loads it."""
    from worker.train import require, require_writable

    picture = picture or output.with_suffix(".svg")
    require(("scipy",))
    require_writable(output, "--output")
    require_writable(picture, "--picture")
    from worker.evaluate.bootstrap import with_intervals
    from worker.evaluate.topics import TopicFigures
    from worker.route.router import WEIGHTS, Router
    from worker.train import topics

    route = settings.route
    found = topics.train(
        paths,
        topics.Teacher(*teacher) if teacher else None,
        output,
        so_far=Router.load(Path(route.model) if route.model else WEIGHTS),
        threshold=route.threshold,
        also_threshold=route.also_threshold,
        say=click.echo,
    )
    figures = {
        name: with_intervals(TopicFigures(found.labelled, routes), len(routes))
        for name, routes in ((_OWN, found.own), (_SO_FAR, found.so_far))
    }
    _show(paths, len(found.labelled), figures, topics.confusion_of(found.labelled, found.own))
    if found.missing:
        click.echo(f"No label has {', '.join(found.missing)}: the model never gives these topics.")
    chart = topics.calibration(found.labelled, found.own)
    confusion = topics.confusion_of(found.labelled, found.own)
    _draw(picture, found.version, confusion, chart)
    click.echo(f"{output}: {found.version}; to use it, set route.model={output} for all workers")


@command.command("matcher", epilog=FORMS)
@click.option("--pairs", "path", required=True, metavar="FILE", type=_FILE, help="A file of pairs.")
@click.option(
    "--output",
    metavar="FILE",
    type=_FILE,
    default=Path("matcher.json"),
    show_default=True,
    help="Where the model goes.",
)
@_picture_option
@click.option(
    "--precision",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.972,
    show_default=True,
    help="Of duplicates, on pairs held out.",
)
@click.option(
    "--update-precision",
    type=click.FloatRange(min=0, max=1, min_open=True),
    default=0.6,
    show_default=True,
    help="Of updates, on pairs held out.",
)
@settings_options_without_kafka
def matcher_command(
    settings: Settings,
    *,
    path: Path,
    output: Path,
    picture: Path | None,
    precision: float,
    update_precision: float,
) -> None:
    """Train a matcher; dedup.model loads it.

    It learns to decide without the encoder. What decides where the log holds what the encoder said (deep.mode=on) stays
    the package's own, and goes into the file as it is.

    A worker with another matcher's model gives other verdicts, so it is a version of the log of its own: give all
    workers the model, then name the version in dedup.write_version.
    """
    from worker.train import require, require_writable

    picture = picture or output.with_suffix(".svg")
    require(("lightgbm", "sklearn"))
    require_writable(output, "--output")
    require_writable(picture, "--picture")
    from worker.deduplicate.match import own
    from worker.evaluate import pairs
    from worker.evaluate.bootstrap import with_intervals
    from worker.evaluate.tiers import tiers
    from worker.train import matcher

    labelled = pairs.load(path, settings.normalize.limits())
    relations = [pair.relation for pair in labelled]
    found = matcher.train(path, output, precision=precision, update_precision=update_precision)
    decided = {_OWN: found.decisions, _SO_FAR: tiers(settings)[0].decide([pair.pair for pair in labelled])}
    figures = {
        name: with_intervals(pairs.PairFigures(relations, decisions), len(decisions))
        for name, decisions in decided.items()
    }
    confusion = matcher.confusion_of(relations, found.decisions)
    _show((path,), len(labelled), figures, confusion)
    chart = matcher.precision_over_recall(relations, found.decisions)
    _draw(picture, found.version, confusion, chart)
    number = own.load(output).matcher.version
    click.echo(f"{output}: {found.version}; to use it, set dedup.model={output} for all workers,")
    click.echo(f"and when all of them have it, dedup.write_version={number}")


def _show(
    paths: Sequence[Path], rows: int, figures: Mapping[str, dict[str, Figure]], confusion: Confusion
) -> None:
    from worker.evaluate.report import Part, table
    from worker.train.confusion import as_table

    console = open_console(piped_width=_WIDE, highlight=False)
    console.print(table([Part(paths[0], rows, {}, dict(figures), {})]))
    console.print(as_table(confusion))


def _draw(path: Path, title: str, confusion: Confusion, chart: Chart) -> None:
    from worker.train.picture import picture

    try:
        path.write_text(picture(title, confusion, chart), "utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another --picture") from error
    click.echo(f"{path}: confusion and curve")
