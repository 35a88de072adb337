"""What the encoder learns from: pairs of headlines, topics of headlines, and headlines of a stream.

A folder holds `pairs_train.tsv` and `topics_train.tsv` (label files, see `worker.labels`), `stream.txt.gz` (headlines,
one a line) and `stream_topics.tsv.gz` (a teacher's percents, line by line).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from worker.deduplicate.match.hashed import Key, key_of, read_hashed
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


class Example(NamedTuple):
    """Two match forms, and the column of their relation."""

    relation: int
    one: str
    other: str


class KnownPair(NamedTuple):
    """Two match forms by the hashes of their texts; `label` is "" where nobody has read them."""

    key: Key
    label: str
    one: str
    other: str

    @property
    def example(self) -> Example:
        """A pair that somebody has read, to learn from."""
        return Example(RELATIONS.index(Relation(self.label)), self.one, self.other)


def known_pairs(data: Path, texts: Iterable[Path] = ()) -> list[KnownPair]:
    """The pairs of a folder, and those of `labels.tsv.gz` whose texts it or further files hold.

    A pair that two readers did not agree on is left out.

    Raises:
        UsageError: a file cannot be read, or a line is no label.
    """
    rows = read_pairs(data / PAIRS)
    at_hand = [path for path in (data / PAIRS, data / TOPICS, data / STREAM) if path.exists()]
    hashed = read_hashed([*at_hand, *texts])
    pairs = []
    for row in rows:
        known = hashed.pop(row.earlier, row.later)
        if known is None or known.label != "disputed":
            forms = match_of(row.earlier), match_of(row.later)
            pairs.append(KnownPair(key_of(row.earlier, row.later), str(row.relation), *forms))
    for known, one, other in hashed.rest():
        pairs.append(KnownPair(key_of(one, other), known.label, match_of(one), match_of(other)))
    return pairs


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


def soft_targets(data: Path, held_out: Iterable[str]) -> Targets:
    """The teacher's probabilities, likewise.

    Raises:
        UsageError: they cannot be read.
    """
    return without(read_soft(data / STREAM, data / STREAM_TOPICS), held_out)


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
