"""Words that match and still say something else: one and several, asked and said, is and was, whose modifier."""

from __future__ import annotations

from worker.deduplicate.match.left import FIGURE, PERSONS, Left, Pairs, is_small
from worker.deduplicate.match.tokens import NEGATION, NUMBER, PLACE, is_verb, key, lemma, words_of
from worker.deduplicate.match.voice import is_irregular, is_participle

_MANY = frozenset(key(word) for word in ("dozen", "hundred", "thousand", "million", "billion", "trillion"))
"""Amounts of which the plural is another: "a dozen hurt", "dozens hurt"."""

_THINGS = words_of("thing")

_COUNTABLE = _MANY | PERSONS | _THINGS

_PLURALS = frozenset({"men", "women", "children", "wives", "thieves"})
"""Irregular plurals of persons."""

_MODIFIERS = frozenset(
    {"former", "ex", "late", "vice", "deputy", "alleged", "acting", "interim", "suspected"}
)
"""Words that make somebody else of whom they stand before."""


_MODIFIER_KEYS = frozenset(map(key, _MODIFIERS))

_PHRASE = 2
"""Words behind a modifier that may belong to one phrase with it: "former US president"."""


def differs_in_count(a: Left, b: Left, pairs: Pairs) -> bool:
    """One person here and several there ("soldier killed", "soldiers killed"), or a dozen and dozens."""
    if _COUNTABLE.isdisjoint(a.reading.weights):
        return False
    ours, theirs = a.reading.tokens, b.reading.tokens
    for at, other in pairs:
        one, two = ours[at], theirs[other]
        if one.text != two.text and one.key == two.key and _is_plural(one.text) != _is_plural(two.text):
            if one.key in _MANY:
                return True
            if one.key in _COUNTABLE and not _is_counted(a, at, b, other, pairs):
                return True
    return False


def _is_plural(word: str) -> bool:
    return word.endswith("s") or word in _PLURALS


def _is_counted(a: Left, at: int, b: Left, other: int, pairs: Pairs) -> bool:
    """Whether the number of a word says nothing: behind a figure, before a noun, or in other words."""
    ours, theirs = a.reading.tokens, b.reading.tokens
    if (at and ours[at - 1].flags & FIGURE) or (other and theirs[other - 1].flags & FIGURE):
        return True
    ends, other_ends = at + 1 == len(ours), other + 1 == len(theirs)
    if ends or other_ends or (at + 1, other + 1) not in pairs:
        return not ((ends or is_small(ours[at + 1])) and (other_ends or is_small(theirs[other + 1])))
    behind = ours[at + 1]
    return behind.text == theirs[other + 1].text and not is_small(behind) and not is_participle(behind.text)


_ASKS = frozenset({"is", "are", "was", "were", "did", "do", "does", "has", "should", "could"})
"""Verbs that a headline begins with only if it asks."""

_MAY_ASK = frozenset({"will", "can", "may", "might", "would", "have", "had", "must"})
"""Verbs that are names and nouns as well, or commands."""


def differs_in_asking(a: Left, b: Left, pairs: Pairs) -> bool:
    """One asks what the other says: "Is coffee good for you" against "Coffee is good for you"."""
    first, second = a.reading.tokens[0].text, b.reading.tokens[0].text
    asks, others = _begins_question(first), _begins_question(second)
    if asks == others:
        return False
    if asks:
        return _asks(a, b, dict(pairs))
    return _asks(b, a, {other: at for at, other in pairs})


def _begins_question(word: str) -> bool:
    return word in _ASKS or word in _MAY_ASK


def _asks(one: Left, other: Left, partner: dict[int, int]) -> bool:
    ours, theirs = one.reading.tokens, other.reading.tokens
    there = partner.get(0)
    if there is not None:
        return 0 < there < len(theirs) - 1 and there - 1 in partner.values()
    if ours[0].text in _ASKS:
        return len(ours) < 2 or not ours[1].flags & NEGATION  # "do not feed"
    return any(
        _is_plain_verb(ours[at].text) and ours[at].text != theirs[match].text for at, match in partner.items()
    )


def _is_plain_verb(word: str) -> bool:
    return lemma(word) == word and (is_verb(word) or is_irregular(word))


_PAST = frozenset({"was", "were"})
"""What is over, where the other headline has what is: "Who is the painter", "Who was the painter"."""

_PRESENT = frozenset({"is", "are"})

_BE = key("is")


def differs_in_tense(a: Left, b: Left, pairs: Pairs) -> bool:
    """One says of the same what is, and the other what was."""
    if _BE not in a.reading.weights or _BE not in b.reading.weights:
        return False
    ours, theirs = a.reading.tokens, b.reading.tokens
    said = [(ours[at].text, theirs[other].text) for at, other in pairs if ours[at].key == _BE]
    return any(
        (one in _PAST and other in _PRESENT) or (one in _PRESENT and other in _PAST) for one, other in said
    )


def differs_in_modifier(a: Left, _: Left, pairs: Pairs) -> bool:
    """A modifier moved to somebody else: "teacher marries former pupil", "former teacher marries pupil"."""
    if _MODIFIER_KEYS.isdisjoint(a.reading.weights):
        return False
    ours = a.reading.tokens
    for at, other in pairs:
        if ours[at].text in _MODIFIERS:
            partner = dict(pairs)
            there = partner.get(at + 1, other)
            here = next((place for place, match in pairs if match == other + 1), at)
            if not (other <= there <= other + _PHRASE or at <= here <= at + _PHRASE):
                return True
    return False


def counts_a_kind(a: Left, b: Left, pairs: Pairs) -> bool:
    """Whether one counts a kind and the other all: "five French hikers" against "five hikers"."""
    if not (a.flags ^ b.flags) & PLACE:
        return False
    return _counts(a, dict(pairs)) or _counts(b, {other: at for at, other in pairs})


def _counts(one: Left, partner: dict[int, int]) -> bool:
    tokens = one.reading.tokens
    for at, token in zip(one.places, one.tokens, strict=True):
        if token.flags & PLACE and at and tokens[at - 1].flags & NUMBER:
            before, behind = partner.get(at - 1), partner.get(at + 1)
            if before is not None and behind == before + 1 and tokens[at + 1].key in PERSONS:
                return True
    return False
