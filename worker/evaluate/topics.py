"""Routes against an editor's labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from worker.evaluate.bootstrap import Measured
from worker.evaluate.tiers import headline_of
from worker.labels import read_topics
from worker.route.train.figures import answers, weighed
from worker.route.train.labels import labelled_as

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from worker.events import Headline, Route
    from worker.normalize import Limits
    from worker.route.train.labels import Labelled


class LabelledTopic(NamedTuple):
    """A headline with an editor's label, and where it stands."""

    where: str
    label: Labelled
    headline: Headline


def load(path: Path, limits: Limits) -> list[LabelledTopic]:
    """The headlines of a label file, normalized.

    Raises:
        UsageError: it cannot be read, or a line is no label.
    """
    loaded = []
    for row in read_topics(path):
        where = f"{path}, line {row.line}"
        headline = headline_of(row.headline, limits, where)
        loaded.append(LabelledTopic(where, labelled_as(row, headline.match), headline))
    return loaded


class TopicFigures:
    """The figures of n routed headlines; call it with how often each is there (n,)."""

    def __init__(self, labelled: Sequence[Labelled], routes: Sequence[Route]) -> None:
        self._answers = answers(routes, labelled)

    def __call__(self, weights: NDArray[np.int64]) -> dict[str, Measured]:
        """Shares by name."""
        of = self._answers
        found = weighed(of, weights)
        everything = found.headlines
        return {
            "topic_right": Measured(found.right, everything),
            "topic_primary": Measured(found.primary, everything),
            "topic_macro_f1": Measured(found.macro_f1, everything),
            "unsorted": Measured(found.unsorted, everything),
            "right_of_sorted": Measured(found.right_of_sorted, int(weights @ of.is_sorted)),
            "calibration_error": Measured(found.calibration_error, everything),
            "with_further": Measured(found.with_further, everything),
            "further_precision": Measured(found.further_right, int(weights @ of.further)),
        }
