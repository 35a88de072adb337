"""Differences that no likeness outweighs: a changed number, another name, a reversal, a hedge, roles exchanged.

Each rule looks at what an alignment left over (or matched in another order) and names the difference, or finds none.
The rules are symmetric: they say the same whichever headline came first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.deduplicate.match.align import Alignment, near_pairs
from worker.deduplicate.match.beside import beside
from worker.deduplicate.match.edits import edits, runs_of
from worker.deduplicate.match.exchange import (
    INTENT,
    beside_a_further_word,
    exchanged,
    stand_for_each_other,
)
from worker.deduplicate.match.left import CLAUSE, OF, Left, Pairs, content_of
from worker.deduplicate.match.matched import (
    counts_a_kind,
    differs_in_asking,
    differs_in_count,
    differs_in_modifier,
    differs_in_tense,
)
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
    SPEECH,
    TITLE,
    Reading,
    Token,
    is_verb,
    key,
    words_of,
)
from worker.deduplicate.match.voice import differs_in_voice, is_passive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_EARLY = 4
"""Among so many words a "to" says what will be done; later ones say what for."""

_ONE_SIDED = frozenset().union(*(CLOSED_SETS[key(word)] for word in ("north", "january", "euro", "europe")))
"""Closed sets of which not even a one-sided mention is a detail: points of the compass, months, currencies,
continents."""

_FORM_WORDS = words_of("form")
"""Words of quizzes, lists and series, which share a form: there every other word is what they are about."""

_HIDDEN = 3
"""Content words left over where one was exchanged and one side has another one more."""

_ATTRIBUTED = frozenset(map(key, ("report", "claim", "according", "suggest", "source")))
"""Hedges that say whose word it is, rather than how sure it is."""

_LINKS = frozenset({"and", "or", "with", "the", "a", "an"})
"""Words whose place says nothing of who did it to whom."""

_TURNS = words_of("turn")
"""Words for an event that changes how things stand; one that only one side has is news."""

REASONS = (
    "number", "negation", "opposite", "name", "hedge", "scope", "role", "event", "angle", "source", "exchange", "form",
    "figure", "actor", "swap", "clause", "plan", "voice", "order",
)  # fmt: skip
"""Every difference that can be found, the most telling first."""

_RANK = {reason: rank for rank, reason in enumerate(REASONS)}


def differences(a: Left, b: Left, pairs: Pairs) -> tuple[str, ...]:
    """All differences that forbid calling the two the same, in the order of `REASONS`; empty where there is none.

    Args:
        a: what one has left over,
        b: and the other.
        pairs: the places that match.
    """
    reasons = {reason for reason, differs in _IN_PLACE if differs(a, b, pairs)}
    if a.places or b.places:
        flags = a.flags | b.flags
        for reason, needed, differs_left in _LEFT_OVER:
            if (not needed or flags & needed) and differs_left(a, b):
                reasons.add(reason)
        reasons.update(beside(a, b, pairs))
    return tuple(sorted(reasons, key=_RANK.__getitem__)) if len(reasons) > 1 else tuple(reasons)


def _differs_in_number(a: Left, b: Left) -> bool:
    """Each has a number, or a word for one, that the other has not."""
    return bool(a.flags & (NUMBER | AMOUNT) and b.flags & (NUMBER | AMOUNT))


def _differs_in_figure(a: Left, b: Left) -> bool:
    """One has a number where the other has none."""
    return bool((a.flags ^ b.flags) & NUMBER) and not _differs_in_number(a, b)


def _differs_in_negation(a: Left, b: Left) -> bool:
    return bool((a.flags | b.flags) & NEGATION) and _negations(a) != _negations(b)


def _negations(left: Left) -> int:
    return sum(1 for token in left.tokens if token.flags & NEGATION)


def _is_opposite(a: Left, b: Left) -> bool:
    for token in a.tokens:
        sides = OPPOSITE.get(token.key)
        if sides:
            turned = {-side for side in sides}
            for other in b.tokens:
                if not turned.isdisjoint(OPPOSITE.get(other.key, ())):
                    return True
    return False


def _differs_in_name(a: Left, b: Left, pairs: Pairs) -> bool:
    """One name stands in the place of another, or another member of a closed set is meant."""
    sets_a, sets_b = _closed_sets(a), _closed_sets(b)
    if not sets_a.isdisjoint(sets_b) or not (sets_a ^ sets_b).isdisjoint(_ONE_SIDED):
        return True
    if not a.flags & b.flags & NAME:
        return False
    found = Alignment(pairs, a.places, b.places, 0, 0, 0)
    return any(
        _flags_of(edit.ours) & _flags_of(edit.theirs) & NAME for edit in edits(a.reading, b.reading, found)
    )


def _flags_of(tokens: Sequence[Token]) -> int:
    flags = 0
    for token in tokens:
        flags |= token.flags
    return flags


def _differs_in_actor(a: Left, b: Left) -> bool:
    """Each names somebody, or a place, that the other does not."""
    return bool(a.flags & b.flags & NAME)


def _closed_sets(left: Left) -> frozenset[int]:
    sets: frozenset[int] = frozenset()
    for token in left.tokens:
        more = CLOSED_SETS.get(token.key)
        if more:
            sets |= more
    return sets


def _differs_in_hedge(a: Left, b: Left) -> bool:
    return bool((a.flags | b.flags) & HEDGE) and any(
        token.flags & HEDGE and token.key not in _ATTRIBUTED for left in (a, b) for token in left.tokens
    )


def _is_attributed(a: Left, b: Left) -> bool:
    return any(token.flags & HEDGE and token.key in _ATTRIBUTED for left in (a, b) for token in left.tokens)


def _differs_in_scope(a: Left, b: Left) -> bool:
    return bool((a.flags | b.flags) & (SCOPE | AMOUNT))


def _differs_in_role(a: Left, b: Left) -> bool:
    return bool((a.flags | b.flags) & SHIFT) or _begins_apart(a, OF) or _begins_apart(b, OF)


def _differs_in_event(a: Left, b: Left) -> bool:
    """One tells of an event that turns things ("released", "declines", "charged") and the other of none like it."""
    return _turns(a, b) or _turns(b, a)


def _turns(left: Left, others: Left) -> bool:
    events = [token.key for token in left.tokens if token.key in _TURNS]
    if not events:
        return False
    near = {number for token in others.tokens for number in NEAR.get(token.key, ())}
    return any(near.isdisjoint(NEAR.get(event, ())) for event in events)


def _differs_in_angle(a: Left, b: Left) -> bool:
    return bool((a.flags ^ b.flags) & ANGLE)


def _differs_in_source(a: Left, b: Left) -> bool:
    """One says who says so ("Israel says", "police say", "report"), and the other gives it as a fact."""
    if (a.flags | b.flags) & HEDGE and _is_attributed(a, b):
        return True
    return bool((a.flags ^ b.flags) & SPEECH) and (_names_source(a) or _names_source(b))


def _names_source(left: Left) -> bool:
    """Whether what is left over begins or ends the headline and has both a speaker and a verb of speech."""
    last = len(left.reading.tokens) - 1
    runs = runs_of(left.places)
    if _claims(left.reading, left.places):
        return True
    return any(
        (run[0] == 0 or run[-1] == last) and _has_speaker([left.reading.tokens[at] for at in run])
        for run in runs
    )


def _claims(reading: Reading, places: Sequence[int]) -> bool:
    """Whether a side says something of itself ("Militants say they shot down spy plane")."""
    left = set(places)
    return any(
        reading.tokens[at].flags & SPEECH and at + 1 in left and reading.keys[at + 1] in {"they", "it"}
        for at in places
    )


def _has_speaker(tokens: Sequence[Token]) -> bool:
    content = content_of(tokens)
    verbs = sum(1 for token in content if token.flags & SPEECH)
    return 0 < verbs < len(content)


def _is_other_of_form(a: Left, b: Left) -> bool:
    """In quizzes, lists and series, which share a form, any word is what they are about."""
    return bool(a.content or b.content) and not (
        _FORM_WORDS.isdisjoint(a.reading.weights) and _FORM_WORDS.isdisjoint(b.reading.weights)
    )


def _is_exchange(a: Left, b: Left) -> bool:
    """A word was exchanged for what is nothing like it, or two were in place."""
    one, other = a.content, b.content
    if len(one) == len(other) == 1:
        return _is_another(one[0], other[0])
    if len(one) + len(other) == _HIDDEN:
        words = beside_a_further_word(a, b)
        if words is not None:
            return _is_another(*words)
    exchange = exchanged(a.reading, b.reading)
    return exchange is not None and not exchange.harmless


def _is_another(one: Token, other: Token) -> bool:
    return not near_pairs([one], [other]) and not stand_for_each_other(one.key, other.key)


_LEFT_OVER: tuple[tuple[str, int, Callable[[Left, Left], bool]], ...] = (
    ("number", NUMBER | AMOUNT, _differs_in_number),
    ("negation", NEGATION, _differs_in_negation),
    ("opposite", 0, _is_opposite),
    ("hedge", HEDGE, _differs_in_hedge),
    ("scope", SCOPE | AMOUNT, _differs_in_scope),
    ("role", 0, _differs_in_role),
    ("event", 0, _differs_in_event),
    ("angle", ANGLE, _differs_in_angle),
    ("source", HEDGE | SPEECH, _differs_in_source),
    ("exchange", 0, _is_exchange),
    ("form", 0, _is_other_of_form),
    ("figure", NUMBER, _differs_in_figure),
    ("actor", NAME, _differs_in_actor),
)
"""What may differ; the flags of which a left-over word must have one, or none; and the rule."""


def _is_swap(a: Left, b: Left, pairs: Pairs) -> bool:
    """Words stand where others stood that are nothing like them."""
    if _has_open_slot(a, b, pairs):
        return True
    one, other = a.content, b.content
    return len(one) == len(other) == 1 and not stand_for_each_other(one[0].key, other[0].key)


def _has_open_slot(a: Left, b: Left, pairs: Pairs) -> bool:
    """Whether, between the same two neighbors, each headline has a word that the other has nothing near to."""
    tokens_a, tokens_b = a.reading.tokens, b.reading.tokens
    at = other = -1
    for next_at, next_other in (*pairs, (len(tokens_a), len(tokens_b))):
        if next_at - at > 1 and next_other - other > 1:
            one, two = content_of(tokens_a[at + 1 : next_at]), content_of(tokens_b[other + 1 : next_other])
            if one and two and near_pairs(one, two) < min(len(one), len(two)):
                return not (len(one) == len(two) == 1 and stand_for_each_other(one[0].key, two[0].key))
        at, other = next_at, next_other
    return False


def _differs_in_plan(a: Left, b: Left, pairs: Pairs) -> bool:
    """One is planned, announced or begun; the other is done, or at another of these steps."""
    if not (a.flags | b.flags) & PLAN:
        return False
    plans_a = _plans(a, b.reading, dict(pairs))
    plans_b = _plans(b, a.reading, {other: at for at, other in pairs})
    if not plans_a and not plans_b:
        return False
    return not (
        plans_a <= INTENT
        and plans_b <= INTENT
        and (plans_a or _is_intended(a.reading))
        and (plans_b or _is_intended(b.reading))
    )


def _is_intended(reading: Reading) -> bool:
    """Whether a headline is of the future as a whole."""
    return "to" in reading.keys[:_EARLY] or not (INTENT - {"to"}).isdisjoint(reading.weights)


def _plans(left: Left, other: Reading, partner: dict[int, int]) -> set[str]:
    plans = set()
    for at, token in zip(left.places, left.tokens, strict=True):
        if token.flags & PLAN and (token.key != "to" or _is_infinitive(left.reading, other, at, partner)):
            plans.add(token.key)
    return plans


def _is_infinitive(one: Reading, other: Reading, at: int, partner: dict[int, int]) -> bool:
    """Whether the "to" at this place makes an infinitive of what the other headline has as a verb, or inflects."""
    match = partner.get(at + 1)
    if match is None:
        return False
    text, others = one.tokens[at + 1].text, other.tokens[match].text
    if others.endswith("ing"):  # "signs bill to make", "signs bill making"
        return at < 2
    return text != others or is_verb(text)


def _differs_in_order(a: Left, b: Left, pairs: Pairs) -> bool:
    """Who did it to whom was turned around: three words in the opposite order, or two numbers.

    "A beats B" against "B beats A" turns three around; a part moved as a whole ("Police: ..." against "..., police")
    or two things listed the other way never do.
    """
    keys = a.reading.keys
    order = [other for at, other in pairs if keys[at] not in _LINKS]
    if order == sorted(order):
        return False
    numbers = [other for at, other in pairs if a.reading.tokens[at].flags & NUMBER and keys[at] not in _LINKS]
    if numbers != sorted(numbers):
        return True
    if is_passive(a.reading) != is_passive(b.reading):
        return False  # "Army shells town", "Town shelled by army"
    falls: list[int] = []
    for at, other in enumerate(order):
        falls.append(1 + max((falls[before] for before in range(at) if order[before] > other), default=0))
        if falls[-1] > 2:
            return True
    return False


def _differs_in_clause(a: Left, b: Left, pairs: Pairs) -> bool:
    """One begins with more than the other ("Fans cheer as"), or ends with more ("as rebels gain ground")."""
    return _gives_other_cause(a, b, pairs) or any(
        _begins_apart(left, CLAUSE) or _ends_apart(left) or _has_clause(left) for left in (a, b)
    )


def _gives_other_cause(a: Left, b: Left, pairs: Pairs) -> bool:
    """Whether behind the same conjunction each tells something else ("after turbulence", "after smoke in cabin")."""
    return any(
        a.reading.keys[at] in CLAUSE
        and at + 1 in a.places
        and other + 1 in b.places
        and not near_pairs(_run_from(a, at + 1), _run_from(b, other + 1))
        for at, other in pairs
    )


def _run_from(left: Left, place: int) -> list[Token]:
    """The words left over from a place on without a gap, fillers aside."""
    end = place
    while end in left.places:
        end += 1
    return content_of(left.reading.tokens[place:end])


def _begins_apart(left: Left, joints: frozenset[str]) -> bool:
    """Whether the words left over at the start end in a joint, which makes what follows a part of them."""
    places, run = left.places, 0
    while run < len(places) and places[run] == run:
        run += 1
    return run > 1 and left.reading.keys[run - 1] in joints


def _ends_apart(left: Left) -> bool:
    """Whether the words left over at the end are a clause: a conjunction and two words or more, or what came of it."""
    places, keys, run = left.places, left.reading.keys, 0
    last = len(keys) - 1
    while run < len(places) and places[-1 - run] == last - run:
        run += 1
        if run > 2 and keys[last + 1 - run] in CLAUSE:
            return True
    if run < 2:
        return False
    tail = left.reading.tokens[last + 1 - run :]
    told = [token for token in tail if not token.flags & (FILLER | NAME | TITLE | SPEECH)]
    return _tells_outcome(tail[0]) or (run > 2 and len(told) > 1)


def _tells_outcome(first: Token) -> bool:
    """Whether a run at the end that begins with this word says what came of it ("spilling oil", "and wins")."""
    return first.text == "and" or (first.text.endswith("ing") and first.key != first.text)


def _has_clause(left: Left) -> bool:
    """Whether a conjunction is left over, and what it joins ("Scooter firms sue mayor over ban on scooters")."""
    keys = left.reading.keys
    return len(left.content) > 1 and any(keys[at] in CLAUSE for at in left.places)


_IN_PLACE: tuple[tuple[str, Callable[[Left, Left, Pairs], bool]], ...] = (
    ("name", _differs_in_name),
    ("swap", _is_swap),
    ("clause", _differs_in_clause),
    ("plan", _differs_in_plan),
    ("voice", differs_in_voice),
    ("order", _differs_in_order),
    ("number", differs_in_count),
    ("hedge", differs_in_asking),
    ("role", differs_in_modifier),
    ("scope", counts_a_kind),
    ("plan", differs_in_tense),
)
