"""`python -m worker.route.train --data FOLDER`: train the topic model again and report its figures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from worker.errors import NewswireError
from worker.labels import lines_of
from worker.route.model import save
from worker.route.router import WEIGHTS, Router
from worker.route.train.figures import measure
from worker.route.train.fit import fit
from worker.route.train.folds import cross_validated
from worker.route.train.labels import Labelled, hard_targets, joined, read_labelled, read_soft, without
from worker.route.train.quantise import quantised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.events import Route

THRESHOLD: Final = 0.6
ALSO_THRESHOLD: Final = 0.55
"""The defaults of the settings route.threshold and route.also_threshold, at which the figures are taken."""

LABEL_WEIGHT: Final = 0.5
"""What an editor's label counts for beside a headline of the teacher's, which is 1."""
ACCEPTABLE_SHARE: Final = 0.25


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write the model, print figures by cross-validation and on the dev set. Returns the exit code."""
    options = _options(arguments)
    try:
        _train(options.data, options.natural, options.output, options.further)
    except NewswireError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m worker.route.train", description=__doc__)
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="holds topics_train.tsv, topics_dev.tsv, stream.txt.gz and stream_topics.tsv.gz",
    )
    parser.add_argument(
        "--natural",
        type=int,
        default=7300,
        metavar="ROWS",
        help="how many of the first rows of topics_train.tsv are a natural mix of news; the confidence is "
        "learned and the figures are taken from these, by cross-validation (default: %(default)s)",
    )
    parser.add_argument(
        "--further",
        type=Path,
        metavar="FILE",
        help="headlines, one a line, that the deep tier's encoder gives probabilities of, as it then does of "
        "stream.txt.gz beside those that stand in the file; needs onnxruntime",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=WEIGHTS,
        metavar="FILE",
        help="where the weights go (default: the package's own)",
    )
    return parser.parse_args(arguments)


def _train(data: Path, natural: int, output: Path, further: Path | None) -> None:
    train = read_labelled(data / "topics_train.tsv")
    dev = read_labelled(data / "topics_dev.tsv")
    soft = read_soft(data / "stream.txt.gz", data / "stream_topics.tsv.gz")
    if further is not None:
        from worker.route.train.encoded import with_encoder

        soft = with_encoder(soft, lines_of(further))
    hard = hard_targets(train, weight=LABEL_WEIGHT, acceptable_share=ACCEPTABLE_SHARE)
    targets = without(joined(hard, soft), (label.match for label in dev))
    _say(
        f"learning from {len(train)} labels and {len(soft.matches)} headlines with a teacher's probabilities"
    )

    held_out = cross_validated(
        train[:natural], targets, threshold=THRESHOLD, also_threshold=ALSO_THRESHOLD, say=_say
    )
    _say(f"cross-validated: {measure(held_out.routes, held_out.labelled)}")

    model = quantised(fit(targets))._replace(first=held_out.first, further=held_out.further)
    version = save(model, output)
    _say(f"dev set: {measure(_routes(Router.load(output), dev), dev)}")
    _say(f"{version}: {output} ({output.stat().st_size:,} bytes)")


def _routes(router: Router, labelled: list[Labelled]) -> list[Route]:
    matches = [label.match for label in labelled]
    return router.route(matches, threshold=THRESHOLD, also_threshold=ALSO_THRESHOLD)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
