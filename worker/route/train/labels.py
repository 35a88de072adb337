"""Labelled headlines: read from files, in the form that routing sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from worker.errors import UsageError
from worker.labels import lines_of, read_topics
from worker.mediatopics import SLUGS
from worker.normalize import clean, match_form

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from worker.labels import TopicLabel

COLUMN = {slug: column for column, slug in enumerate(SLUGS)}


class Labelled(NamedTuple):
    """A headline's match form, its topic, and the further topics that an editor would accept (columns)."""

    match: str
    topic: int
    acceptable: frozenset[int]

    def accepts(self, topic: int) -> bool:
        """Whether the topic is right: the primary or an acceptable one."""
        return topic == self.topic or topic in self.acceptable


class Targets(NamedTuple):
    """What to learn: n match forms, their topics' probabilities (n, 17), and what each counts for (n,)."""

    matches: list[str]
    probabilities: NDArray[np.float32]
    weights: NDArray[np.float32]


def read_labelled(path: Path) -> list[Labelled]:
    """A file of labels: see `worker.labels`.

    Raises:
        UsageError: it cannot be read, or a line is no label.
    """
    return [labelled_as(row, match_of(row.headline)) for row in read_topics(path)]


def labelled_as(row: TopicLabel, match: str) -> Labelled:
    """A row of a label file, its headline in the match form."""
    return Labelled(match, COLUMN[row.topic], frozenset(COLUMN[slug] for slug in row.acceptable))


def read_soft(headlines: Path, probabilities: Path) -> Targets:
    """A teacher's probabilities: a file of headlines, one a line, and one of percents, line by line.

    The percents' header names the topics. Headlines without probabilities (an empty line) are left out.

    Raises:
        UsageError: the files cannot be read or do not fit each other.
    """
    rows = lines_of(probabilities)
    try:
        columns = [COLUMN[slug] for slug in next(rows, "").split("\t")]
        pairs = [
            (match_of(text), row.split("\t")) for text, row in zip(lines_of(headlines), rows, strict=True)
        ]
        pairs = [(match, row) for match, row in pairs if len(row) == len(columns)]
        percents = np.zeros((len(pairs), len(SLUGS)), np.float32)
        percents[:, columns] = np.array([row for _, row in pairs], np.float32)
    except (ValueError, KeyError) as error:
        raise UsageError(f"{probabilities}: does not fit {headlines.name}, line by line ({error})") from error
    some = percents.sum(axis=1) > 0
    matches = [match for (match, _), any_of in zip(pairs, some, strict=True) if any_of]
    percents = percents[some]
    return Targets(matches, percents / percents.sum(axis=1, keepdims=True), np.ones(len(matches), np.float32))


def hard_targets(labelled: list[Labelled], *, weight: float, acceptable_share: float) -> Targets:
    """Labels as probabilities: of a headline with acceptable topics, these share `acceptable_share`."""
    probabilities = np.zeros((len(labelled), len(SLUGS)), np.float32)
    for row, label in zip(probabilities, labelled, strict=True):
        row[label.topic] = 1.0
        others = sorted(label.acceptable - {label.topic})
        if others:
            row[label.topic] = 1.0 - acceptable_share
            row[others] = acceptable_share / len(others)
    weights = np.full(len(labelled), weight, np.float32)
    return Targets([label.match for label in labelled], probabilities, weights)


def without(targets: Targets, held_out: Iterable[str]) -> Targets:
    """The targets but for headlines with one of these match forms: what measures is not learned from."""
    held = frozenset(held_out)
    keep = np.array([match not in held for match in targets.matches], bool)
    matches = [match for match, kept in zip(targets.matches, keep, strict=True) if kept]
    return Targets(matches, targets.probabilities[keep], targets.weights[keep])


def joined(first: Targets, second: Targets) -> Targets:
    """Both, one after the other."""
    return Targets(
        first.matches + second.matches,
        np.concatenate((first.probabilities, second.probabilities)),
        np.concatenate((first.weights, second.weights)),
    )


def match_of(headline: str) -> str:
    """The match form of a headline as it stands in a file."""
    return match_form(clean(headline)[0])
