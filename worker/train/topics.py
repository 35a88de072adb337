"""A topic model from label files of a user's own, cross-validated beside the model that is used so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.errors import UsageError
from worker.mediatopics import SLUGS
from worker.route.model import save
from worker.route.train.__main__ import ACCEPTABLE_SHARE, LABEL_WEIGHT
from worker.route.train.fit import fit
from worker.route.train.folds import cross_validated
from worker.route.train.labels import hard_targets, joined, read_labelled, read_soft
from worker.route.train.quantise import quantised
from worker.train.confusion import Confusion, confusion
from worker.train.picture import Chart, Point

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from worker.events import Route
    from worker.route.router import Router
    from worker.route.train.labels import Labelled

FEWEST: Final = 100
"""Labels below which a third of them says nothing."""
_BINS: Final = 10


class Teacher(NamedTuple):
    """Headlines, one a line, and another model's percents for each of them; see `worker.route.train.labels`."""

    headlines: Path
    percents: Path


class TrainedTopics(NamedTuple):
    """A model that was written, and what was found of it.

    `own` are the routes by models that had not seen the headline, `so_far` those by the model that is used now, which
    may have; both in the order of `labelled`. `missing` are the topics that no label has: the model never gives them.
    """

    version: str
    labelled: list[Labelled]
    own: list[Route]
    so_far: list[Route]
    missing: tuple[str, ...]


def train(
    paths: Sequence[Path],
    teacher: Teacher | None,
    output: Path,
    *,
    so_far: Router,
    threshold: float,
    also_threshold: float,
    say: Callable[[str], None],
) -> TrainedTopics:
    """Train, cross-validate and write a model.

    Args:
        paths: label files.
        teacher: what is learned from besides, where there is something.
        output: where the model goes.
        so_far: the router that is used now.
        threshold: at which routes are taken, as in `Router.route`;
        also_threshold: the same.
        say: takes a line for each step.

    Raises:
        UsageError: a file cannot be used, or there are too few labels.
    """
    labelled = [label for path in paths for label in read_labelled(path)]
    given = {label.topic for label in labelled}
    if len(labelled) < FEWEST or len(given) < 2:
        raise UsageError(
            f"{', '.join(map(str, paths))}: {len(labelled)} labels of {len(given)} topics; {FEWEST} labels, of two"
            " topics, are the least that a model can be trained on"
        )
    targets = hard_targets(
        labelled, weight=LABEL_WEIGHT if teacher else 1.0, acceptable_share=ACCEPTABLE_SHARE
    )
    if teacher is not None:
        targets = joined(targets, read_soft(teacher.headlines, teacher.percents))
    say(
        f"learning from {len(labelled):,} labels and {len(targets.matches) - len(labelled):,} headlines of a teacher"
    )
    held_out = cross_validated(labelled, targets, threshold=threshold, also_threshold=also_threshold, say=say)
    model = quantised(fit(targets))._replace(first=held_out.first, further=held_out.further)
    matches = [label.match for label in held_out.labelled]
    try:
        version = save(model, output)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror}); name another --output") from error
    return TrainedTopics(
        version,
        held_out.labelled,
        held_out.routes,
        so_far.route(matches, threshold=threshold, also_threshold=also_threshold),
        tuple(slug for topic, slug in enumerate(SLUGS) if topic not in given),
    )


def confusion_of(labelled: Sequence[Labelled], routes: Sequence[Route]) -> Confusion:
    """Which primary topic got which best topic."""
    wanted = [SLUGS[label.topic] for label in labelled]
    return confusion(wanted, [route.best for route in routes], SLUGS, SLUGS)


def calibration(labelled: Sequence[Labelled], routes: Sequence[Route]) -> Chart:
    """How often what has some confidence is right: on the diagonal, where it is calibrated."""
    confidence = np.array([route.confidence for route in routes])
    right = np.array(
        [label.accepts(SLUGS.index(route.best)) for label, route in zip(labelled, routes, strict=True)]
    )
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    points = [
        Point(float(confidence[bins == at].mean()), float(right[bins == at].mean()), int((bins == at).sum()))
        for at in np.unique(bins).tolist()
    ]
    return Chart("calibration, on headlines held out", "confidence", "right", points, diagonal=True)
