"""Where two headlines have other words, or the same in another order: the pieces that an explanation shows."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from worker.deduplicate.match.tokens import NAME
from worker.normalize.tokens import UNSPACED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.match.compare import Comparison
    from worker.deduplicate.match.tokens import Token

    Sides = tuple[str, str]


def changed(ours: Sequence[str], theirs: Sequence[str]) -> tuple[Sides, ...]:
    """What stands on one side against what stands on the other, in order; "" for nothing.

    Takes the words of two match forms. Pairs of characters of a script without spaces are put together again, and the
    characters compared.
    """
    one, other = _units(ours), _units(theirs)
    steps = SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
    return tuple((_text(one[a:b]), _text(other[c:d])) for step, a, b, c, d in steps if step != "equal")


def turned_around(pair: Comparison) -> Sides | None:
    """The shared words that stand in another order, names alone where names do; None where all are in order."""
    names = [(at, other) for at, other in pair.found.pairs if pair.one.tokens[at].flags & NAME]
    for pairs in (_crossed(names), _crossed(pair.found.pairs)):
        if pairs:
            ours, theirs = [at for at, _ in pairs], sorted(other for _, other in pairs)
            return _shown(pair.one.tokens, ours), _shown(pair.other.tokens, theirs)
    return None


_PAIR: Final = re.compile(f"[{UNSPACED}]{{1,2}}")


def _units(words: Sequence[str]) -> list[str]:
    """Words, and for runs of pairs of characters the characters."""
    units: list[str] = []
    before = ""
    for word in words:
        if not _PAIR.fullmatch(word):
            units.append(word)
        elif before and before[-1] == word[0]:
            units += word[1:]
        else:
            units += word
        before = word if _PAIR.fullmatch(word) else ""
    return units


def _text(units: Sequence[str]) -> str:
    text = ""
    for unit in units:
        apart = text and not (_PAIR.fullmatch(unit) and _PAIR.fullmatch(text[-1]))
        text += f" {unit}" if apart else unit
    return text


def _crossed(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of the pairs, in the order of the first side, that stand on the other side of another one."""
    return sorted(
        (at, other)
        for at, other in pairs
        if any((at - before) * (other - behind) < 0 for before, behind in pairs)
    )


def _shown(tokens: Sequence[Token], places: Sequence[int]) -> str:
    """The words at these places, with an ellipsis where others are between them."""
    text = tokens[places[0]].text
    for before, at in pairwise(places):
        text += f"{' ' if at == before + 1 else ' … '}{tokens[at].text}"
    return text
