"""Which words of two headlines stand for each other, and which are left over on either side."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from worker.deduplicate.match.spelling import LONG_WORD, is_mistyped
from worker.deduplicate.match.tokens import NAME, NEAR, NUMBER, Reading, Token

if TYPE_CHECKING:
    from collections.abc import Sequence


_LONG = LONG_WORD - 1
"""Letters that either of two words has of which one is the other mistyped."""


class Alignment(Struct, frozen=True, gc=False):
    """Pairs of positions that match, in the order of the first headline, and the positions left over.

    `matched` is the weight of what matches, both sides counted. `typos` and `joins` count pairs that match only by a
    forgiven mistyped letter, or by an acronym or a compound written apart.
    """

    pairs: tuple[tuple[int, int], ...]
    left_a: tuple[int, ...]
    left_b: tuple[int, ...]
    matched: int
    typos: int
    joins: int


def align(a: Reading, b: Reading) -> Alignment:
    """Match equal keys first (nearest in order), then what is left by typing errors, compounds and acronyms."""
    pairs, left_a, left_b = _match_keys(a.keys, b.keys)
    typos = joins = 0
    if left_a and left_b:
        typos = _match_typos(a.tokens, b.tokens, left_a, left_b, pairs)
        joins = _match_joins(a.tokens, b.tokens, left_a, left_b, pairs)
        joins += _match_joins(b.tokens, a.tokens, left_b, left_a, pairs, turned=True)
        pairs.sort()
    matched = (
        a.weight
        + b.weight
        - sum(a.tokens[at].weight for at in left_a)
        - sum(b.tokens[at].weight for at in left_b)
    )
    return Alignment(tuple(pairs), tuple(left_a), tuple(left_b), matched, typos, joins)


def _match_keys(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Equal keys, the first with the first, as pairs of places; and the places left over on either side."""
    pairs: list[tuple[int, int]] = []
    left_a: list[int] = []
    place = dict(zip(b, range(len(b)), strict=True))
    if len(place) == len(b):
        for at, key in enumerate(a):
            other = place.pop(key, None)
            if other is None:
                left_a.append(at)
            else:
                pairs.append((at, other))
        return pairs, left_a, list(place.values())
    places: dict[str, list[int]] = {}
    for at, key in enumerate(b):
        places.setdefault(key, []).append(at)
    for at, key in enumerate(a):
        free = places.get(key)
        if free:
            pairs.append((at, free.pop(0)))
        else:
            left_a.append(at)
    return pairs, left_a, sorted(at for free in places.values() for at in free)


def overlap(a: Reading, b: Reading) -> int:
    """What two headlines have in common by equal keys, in thousandths of their weight; cheap, and a little low."""
    ours, theirs = a.weights, b.weights
    common = 0
    for key in ours.keys() & theirs.keys():
        common += ours[key] + theirs[key]
    return 1000 * common // (a.weight + b.weight or 1)


def near_pairs(one: Sequence[Token], other: Sequence[Token]) -> int:
    """How many words of one side have a near synonym of their own on the other."""
    free = [NEAR[token.key] for token in other if token.key in NEAR]
    found = 0
    for token in one:
        sets = NEAR.get(token.key)
        if sets:
            for at, others in enumerate(free):
                if not sets.isdisjoint(others):
                    del free[at]
                    found += 1
                    break
    return found


def _match_typos(
    a: tuple[Token, ...],
    b: tuple[Token, ...],
    left_a: list[int],
    left_b: list[int],
    pairs: list[tuple[int, int]],
) -> int:
    found = 0
    long_b = [at for at in left_b if len(b[at].text) >= _LONG]
    if not long_b:
        return 0
    for at in [at for at in left_a if len(a[at].text) >= _LONG]:
        for other in long_b:
            if is_mistyped(a[at].text, b[other].text):
                pairs.append((at, other))
                left_a.remove(at)
                left_b.remove(other)
                long_b.remove(other)
                found += 1
                break
    return found


def _match_joins(
    whole: tuple[Token, ...],
    parts: tuple[Token, ...],
    left_whole: list[int],
    left_parts: list[int],
    pairs: list[tuple[int, int]],
    *,
    turned: bool = False,
) -> int:
    """Match a left-over word with left-over neighbors that it is made of: "healthcare", or "gm" by its initials."""
    found = 0
    starts = _starts(parts, left_parts)
    for at in tuple(left_whole) if starts else ():
        text = whole[at].text
        if text[0] not in starts or whole[at].flags & NUMBER or len(text) < 2:
            continue
        run = _run(text, parts, left_parts)
        if run is not None:
            pairs.extend((part, at) if turned else (at, part) for part in run[:1])
            left_whole.remove(at)
            for part in run:
                left_parts.remove(part)
            starts = _starts(parts, left_parts)
            found += 1
    return found


def _starts(parts: tuple[Token, ...], left: list[int]) -> set[str]:
    """The first letters of left-over words that have a left-over word behind them, or behind a small word."""
    return {parts[at].text[0] for at, following in pairwise(left) if _adjoins(parts, at, following)}


def _adjoins(parts: tuple[Token, ...], at: int, following: int) -> bool:
    """Whether a name may go on there: small words inside it may have their match elsewhere."""
    return following == at + 1 or (following == at + 2 and parts[at + 1].text in _SMALL)


def _run(text: str, parts: tuple[Token, ...], left: list[int]) -> list[int] | None:
    letters = text.replace("&", "")
    for start in range(len(left) - 1):
        if parts[left[start]].text[0] != text[0]:
            continue
        joined = initials = capitals = ""
        run: list[int] = []
        for at in left[start : start + _LONGEST]:
            if run and not _adjoins(parts, run[-1], at):
                break
            run.append(at)
            word = parts[at].text
            joined += word
            initials += word[0]
            capitals += "" if word in _SMALL else word[0]
            if len(run) == 1:
                continue
            if joined == text or (initials == text and _is_acronym(parts, run)):
                return run
            if (
                capitals == letters
                and word not in _SMALL
                and ("&" in text or _is_acronym(parts, run, _SMALL))
            ):
                return run
    return None


_SMALL: Final = frozenset({"of", "the", "and", "for", "on", "in"})
"""Words that an acronym leaves out: "Royal Bank of Scotland", "Marks and Spencer"."""

_LONGEST: Final = 8
"""Words of a name at most that an acronym stands for, small ones counted."""


def _is_acronym(parts: tuple[Token, ...], run: list[int], small: frozenset[str] = frozenset()) -> bool:
    """Initials stand for a run of three words or more, or for two names; two common words prove too little."""
    words = [at for at in run if parts[at].text not in small]
    return len(words) > 2 or all(parts[at].flags & NAME for at in words)
