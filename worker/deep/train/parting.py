"""Folds of what is learned: each is judged by an encoder that has learned from the others.

Of the pairs that are read, no headline is in two folds. Of the topics, every third headline of the first ones is in a
fold, and the others are learned from in all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from worker.deduplicate.match.folds import folds
from worker.deep.train.examples import examples_of, topic_targets
from worker.route.train.labels import without

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from worker.deep.train.examples import Example, KnownPair
    from worker.route.train.labels import Labelled, Targets

FOLDS: Final = 3


class Material(NamedTuple):
    """What is parted: pairs, and labelled headlines, of which the first `natural` are judged.

    `soft` are headlines of whose topics only models have said something; `held_out` are match forms that nothing is
    learned from, and whose topics are not judged.
    """

    pairs: Sequence[KnownPair]
    labelled: list[Labelled]
    natural: int
    soft: Targets
    held_out: frozenset[str]

    @property
    def read(self) -> list[KnownPair]:
        """The pairs that somebody has labelled."""
        return [pair for pair in self.pairs if pair.label]

    @property
    def unread(self) -> list[KnownPair]:
        """The pairs that nobody has, and that share no headline with those: no encoder has learned from them."""
        known = frozenset(form for pair in self.read for form in (pair.one, pair.other))
        return [pair for pair in self.pairs if not pair.label and not pair.is_of(known)]


class Part(NamedTuple):
    """A fold: the pairs and the match forms that are judged, and what is learned before."""

    pairs: Sequence[KnownPair]
    headlines: Sequence[str]
    examples: Sequence[Example]
    labelled: Targets
    soft: Targets


def parts(material: Material) -> Iterator[Part]:
    """The folds."""
    read = material.read
    fold = folds([(pair.one, pair.other) for pair in read], FOLDS).tolist()
    for number in range(FOLDS):
        judged = [pair for pair, where in zip(read, fold, strict=True) if where == number]
        learned = [pair for pair, where in zip(read, fold, strict=True) if where != number]
        headlines = [
            label.match
            for label in material.labelled[number : material.natural : FOLDS]
            if label.match not in material.held_out
        ]
        held_out = material.held_out.union(headlines)
        yield Part(
            judged,
            headlines,
            examples_of(learned, material.held_out),
            topic_targets(material.labelled, held_out),
            without(material.soft, held_out),
        )
