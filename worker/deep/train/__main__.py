"""`python -m worker.deep.train`: the encoder trained again; see `worker/deep/README.md`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from worker.deduplicate.match.hashed import LABELS, read_known, rescored, write_known
from worker.deep import quantise
from worker.deep.encoder import digest
from worker.deep.train import calibrating, examples, pretrained
from worker.deep.train.alterations import Alterations
from worker.deep.train.answers import HELD_OUT, TAUGHT, Answers
from worker.deep.train.parting import Material
from worker.deep.train.vocabulary import FEWEST, pruned
from worker.errors import NewswireError, UsageError
from worker.route.evidence import CONFIDENCES
from worker.route.train.labels import without as but_for

try:
    from worker.deep.train import exporting, fitting, network, scoring
except ImportError as error:
    sys.stderr.write(
        f"error: a package that the training needs is not installed ({error}):"
        " pip install torch onnx onnxruntime scikit-learn\n"
    )
    sys.exit(UsageError.exit_code)

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.route.train.labels import Targets

EPOCHS: Final = 3
LAYERS: Final = 8
NATURAL: Final = 7300
SEED: Final = 5

_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW: Final = click.Path(dir_okay=False, path_type=Path)

_DATA: Final = click.option("--data", required=True, type=_FOLDER, help="Folder of label files and a stream.")
_OUT: Final = click.option(
    "--folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Of the encoder."
)
_BASE: Final = click.option(
    "--base", required=True, type=_FILE, help="A pretrained transformer: .onnx, .safetensors or a zip of one."
)
_LAYERS: Final = click.option(
    "--layers", default=LAYERS, show_default=True, type=click.IntRange(min=1), help="First ones kept of it."
)
_TEXTS: Final = click.option(
    "--texts", multiple=True, type=_FILE, help="Further headlines that labels.tsv.gz knows by their hashes."
)


def _learning(command: Callable[..., None]) -> Callable[..., None]:
    """The options of whatever learns."""
    for option in (
        click.option("--without", multiple=True, type=_FILE, help="Label files not to learn from."),
        click.option("--epochs", default=EPOCHS, show_default=True, type=click.IntRange(min=1)),
        click.option("--steps", type=click.IntRange(min=0), help="Stop after so many, for a trial."),
        click.option("--threads", default=2, show_default=True, type=click.IntRange(min=1)),
        click.option("--seed", default=SEED, show_default=True),
    ):
        command = option(command)
    return command


@click.group(help=__doc__)
def cli() -> None:
    """The commands."""


@cli.command()
@_DATA
@_OUT
@_BASE
@_TEXTS
@click.option(
    "--fewest", default=FEWEST, show_default=True, type=click.IntRange(min=1), help="A kept piece was seen."
)
def prune(data: Path, folder: Path, base: Path, texts: tuple[Path, ...], fewest: int) -> None:
    """Take the pieces that headlines have: writes vocab.txt."""
    forms = [
        form for pair in examples.known_pairs(data, texts) if pair.label for form in (pair.one, pair.other)
    ]
    forms += [label.match for label in examples.labelled_topics(data)]
    forms += examples.stream(data)
    every = pretrained.read(base).pieces
    kept = exporting.save_vocabulary(pruned(every, forms, fewest), folder)
    click.echo(f"wrote {folder / exporting.VOCABULARY}: {len(kept):,} of {len(every):,} pieces")


@cli.command()
@_DATA
@_OUT
@_BASE
@_learning
@click.option(
    "--headlines", multiple=True, type=_FILE, help="Further headlines: a line each, or the last column."
)
def teach(
    data: Path,
    folder: Path,
    base: Path,
    without: tuple[Path, ...],
    headlines: tuple[Path, ...],
    **effort: Any,  # noqa: ANN401 - click's options
) -> None:
    """Learn topics with all layers, and label the stream and further headlines: writes taught.npz."""
    vocabulary = exporting.load_vocabulary(folder)
    targets = examples.topic_targets(examples.labelled_topics(data), examples.forms_of(without))
    teacher = fitting.fit(
        pretrained.read(base), vocabulary, fitting.Lessons(labelled=targets), _effort(effort)
    )
    forms = examples.stream(data)
    for path in headlines:
        forms += examples.headlines(path)
    matches = list(dict.fromkeys(forms))
    _, topics = network.logits(teacher, [vocabulary.single(match) for match in matches])
    Answers(matches, topics).save(folder / TAUGHT)
    click.echo(f"wrote {folder / TAUGHT}: {len(matches):,} headlines")


@cli.command()
@_DATA
@_OUT
@_BASE
@_LAYERS
@_learning
@_TEXTS
@click.option("--labels", default=LABELS, type=_NEW, help="To write; the package's by default.")
@click.option(
    "--natural", default=NATURAL, show_default=True, help="First rows of topics that are as news comes."
)
def score(
    data: Path,
    folder: Path,
    base: Path,
    layers: int,
    without: tuple[Path, ...],
    texts: tuple[Path, ...],
    labels: Path,
    natural: int,
    **effort: Any,  # noqa: ANN401
) -> None:
    """Judge by encoders what they have not seen: writes the scores of labels.tsv.gz, and held_out.npz."""
    material = Material(
        examples.known_pairs(data, texts),
        examples.labelled_topics(data),
        natural,
        _soft(data, folder),
        examples.forms_of(without),
    )
    stream = examples.stream(data)
    found, answers = scoring.judged(
        material,
        pretrained.read(base, layers),
        exporting.load_vocabulary(folder),
        lambda seed: Alterations(stream, seed),
        _effort(effort),
    )
    write_known(rescored(read_known(), found), labels)
    answers.save(folder / HELD_OUT)
    click.echo(
        f"wrote {labels}: {len(found):,} pairs; {folder / HELD_OUT}: {len(answers.matches):,} headlines"
    )


@cli.command()
@_DATA
@_OUT
@_BASE
@_LAYERS
@_learning
@_TEXTS
@click.option("--labels", default=LABELS, type=_FILE, help="What score wrote; the package's by default.")
def fit(
    data: Path,
    folder: Path,
    base: Path,
    layers: int,
    without: tuple[Path, ...],
    texts: tuple[Path, ...],
    labels: Path,
    **effort: Any,  # noqa: ANN401
) -> None:
    """Train the encoder on everything: writes weights.pt."""
    plan = _effort(effort)
    held = examples.forms_of(without)
    pairs = examples.known_pairs(data, texts, labels)
    lessons = fitting.Lessons(
        examples.examples_of((pair for pair in pairs if pair.label), held),
        Alterations(examples.stream(data), plan.seed),
        examples.examples_of((pair for pair in pairs if not pair.label), held),
        examples.topic_targets(examples.labelled_topics(data), held),
        but_for(_soft(data, folder), held),
    )
    click.echo(f"pairs: {len(lessons.pairs):,} that are read, {len(lessons.unread):,} that are not")
    vocabulary = exporting.load_vocabulary(folder)
    exporting.save_weights(fitting.fit(pretrained.read(base, layers), vocabulary, lessons, plan), folder)
    click.echo(f"wrote {folder / exporting.WEIGHTS}")


@cli.command()
@_OUT
def export(folder: Path) -> None:
    """Make the graph of the weights: writes encoder.onnx."""
    path = exporting.export(folder)
    click.echo(f"wrote {path} ({path.stat().st_size:,} bytes), digest {digest(folder)}")


@cli.command()
@_DATA
@_OUT
@click.option("--output", default=CONFIDENCES, type=_NEW, help="The file to write.")
def calibrate(data: Path, folder: Path, output: Path) -> None:
    """Measure by what score held out how far topics can be trusted: writes evidence.json."""
    if not (folder / exporting.GRAPH).exists():
        raise UsageError(f"{folder / exporting.GRAPH}: there is no such file; run the command export first")
    answers = Answers.load(folder / HELD_OUT, "score")
    labels = calibrating.labels_of(answers.matches, examples.labelled_topics(data))
    encoder = digest(folder)
    calibrating.save(calibrating.tables(quantise.topics(answers.logits), labels), encoder, output)
    click.echo(f"wrote {output}: {len(labels):,} headlines held out, encoder {encoder}")


def _effort(options: dict[str, Any]) -> fitting.Effort:
    return fitting.Effort(**options, say=click.echo)


def _soft(data: Path, folder: Path) -> Targets:
    """What models say of topics: the one of the folder of labels, and the teacher where there was one."""
    percents = examples.soft_targets(data)
    path = folder / TAUGHT
    if not path.exists():
        return percents
    click.echo(f"topics by {path} and {examples.STREAM_TOPICS}, in the mean")
    return Answers.load(path, "teach").blended(percents)


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
