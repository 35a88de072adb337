"""The errors that are worst, to be read. What they say of headlines is for whoever may read these."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from worker.events import Kind
from worker.labels import Relation
from worker.mediatopics import SLUGS, UNSORTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from worker.evaluate.pairs import LabelledPair
    from worker.evaluate.tiers import Decision
    from worker.evaluate.topics import LabelledTopic
    from worker.events import Further, Route


class Error(NamedTuple):
    """One error: its kind, where it stands in the label file, what was said, and of what."""

    kind: str
    where: str
    said: str
    headlines: tuple[str, ...]


class _Candidate(NamedTuple):
    badness: float
    error: Error


def of_pairs(
    labelled: Sequence[LabelledPair],
    decisions: Sequence[Decision],
    found: NDArray[np.bool_],
    most: int,
) -> list[Error]:
    """The worst `most` errors of each kind on pairs: the surest first, and where nothing is said the farthest off."""
    rows = list(zip(labelled, decisions, strict=True))

    def errors(
        kind: str, among: Callable[[Relation, Kind], bool], badness: Callable[[Decision], float]
    ) -> list[Error]:
        return _worst(
            (
                _Candidate(badness(decision), _pair_error(kind, pair, decision))
                for pair, decision in rows
                if among(pair.relation, decision.kind)
            ),
            most,
        )

    missed = _worst(
        (
            _Candidate(0, _pair_error("the index does not find it", pair, decision))
            for (pair, decision), is_found in zip(rows, found.tolist(), strict=True)
            if pair.relation is Relation.DUPLICATE and not is_found
        ),
        most,
    )
    return [
        *errors(
            "wrongly a duplicate",
            lambda relation, kind: kind is Kind.DUPLICATE and relation is not Relation.DUPLICATE,
            lambda decision: decision.rank,
        ),
        *errors(
            "a duplicate that comes out",
            lambda relation, kind: relation is Relation.DUPLICATE and kind is not Kind.DUPLICATE,
            lambda decision: -decision.rank,
        ),
        *errors(
            "wrongly an update",
            lambda relation, kind: kind is Kind.UPDATE and relation is not Relation.SAME_STORY,
            lambda decision: decision.score,
        ),
        *errors(
            "the same story, not seen",
            lambda relation, kind: relation is Relation.SAME_STORY and kind is Kind.ORIGINAL,
            lambda decision: -decision.score,
        ),
        *missed,
    ]


def of_topics(labelled: Sequence[LabelledTopic], routes: Sequence[Route], most: int) -> list[Error]:
    """The worst `most` errors of each kind on topics: the surest first."""
    wrong, hidden, further = [], [], []
    for topic, route in zip(labelled, routes, strict=True):
        is_right = topic.label.accepts(SLUGS.index(route.best))
        confident = _Candidate(
            route.confidence,
            _topic_error("unsorted, and right" if is_right else "wrong topic", topic, route),
        )
        if route.topic == UNSORTED and is_right:
            hidden.append(confident)
        elif route.topic != UNSORTED and not is_right:
            wrong.append(confident)
        further += [
            _Candidate(also.confidence, _topic_error("wrong further topic", topic, route, also))
            for also in route.also
            if not topic.label.accepts(SLUGS.index(also.topic))
        ]
    return [error for found in (wrong, hidden, further) for error in _worst(found, most)]


def _worst(candidates: Iterable[_Candidate], most: int) -> list[Error]:
    return [candidate.error for candidate in sorted(candidates, key=lambda one: -one.badness)[:most]]


def _pair_error(kind: str, pair: LabelledPair, decision: Decision) -> Error:
    said = f"{decision.kind} ({decision.reason}, {decision.score:.3f}), labelled {pair.relation}"
    return Error(kind, pair.where, said, tuple(headline.display for headline in pair.pair))


def _topic_error(kind: str, topic: LabelledTopic, route: Route, also: Further | None = None) -> Error:
    wanted = [SLUGS[topic.label.topic], *(SLUGS[column] for column in sorted(topic.label.acceptable))]
    further = f", also {also.topic} ({also.confidence:.3f})" if also else ""
    said = f"{route.best} ({route.confidence:.3f}){further}, labelled {', '.join(wanted)}"
    return Error(kind, topic.where, said, (topic.headline.display,))
