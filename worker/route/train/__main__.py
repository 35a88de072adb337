"""`python -m worker.route.train --data FOLDER`: train the topic model again and report its figures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.errors import NewswireError
from worker.route.model import Model, save
from worker.route.router import WEIGHTS, Router, Scores
from worker.route.train.calibrate import confidence_tables
from worker.route.train.figures import measure
from worker.route.train.fit import fit
from worker.route.train.labels import (
    Labelled,
    Targets,
    hard_targets,
    joined,
    read_labelled,
    read_soft,
    without,
)
from worker.route.train.quantise import quantised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.events import Route

FOLDS: Final = 3
THRESHOLD: Final = 0.6
ALSO_THRESHOLD: Final = 0.55
"""The defaults of the settings route.threshold and route.also_threshold, at which the figures are taken."""

_LABEL_WEIGHT: Final = 0.5
"""What an editor's label counts for beside a headline of the teacher's, which is 1."""
_ACCEPTABLE_SHARE: Final = 0.25
_SEED: Final = 0


class Fold(NamedTuple):
    """A model that has not seen some labelled headlines, and what it makes of them."""

    model: Model
    labelled: list[Labelled]
    scores: Scores


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write the model, print figures by cross-validation and on the dev set. Returns the exit code."""
    options = _options(arguments)
    try:
        _train(options.data, options.natural, options.output)
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
        "--output",
        type=Path,
        default=WEIGHTS,
        metavar="FILE",
        help="where the weights go (default: the package's own)",
    )
    return parser.parse_args(arguments)


def _train(data: Path, natural: int, output: Path) -> None:
    train = read_labelled(data / "topics_train.tsv")
    dev = read_labelled(data / "topics_dev.tsv")
    soft = read_soft(data / "stream.txt.gz", data / "stream_topics.tsv.gz")
    hard = hard_targets(train, weight=_LABEL_WEIGHT, acceptable_share=_ACCEPTABLE_SHARE)
    targets = without(joined(hard, soft), (label.match for label in dev))
    _say(
        f"learning from {len(train)} labels and {len(soft.matches)} headlines with a teacher's probabilities"
    )

    folds = [_fold(held_out, targets) for held_out in _folds(train[:natural])]
    first, further = confidence_tables([(fold.scores, fold.labelled) for fold in folds])
    routers = [Router(fold.model._replace(first=first, further=further), "fold") for fold in folds]
    routes = [
        route for fold, router in zip(folds, routers, strict=True) for route in _routes(router, fold.labelled)
    ]
    labelled = [label for fold in folds for label in fold.labelled]
    _say(f"cross-validated: {measure(routes, labelled)}")

    version = save(quantised(fit(targets))._replace(first=first, further=further), output)
    _say(f"dev set: {measure(_routes(Router.load(output), dev), dev)}")
    _say(f"{version}: {output} ({output.stat().st_size:,} bytes)")


def _folds(labelled: list[Labelled]) -> list[list[Labelled]]:
    order = np.random.default_rng(_SEED).permutation(len(labelled))
    return [[labelled[at] for at in order[fold::FOLDS]] for fold in range(FOLDS)]


def _fold(held_out: list[Labelled], targets: Targets) -> Fold:
    matches = [label.match for label in held_out]
    model = quantised(fit(without(targets, matches)))
    _say(f"fold of {len(matches)} held out: fitted")
    return Fold(model, held_out, Router(model, "fold").score(matches))


def _routes(router: Router, labelled: list[Labelled]) -> list[Route]:
    matches = [label.match for label in labelled]
    return router.route(matches, threshold=THRESHOLD, also_threshold=ALSO_THRESHOLD)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
