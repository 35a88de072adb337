"""A toy matcher whose truth is plain: a form is `family place`, and places next to each other match.

It is not transitive: place 1 matches 2, 2 matches 3, and 1 is only an update of 3.
"""

from dataclasses import dataclass
from functools import cache

from worker.deduplicate import Matcher
from worker.events import Kind

SHORT_FAMILY = 3
"""Forms of this family and those above have a single blocking key."""


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
    if family >= SHORT_FAMILY:
        return (family + 1,)
    return (family + 1, 1000 + family, 1_000_000 + 1000 * family + place)


@cache
def judge(earlier: str, later: str) -> ToyJudgement:
    (family, place), (other_family, other_place) = (map(int, match.split()) for match in (earlier, later))
    distance = abs(place - other_place)
    if family != other_family or distance > 3:
        return ToyJudgement(Kind.ORIGINAL, 0.0, "distinct")
    if distance > 1:
        return ToyJudgement(Kind.UPDATE, 1 - distance / 10, "fact")
    return ToyJudgement(Kind.DUPLICATE, 1 - distance / 10, "near" if distance else "exact")


MATCHER = Matcher(version=1, keys=keys, judge=judge)


@cache
def judge_after(earlier: str, later: str) -> ToyJudgement:
    """The next version's: an update is a duplicate, for a reason of its own."""
    judgement = judge(earlier, later)
    if judgement.kind is Kind.UPDATE:
        return ToyJudgement(Kind.DUPLICATE, judgement.score, "far")
    return judgement


AFTER = Matcher(version=2, keys=lambda match: keys(match)[:2], judge=judge_after, before=MATCHER)
"""The next version, with fewer keys and another judgement."""
