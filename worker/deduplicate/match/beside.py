"""Words that change what the word beside them means: which place, which team, how many, whether it happened at all.

A word that one headline has and the other has not is mostly a detail. These are not: "New" before York, "women" behind
Spain, "over" before 100, "off" behind "called".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from worker.deduplicate.match.left import FIGURE, PERSONS, Left, Pairs, is_small
from worker.deduplicate.match.senses import ENGLISH
from worker.deduplicate.match.tokens import (
    NAME,
    NEAR,
    NUMBER,
    PLACE,
    TITLE,
    Token,
    is_verb,
    lemma,
    words_of,
)
from worker.deduplicate.match.voice import is_irregular

if TYPE_CHECKING:
    from collections.abc import Callable


_NEW_PLACES = ENGLISH.classes["new"]
"""Places of which another one is the new: York, Delhi."""

_NAMESAKES = ENGLISH.classes["namesake"]
"""Cities whose name means a greater one unless a region stands behind it: London, Ontario."""

_BARE_CLUBS = ENGLISH.classes["club"]
"""Names that mean the same club, or city, with "United" and "City" as without: Leeds, Norwich."""

_OFFICES = words_of("office")
_PARTICLES = ENGLISH.classes["particle"]
_IDLE = ENGLISH.classes["idle"]
"""Verbs of which a particle makes no other: "opens up"."""

_UNDOES = words_of("undo")
_NARROW = ENGLISH.classes["narrow"] | frozenset({"off duty"})


class _Spot(NamedTuple):
    """A left-over word: the headline it stands in, the other one, its place, and which place matches which."""

    one: Left
    other: Left
    at: int
    partner: dict[int, int]

    def word(self, ahead: int = 0) -> Token | None:
        """The token so many places behind this one, or before it; None beyond the ends."""
        place, tokens = self.at + ahead, self.one.reading.tokens
        return tokens[place] if 0 <= place < len(tokens) else None


def beside(a: Left, b: Left, pairs: Pairs) -> list[str]:
    """The differences that a left-over word makes by what it stands beside, by their names in `REASONS`."""
    reasons = []
    for one, other, turned in ((a, b, False), (b, a, True)):
        partner: dict[int, int] = {}
        for at, token in zip(one.places, one.tokens, strict=True):
            rules = _RULES.get(token.text) or _RULES.get(token.key)
            if rules:
                partner = partner or ({there: at for at, there in pairs} if turned else dict(pairs))
                reasons += [reason for reason, differs in rules if differs(_Spot(one, other, at, partner))]
    return reasons


def _is_other_place(spot: _Spot) -> bool:
    """Whether a place is the new one: "New York" against "York"."""
    place, behind = spot.word(1), spot.word(2)
    if place is None or spot.at + 1 not in spot.partner:
        return False
    return place.text in _NEW_PLACES or (
        place.text == "south" and behind is not None and behind.key == "wales"
    )


def _is_namesake(spot: _Spot) -> bool:
    """Whether a region makes another city: "London, Ontario" against "London"."""
    city = spot.word(-1)
    return city is not None and spot.at - 1 in spot.partner and city.text in _NAMESAKES


def _is_other_team(spot: _Spot) -> bool:
    """Whether a word behind a name makes another team: "Spain women", "Dundee United"."""
    before = spot.word(-1)
    if before is None or not _is_inserted(spot):
        return False
    word = spot.one.reading.tokens[spot.at].text
    if word in {"united", "city", "rovers"}:
        return bool(before.flags & NAME) and before.text not in _BARE_CLUBS
    if word == "a":
        behind = spot.word(1)
        return bool(before.flags & PLACE) and behind is not None and is_verb(lemma(behind.text))
    if word == "state":
        return before.text in ENGLISH.classes["region"]
    return bool(before.flags & NAME)


def _is_first_team(spot: _Spot) -> bool:
    """Whether a word before a name makes another team: "Inter Milan"."""
    name = spot.word(1)
    return name is not None and spot.at + 1 in spot.partner and bool(name.flags & NAME)


def _is_other_office(spot: _Spot) -> bool:
    """Whether the other side has another office: "Czech president" against "Czech prime minister"."""
    office = spot.one.reading.tokens[spot.at].key
    return any(token.key in _OFFICES and token.key != office for token in spot.other.tokens)


def _is_higher(spot: _Spot) -> bool:
    """Whether a title is a higher one: "chief engineer" against "engineer"."""
    title = spot.word(1)
    if title is None or spot.at + 1 not in spot.partner:
        return False
    return bool(title.flags & TITLE) or title.key in PERSONS


def _is_bound(spot: _Spot) -> bool:
    """Whether a number is a bound: "over 100" against "100"; not where another word stands in the place."""
    number, there = spot.word(1), spot.partner.get(spot.at + 1)
    if number is None or there is None or not number.flags & FIGURE:
        return False
    return there - 1 not in spot.other.places


def _undoes(spot: _Spot) -> bool:
    """Whether it did not happen: "strike averted" against "strike"; not where the other side undoes it too."""
    token, behind = spot.one.reading.tokens[spot.at], spot.word(1)
    if not token.text.endswith(("ed", "off", "through")) or not _is_inserted(spot):
        return False
    if behind is not None and not is_small(behind):
        return False  # "a delayed law"
    undone = NEAR.get(token.key, frozenset())
    return not any(
        token.key in _UNDOES or not undone.isdisjoint(NEAR.get(token.key, ())) for token in spot.other.tokens
    )


def _narrows(spot: _Spot) -> bool:
    """Whether an adjective narrows what it stands before: "illegal mine" against "mine"."""
    return spot.one.reading.tokens[spot.at].text in _NARROW and _is_inserted(spot)


def _changes_verb(spot: _Spot) -> bool:
    """Whether a particle makes another verb: "calls out", "backs down on"; before a number ("up 5%") it is none."""
    verb = spot.word(-1)
    if verb is None or lemma(verb.text) in _IDLE:
        return False
    if not (is_verb(lemma(verb.text)) or is_irregular(verb.text)):
        return False
    ahead = 1
    while spot.at + ahead in spot.one.places and (small := spot.word(ahead)) is not None and is_small(small):
        ahead += 1
    behind = spot.word(ahead)
    return (behind is None or not behind.flags & NUMBER) and _are_neighbors(spot, ahead)


def _is_inserted(spot: _Spot) -> bool:
    """Whether the words on either side of this one are neighbors on the other side."""
    return _are_neighbors(spot, 1)


def _are_neighbors(spot: _Spot, ahead: int) -> bool:
    """Whether the word before, and the one so many places behind, are neighbors on the other side; ends are words."""
    before = -1 if spot.at == 0 else spot.partner.get(spot.at - 1)
    end = len(spot.other.reading.tokens)
    behind = end if spot.word(ahead) is None else spot.partner.get(spot.at + ahead)
    return before is not None and behind == before + 1


def _rules() -> dict[str, tuple[tuple[str, Callable[[_Spot], bool]], ...]]:
    rules: dict[str, tuple[tuple[str, Callable[[_Spot], bool]], ...]] = {}
    for kind, reason, rule in (
        ("region", "name", _is_namesake),
        ("team", "name", _is_other_team),
        ("office", "name", _is_other_office),
        ("bound", "scope", _is_bound),
        ("undo", "negation", _undoes),
        ("particle", "exchange", _changes_verb),
        ("narrow", "scope", _narrows),
        ("doubt", "hedge", _is_inserted),
    ):
        for word in ENGLISH.classes[kind]:
            rules[word] = (*rules.get(word, ()), (reason, rule))
    rules["new"] = (("name", _is_other_place),)
    rules["inter"] = (("name", _is_first_team),)
    rules["chief"] = rules["lord"] = (("role", _is_higher),)
    return rules


_RULES = _rules()
