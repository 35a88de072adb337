"""Differences that no likeness outweighs: a changed number, another name, a reversal, a hedge, roles exchanged.

Each rule looks at what an alignment left over (or matched in another order) and names the difference, or finds none.
The rules are symmetric: they say the same whichever headline came first.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from worker.deduplicate.match.align import near_pairs
from worker.deduplicate.match.tokens import (
    AMOUNT,
    ANGLE,
    CLOSED_SETS,
    FILLER,
    HEDGE,
    NAME,
    NEAR,
    NEGATION,
    NUMBER,
    OPPOSITE,
    PLAN,
    SCOPE,
    SHIFT,
    Reading,
    Token,
    key,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.deduplicate.match.align import Alignment

_INTENT = frozenset({"will", "to", "set", "would"})
"""Words for the plain future, which stand for each other: "to quit", "will quit", "set to quit"."""

_ONE_SIDED = CLOSED_SETS[key("north")] | CLOSED_SETS[key("january")]
"""Closed sets of which not even a one-sided mention is a detail: points of the compass, months."""

_FORM_WORDS = words_of("form")
"""Words of quizzes, lists and series, which share a form: there every other word is what they are about."""

_LINKS = frozenset({"and", "or", "with", "the", "a", "an"})
"""Words whose place says nothing of who did it to whom."""

_OF = frozenset({"of", "on", "from", "in", "at", "for", "to", "by", "with", "against"})
"""Prepositions that make what follows them a part of what stands before."""

_CLAUSE = words_of("clause")
"""Conjunctions that begin a clause with an event of its own."""

_TURNS = words_of("turn")
"""Words for an event that changes how things stand; one that only one side has is news."""

_PASSIVE = words_of("passive")
"""Verbs whose -ed form, with no object after it, is done to the subject instead of by it."""


REASONS = (
    "number", "negation", "opposite", "name", "hedge", "scope", "role", "event", "angle", "swap", "clause", "plan",
    "voice", "order",
)  # fmt: skip
"""Every difference that can be found, the most telling first."""


def differences(a: Reading, b: Reading, found: Alignment) -> tuple[str, ...]:
    """All differences that forbid calling the two the same, in the order of `REASONS`; empty where there is none."""
    reasons = []
    if found.left_a or found.left_b:
        left_a = [a.tokens[at] for at in found.left_a]
        left_b = [b.tokens[at] for at in found.left_b]
        reasons = [reason for reason, differs in _LEFT_OVER if differs(left_a, left_b)]
    reasons += [reason for reason, differs in _IN_PLACE if differs(a, b, found)]
    return tuple(reasons)


def _any(tokens: list[Token], flags: int) -> bool:
    return any(token.flags & flags for token in tokens)


def _differs_in_number(left_a: list[Token], left_b: list[Token]) -> bool:
    return _any(left_a, NUMBER) or _any(left_b, NUMBER) or (_any(left_a, AMOUNT) and _any(left_b, AMOUNT))


def _differs_in_negation(left_a: list[Token], left_b: list[Token]) -> bool:
    return _count(left_a, NEGATION) != _count(left_b, NEGATION)


def _count(tokens: list[Token], flags: int) -> int:
    return sum(1 for token in tokens if token.flags & flags)


def _is_opposite(left_a: list[Token], left_b: list[Token]) -> bool:
    for token in left_a:
        sides = OPPOSITE.get(token.key)
        if sides:
            turned = {-side for side in sides}
            for other in left_b:
                if not turned.isdisjoint(OPPOSITE.get(other.key, ())):
                    return True
    return False


def _differs_in_name(left_a: list[Token], left_b: list[Token]) -> bool:
    if _any(left_a, NAME) and _any(left_b, NAME):
        return True
    sets_a = {number for token in left_a for number in CLOSED_SETS.get(token.key, ())}
    sets_b = {number for token in left_b for number in CLOSED_SETS.get(token.key, ())}
    return not sets_a.isdisjoint(sets_b) or not (sets_a ^ sets_b).isdisjoint(_ONE_SIDED)


def _differs_in_hedge(left_a: list[Token], left_b: list[Token]) -> bool:
    return _any(left_a, HEDGE) or _any(left_b, HEDGE)


def _differs_in_scope(left_a: list[Token], left_b: list[Token]) -> bool:
    return _any(left_a, SCOPE | AMOUNT) or _any(left_b, SCOPE | AMOUNT)


def _differs_in_role(left_a: list[Token], left_b: list[Token]) -> bool:
    return _any(left_a, SHIFT) or _any(left_b, SHIFT)


def _differs_in_event(left_a: list[Token], left_b: list[Token]) -> bool:
    """One tells of an event that turns things ("released", "declines", "charged") and the other of none like it."""
    return _turns(left_a, left_b) or _turns(left_b, left_a)


def _turns(left: list[Token], others: list[Token]) -> bool:
    near = {number for token in others for number in NEAR.get(token.key, ())}
    return any(token.key in _TURNS and near.isdisjoint(NEAR.get(token.key, ())) for token in left)


def _differs_in_angle(left_a: list[Token], left_b: list[Token]) -> bool:
    return _any(left_a, ANGLE) != _any(left_b, ANGLE)


_LEFT_OVER: tuple[tuple[str, Callable[[list[Token], list[Token]], bool]], ...] = (
    ("number", _differs_in_number),
    ("negation", _differs_in_negation),
    ("opposite", _is_opposite),
    ("name", _differs_in_name),
    ("hedge", _differs_in_hedge),
    ("scope", _differs_in_scope),
    ("role", _differs_in_role),
    ("event", _differs_in_event),
    ("angle", _differs_in_angle),
)


def _is_swap(a: Reading, b: Reading, found: Alignment) -> bool:
    """Words stand where others stood that are nothing like them.

    In quizzes and lists, which share a form, any word will do.
    """
    if _has_open_slot(a, b, found):
        return True
    content_a = [at for at in found.left_a if not a.tokens[at].flags & FILLER]
    content_b = [at for at in found.left_b if not b.tokens[at].flags & FILLER]
    if len(content_a) == 1 and len(content_b) == 1:
        return True
    return bool(content_a or content_b) and not (
        _FORM_WORDS.isdisjoint(a.weights) and _FORM_WORDS.isdisjoint(b.weights)
    )


def _has_open_slot(a: Reading, b: Reading, found: Alignment) -> bool:
    """Whether, between the same two neighbors, each headline has a word that the other has nothing near to."""
    ends = [(-1, -1), *found.pairs, (len(a.tokens), len(b.tokens))]
    for (at, other), (next_at, next_other) in pairwise(ends):
        if next_at - at > 1 and next_other - other > 1:
            one = [token for token in a.tokens[at + 1 : next_at] if not token.flags & FILLER]
            two = [token for token in b.tokens[other + 1 : next_other] if not token.flags & FILLER]
            if one and two and near_pairs(one, two) < min(len(one), len(two)):
                return True
    return False


def _differs_in_plan(a: Reading, b: Reading, found: Alignment) -> bool:
    """One is planned, announced or begun; the other is done, or at another of these steps."""
    plans_a = _plans(a, b, found.left_a, dict(found.pairs))
    plans_b = _plans(b, a, found.left_b, {other: at for at, other in found.pairs})
    if not plans_a and not plans_b:
        return False
    return not (plans_a and plans_b and plans_a <= _INTENT and plans_b <= _INTENT)


def _plans(one: Reading, other: Reading, left: tuple[int, ...], partner: dict[int, int]) -> set[str]:
    plans = set()
    for at in left:
        token = one.tokens[at]
        if token.flags & PLAN and (token.key != "to" or _is_infinitive(one, other, at, partner)):
            plans.add(token.key)
    return plans


def _is_infinitive(one: Reading, other: Reading, at: int, partner: dict[int, int]) -> bool:
    """Whether the "to" at this place makes an infinitive of a word that the other headline inflects."""
    match = partner.get(at + 1)
    return match is not None and one.tokens[at + 1].text != other.tokens[match].text


def _differs_in_voice(a: Reading, b: Reading, found: Alignment) -> bool:
    """What was done to someone, and what he did: "gunman killed" against "gunman kills"."""
    for at, other in found.pairs:
        one, two = a.tokens[at], b.tokens[other]
        if one.key in _PASSIVE and one.text != two.text and _is_done_to(a, at) != _is_done_to(b, other):
            return True
    return False


def _is_done_to(reading: Reading, at: int) -> bool:
    """Whether the verb at this place is a participle without an object after it."""
    text = reading.tokens[at].text
    if not (text.endswith("ed") or text in {"shot", "found", "held", "struck", "beaten", "hit"}):
        return False
    return at + 1 == len(reading.tokens) or bool(reading.tokens[at + 1].flags & FILLER)


def _differs_in_order(a: Reading, b: Reading, found: Alignment) -> bool:
    """Who did it to whom was turned around: three words in the opposite order, or two numbers.

    "A beats B" against "B beats A" turns three around; a part moved as a whole ("Police: ..." against "..., police")
    or two things listed the other way never do.
    """
    del b
    order = [(at, other) for at, other in found.pairs if a.keys[at] not in _LINKS]
    numbers = [other for at, other in order if a.tokens[at].flags & NUMBER]
    if any(first > second for first, second in pairwise(numbers)):
        return True
    falls: list[int] = []
    for at, (_, other) in enumerate(order):
        falls.append(1 + max((falls[before] for before in range(at) if order[before][1] > other), default=0))
        if falls[-1] > 2:
            return True
    return False


def _differs_in_clause(a: Reading, b: Reading, found: Alignment) -> bool:
    """One begins with more than the other ("Uncle of the mayor"), or ends with more ("as rebels gain ground")."""
    return (
        _begins_apart(a, found.left_a)
        or _begins_apart(b, found.left_b)
        or _ends_apart(a, found.left_a)
        or _ends_apart(b, found.left_b)
    )


def _begins_apart(reading: Reading, left: tuple[int, ...]) -> bool:
    """Whether the words left over at the start end in a preposition, which makes what follows a part of them."""
    run = 0
    while run < len(left) and left[run] == run:
        run += 1
    return run > 1 and (reading.keys[run - 1] in _OF or reading.keys[run - 1] in _CLAUSE)


def _ends_apart(reading: Reading, left: tuple[int, ...]) -> bool:
    """Whether the words left over at the end are a clause: a conjunction and two words or more."""
    last = len(reading.tokens) - 1
    run = 0
    while run < len(left) and left[-1 - run] == last - run:
        run += 1
        if run > 2 and reading.keys[last + 1 - run] in _CLAUSE:
            return True
    return False


_IN_PLACE: tuple[tuple[str, Callable[[Reading, Reading, Alignment], bool]], ...] = (
    ("swap", _is_swap),
    ("clause", _differs_in_clause),
    ("plan", _differs_in_plan),
    ("voice", _differs_in_voice),
    ("order", _differs_in_order),
)
