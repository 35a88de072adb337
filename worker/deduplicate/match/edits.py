"""Where two headlines differ, place by place: what stands on either side between the words that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.match.align import Alignment
    from worker.deduplicate.match.tokens import Reading, Token


class Edit(Struct, frozen=True, gc=False):
    """A run of left-over words with what stands in its place in the other headline; either may be empty.

    `at_start` and `at_end`: whether no shared word stands before it, or behind it.
    """

    ours: tuple[Token, ...]
    theirs: tuple[Token, ...]
    at_start: bool
    at_end: bool


def runs_of(places: Sequence[int]) -> list[list[int]]:
    """Places grouped into runs of neighbors."""
    runs: list[list[int]] = []
    for at in places:
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def edits(a: Reading, b: Reading, found: Alignment) -> list[Edit]:
    """The edits, in the order of the first headline, those that only the second has behind them.

    Runs stand in each other's place where they follow the same shared word, or go before the same one.
    """
    ours, theirs = a.tokens, b.tokens
    partner = dict(found.pairs)
    partner[-1], partner[len(ours)] = -1, len(theirs)
    runs = runs_of(found.left_b)
    behind = {run[0] - 1: run for run in runs}
    ahead = {run[-1] + 1: run for run in runs}
    used: set[int] = set()
    result = []
    for run in runs_of(found.left_a):
        before, after = run[0] - 1, run[-1] + 1
        other = behind.get(partner.get(before, -2))
        if other is None or other[0] in used:
            other = ahead.get(partner.get(after, -2))
            if other is None or other[0] in used:
                other = []
        if other:
            used.add(other[0])
        result.append(
            Edit(
                tuple(ours[at] for at in run),
                tuple(theirs[at] for at in other),
                at_start=before < 0,
                at_end=after == len(ours),
            )
        )
    result += [
        Edit((), tuple(theirs[at] for at in run), at_start=run[0] == 0, at_end=run[-1] + 1 == len(theirs))
        for run in runs
        if run[0] not in used
    ]
    return result
