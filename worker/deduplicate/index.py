"""The index over the window: which earlier entries an entry is compared with, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from worker.deduplicate.postings import Postings
from worker.deduplicate.rule import MOST_JUDGED, NEWEST_PER_KEY, Matcher
from worker.deduplicate.window import NONE, Window
from worker.events import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence


class Match(Struct, frozen=True, gc=False):
    """An earlier entry that an entry repeats (DUPLICATE) or carries on (UPDATE)."""

    kind: Kind
    reason: str
    of: int
    score: float


class Index:
    """Finds what an entry repeats among the entries before it.

    Args:
        matcher: judges the pairs.
        max_entries: how many entries the window is expected to hold at most.
    """

    def __init__(self, matcher: Matcher, max_entries: int) -> None:
        self._matcher = matcher
        self._window = Window(max_entries)
        self._postings = Postings()

    def __len__(self) -> int:
        return len(self._window)

    def match(self, form: bytes, keys: Sequence[int], raw_ms: range, oldest: int) -> Match | None:
        """What an entry that is not yet added repeats or carries on.

        An entry of the very same form goes first: if the matcher calls the two duplicates, that is the
        verdict. Otherwise the candidates are judged form by form: a duplicate is one of the earliest entry
        whose form matches; an update is one of the best score, of the earliest entry where scores tie.

        Args:
            form: its match form.
            keys: its blocking keys, without repetition.
            raw_ms: the raw timestamps that count.
            oldest: entries before this number do not count.
        """
        previous = self._window.previous(form)
        if previous >= oldest:
            same = self._judged(previous, form, raw_ms, oldest)
            if same is not None and same.kind is Kind.DUPLICATE:
                return same
        best: Match | None = None
        judged = 0
        for number in self._postings.candidates(keys, oldest):
            if number == previous:
                continue
            found = self._judged(number, form, raw_ms, oldest)
            if found is None:
                continue
            best = found if best is None else _better(best, found)
            judged += 1
            if judged == MOST_JUDGED:
                break
        return best if best is not None and best.kind is not Kind.ORIGINAL else None

    def add(self, form: bytes, keys: Sequence[int], raw_ms: int, number: int) -> None:
        """Adds the next entry."""
        previous = self._window.previous(form)
        self._window.append(form, raw_ms, previous)
        self._postings.add(keys, number, previous)

    def forget_before(self, number: int, added: int) -> None:
        """Drops what fell out of the window, a little at a time: `added` says how many entries came since."""
        self._window.forget_before(number)
        self._postings.sweep(number, added)

    @property
    def memory_bytes(self) -> int:
        """Memory of the index."""
        return self._window.memory_bytes + self._postings.memory_bytes

    def _judged(self, number: int, form: bytes, raw_ms: range, oldest: int) -> Match | None:
        """The judgement on the form of entry `number`, in the name of the earliest entry with that form."""
        of = self._window.earliest(number, oldest, raw_ms, NEWEST_PER_KEY)
        if of == NONE:
            return None
        judgement = self._matcher.judge(self._window.form(number).decode(), form.decode())
        return Match(judgement.kind, judgement.reason, of, judgement.score)


def _better(one: Match, other: Match) -> Match:
    return max(one, other, key=_rank)


def _rank(match: Match) -> tuple[int, float, int]:
    if match.kind is Kind.DUPLICATE:
        return (2, 0.0, -match.of)
    if match.kind is Kind.UPDATE:
        return (1, match.score, -match.of)
    return (0, 0.0, 0)
