"""What was done to somebody, and what he did."""

from __future__ import annotations

from worker.deduplicate.match.left import Left, Pairs, is_small
from worker.deduplicate.match.senses import ENGLISH
from worker.deduplicate.match.tokens import NUMBER, Reading, words_of

_PARTICLES = frozenset({"over", "down", "out", "off", "up", "back"})
"""Words that are part of a verb: "taken over by"."""

_PASSIVE = words_of("passive")
"""Verbs whose -ed form, with no object after it, is done to the subject instead of by it."""


def differs_in_voice(a: Left, b: Left, pairs: Pairs) -> bool:
    """What was done to someone, and what he did: "gunman killed" against "gunman kills".

    Behind the same word a participle tells what was done to it; behind other words ("gunman kills two", "two killed by
    gunman") the voice says nothing.
    """
    if _is_turned(a, b, pairs):
        return True
    places_a, places_b = set(a.places), set(b.places)
    before = (-1, -1)
    for at, other in pairs:
        one, two = a.reading.tokens[at], b.reading.tokens[other]
        if at > 0 and one.text != two.text and before == (at - 1, other - 1):
            done_to, done_to_other = _is_done_to(a.reading, at), _is_done_to(b.reading, other)
            has_object = other + 1 in places_b if done_to else at + 1 in places_a
            if done_to != done_to_other and (one.key in _PASSIVE or has_object):
                return True
        before = (at, other)
    return False


def _is_turned(a: Left, b: Left, pairs: Pairs) -> bool:
    if "by" not in a.reading.weights and "by" not in b.reading.weights:
        return False
    return _is_turned_by(a, b, dict(pairs)) or _is_turned_by(b, a, {other: at for at, other in pairs})


def _is_turned_by(one: Left, other: Left, partner: dict[int, int]) -> bool:
    """Whether a "by" behind the same verb makes him who did it the one to whom it was done.

    "Bank acquired by rival" against "bank acquires rival" or "bank acquired rival"; not against "rival acquires bank",
    where another stands before the verb, and not against "bank acquired".
    """
    tokens, others = one.reading.tokens, other.reading.tokens
    for at, token in zip(one.places, one.tokens, strict=True):
        if token.text != "by" or at == 0:
            continue
        verb = at - 2 if tokens[at - 1].text in _PARTICLES else at - 1
        there = partner.get(verb)
        if there is None or not is_participle(tokens[verb].text):
            continue
        if at + 1 < len(tokens) and tokens[at + 1].flags & NUMBER:
            continue  # "done by 2030"
        behind = partner.get(at - 1, there) + 1
        if behind >= len(others) or others[behind].key == "by":
            continue
        if not any(partner.get(verb - back, there) < there for back in (1, 2)):
            continue
        agent = partner.get(at + 1)
        if agent == behind or not (
            _is_participle(others[there].text) or (agent is not None and agent < there)
        ):
            return True
    return False


def is_participle(text: str) -> bool:
    """Whether a word can be the participle of a verb, a past tense counted as one."""
    return _is_participle(text) or (
        is_irregular(text) and ENGLISH.lemma[text] != text and not text.endswith(("s", "ing"))
    )


def is_irregular(text: str) -> bool:
    """Whether a word is a form of an irregular verb."""
    return text in ENGLISH.lemma and ENGLISH.lemma[text] not in _NOUNS


_NOUNS = frozenset(
    {
        "child",
        "man",
        "woman",
        "person",
        "foot",
        "tooth",
        "wife",
        "life",
        "thief",
        "crisis",
        "analysis",
        "mouse",
    }
)
"""Of the irregular words those that are no verbs."""


def _is_done_to(reading: Reading, at: int) -> bool:
    """Whether the verb at this place is a participle without an object after it."""
    if not _is_participle(reading.tokens[at].text):
        return False
    return at + 1 == len(reading.tokens) or is_small(reading.tokens[at + 1])


_PARTICIPLES = frozenset(
    {
        "shot",
        "found",
        "held",
        "struck",
        "beaten",
        "hit",
        "sold",
        "bought",
        "taken",
        "built",
        "caught",
        "given",
        "stolen",
    }
)
"""Of the irregular verbs those that headlines are full of."""


def _is_participle(text: str) -> bool:
    return text.endswith("ed") or text in _PARTICIPLES


def is_passive(reading: Reading) -> bool:
    """Whether a participle has "by" after it."""
    return any(
        token.key == "by" and _is_participle(before.text)
        for before, token in zip(reading.tokens, reading.tokens[1:], strict=False)
    )
