"""A toy matcher whose truth is plain: a form is `family place`, and places next to each other match.

It is not transitive: place 1 matches 2, 2 matches 3, and 1 is only an update of 3.
"""

from dataclasses import dataclass
from functools import cache

from worker.deduplicate import Matcher
from worker.deduplicate.evidence import Scores
from worker.events import Kind

SHORT_FAMILY = 3
"""Forms of this family have a single blocking key."""

WIDE_FAMILY = 4
"""Two forms of this family are so little alike by their keys that they are judged only if a model was asked."""

_RARE = 1 << 25
"""Makes a key weigh one more."""


@dataclass(frozen=True)
class ToyJudgement:
    kind: Kind
    score: float
    reason: str


def form(family: int, place: int) -> str:
    return f"{family} {place}"


@cache
def keys(match: str) -> tuple[int, ...]:
    # Never 0, whose hash is 0: the list of a pair with it would be the other key's own.
    family, place = map(int, match.split())
    if family == SHORT_FAMILY:
        return (family + 1,)
    own = _RARE + 1000 * family + place
    if family == WIDE_FAMILY:
        return (own, 2_000_000 + place, family + 1, 1000 + family)
    # 5 of the 9 that each weighs: just promising.
    return (2 * _RARE + own, 2 * _RARE + family + 1, _RARE + 1000 + family)


@cache
def judge(earlier: str, later: str, scores: Scores | None = None) -> ToyJudgement:
    (family, place), (other_family, other_place) = (map(int, match.split()) for match in (earlier, later))
    distance = abs(place - other_place)
    if family != other_family or distance > 3:
        return ToyJudgement(Kind.ORIGINAL, 0.0, "distinct")
    if distance > 1:
        return ToyJudgement(Kind.UPDATE, 1 - distance / 10, "fact")
    return ToyJudgement(Kind.DUPLICATE, 1 - distance / 10, "near" if distance else "exact")


def is_doubtful(earlier: str, later: str) -> bool:
    """Whether a model is asked: about all that are no duplicates."""
    return judge(earlier, later).kind is not Kind.DUPLICATE


MATCHER = Matcher(version=1, keys=keys, judge=judge, doubtful=is_doubtful, format=1)


@cache
def judge_after(earlier: str, later: str, scores: Scores | None = None) -> ToyJudgement:
    """The next version's: an update is a duplicate, for a reason of its own; and a model's word goes before all."""
    if scores is not None:
        kind = Kind.DUPLICATE if scores.same > 0 else Kind.UPDATE if scores.story > 0 else Kind.ORIGINAL
        return ToyJudgement(kind, abs(scores.same or scores.story) / 1000, "model")
    judgement = judge(earlier, later)
    if judgement.kind is Kind.UPDATE:
        return ToyJudgement(Kind.DUPLICATE, judgement.score, "far")
    return judgement


AFTER = Matcher(
    version=2, keys=lambda match: keys(match)[-2:], judge=judge_after, doubtful=is_doubtful, before=MATCHER
)
"""The next version, with fewer keys, another judgement, and evidence in its frames."""
