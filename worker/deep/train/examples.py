"""What the encoder learns from: pairs of headlines, topics of headlines, and headlines of a stream.

A folder holds `pairs_train.tsv` and `topics_train.tsv` (label files, see `worker.labels`), `stream.txt.gz` (headlines,
one a line) and `stream_topics.tsv.gz` (another model's percents, line by line).
"""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.deduplicate.evidence import Scores
from worker.deduplicate.match.hashed import LABELS, Key, key_of, read_hashed
from worker.deep import quantise
from worker.errors import UsageError
from worker.labels import Form, Relation, form_of, lines_of, read_pairs, read_topics
from worker.route.train.labels import (
    Labelled,
    Targets,
    hard_targets,
    match_of,
    read_labelled,
    read_soft,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

PAIRS: Final = "pairs_train.tsv"
TOPICS: Final = "topics_train.tsv"
STREAM: Final = "stream.txt.gz"
STREAM_TOPICS: Final = "stream_topics.tsv.gz"

ACCEPTABLE_SHARE: Final = 0.2
"""Of the target of a headline that has acceptable topics, which they have together."""

RELATIONS: Final = (Relation.DUPLICATE, Relation.SAME_STORY, Relation.DIFFERENT)
"""In the order of the encoder's logits."""

SMOOTHING: Final = 0.03
"""Of the label of a pair, which all relations share."""


class Example(NamedTuple):
    """Two match forms, and how likely each relation is, in the order of RELATIONS."""

    shares: tuple[float, ...]
    one: str
    other: str

    @classmethod
    def of(cls, relation: Relation, one: str, other: str) -> Example:
        """A pair of which somebody says what it is."""
        spread = SMOOTHING / len(RELATIONS)
        shares = (1 - SMOOTHING + spread if each == relation else spread for each in RELATIONS)
        return cls(tuple(shares), one, other)


class KnownPair(NamedTuple):
    """Two match forms by the hashes of their texts; `label` is "" where nobody has read them.

    `scores` are what encoders said of it that had not learned from it, if they were asked.
    """

    key: Key
    label: str
    one: str
    other: str
    scores: Scores | None = None

    @property
    def example(self) -> Example | None:
        """What can be learned from it: the label, else the scores; None where there is neither."""
        if self.label:
            return Example.of(Relation(self.label), self.one, self.other)
        return self.scores and Example(_shares(self.scores), self.one, self.other)

    def is_of(self, forms: frozenset[str]) -> bool:
        """Whether one of its headlines is among these."""
        return not forms.isdisjoint((self.one, self.other))


def known_pairs(data: Path, texts: Iterable[Path] = (), labels: Path = LABELS) -> list[KnownPair]:
    """The pairs of a folder, and those of a `labels.tsv.gz` whose texts it or further files hold.

    A pair that two readers did not agree on is left out; where a second reader's label stands, it is taken.

    Raises:
        UsageError: a file cannot be read, or a line is no label.
    """
    rows = read_pairs(data / PAIRS)
    at_hand = [path for path in (data / PAIRS, data / TOPICS, data / STREAM) if path.exists()]
    try:
        hashed = read_hashed([*at_hand, *texts], labels)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UsageError(
            f"{labels}, or a file of headlines that it goes with, cannot be read ({error}); give the file that the"
            " command score wrote, and texts in UTF-8"
        ) from error
    pairs = []
    for row in rows:
        known = hashed.pop(row.earlier, row.later)
        if known is None or known.label != "disputed":
            forms = match_of(row.earlier), match_of(row.later)
            label = known.label if known is not None and known.label else str(row.relation)
            pairs.append(KnownPair(key_of(row.earlier, row.later), label, *forms))
    for known, one, other in hashed.rest():
        scores = None
        if known.same is not None and known.story is not None:
            scores = Scores(known.same, known.story)
        pairs.append(KnownPair(key_of(one, other), known.label, match_of(one), match_of(other), scores))
    return pairs


def examples_of(pairs: Iterable[KnownPair], held_out: frozenset[str]) -> list[Example]:
    """What can be learned from pairs, but for those with a match form that is held out."""
    return [pair.example for pair in pairs if pair.example and not pair.is_of(held_out)]


def stream(data: Path) -> list[str]:
    """The match forms of the headlines of a stream.

    Raises:
        UsageError: it cannot be read.
    """
    return [match_of(line) for line in lines_of(data / STREAM)]


def labelled_topics(data: Path) -> list[Labelled]:
    """The headlines with the topics that an editor gave them.

    Raises:
        UsageError: they cannot be read.
    """
    return read_labelled(data / TOPICS)


def topic_targets(labelled: list[Labelled], held_out: Iterable[str]) -> Targets:
    """Labels as probabilities, without headlines of the match forms that are held out."""
    return without(hard_targets(labelled, weight=1.0, acceptable_share=ACCEPTABLE_SHARE), held_out)


def soft_targets(data: Path) -> Targets:
    """The other model's probabilities of the topics of the stream.

    Raises:
        UsageError: they cannot be read.
    """
    return read_soft(data / STREAM, data / STREAM_TOPICS)


def headlines(path: Path) -> list[str]:
    """The match forms of a file of headlines: one a line, or the last column, which is called "headline".

    Raises:
        UsageError: it cannot be read.
    """
    texts = [line.rpartition("\t")[2] for line in lines_of(path)]
    return [match_of(text) for text in (texts[1:] if texts[:1] == ["headline"] else texts)]


def forms_of(paths: Sequence[Path]) -> frozenset[str]:
    """The match forms of all headlines of label files of either kind, which are not to be learned from.

    Raises:
        UsageError: a file cannot be read.
    """
    forms: set[str] = set()
    for path in paths:
        if form_of(path) is Form.TOPICS:
            forms.update(match_of(topic.headline) for topic in read_topics(path))
        else:
            forms.update(match_of(text) for pair in read_pairs(path) for text in (pair.earlier, pair.later))
    return frozenset(forms)


def _shares(scores: Scores) -> tuple[float, ...]:
    """The probabilities of the relations of which these are the log-odds."""
    duplicate, story = (1 / (1 + math.exp(-odds / quantise.STEPS)) for odds in scores)
    different = max(0.0, 1 - duplicate - story)
    whole = duplicate + story + different
    return duplicate / whole, story / whole, different / whole
