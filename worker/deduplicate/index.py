"""The index over the window: which earlier entries an entry is compared with, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from worker.deduplicate.postings import Postings
from worker.deduplicate.rule import MOST_JUDGED
from worker.deduplicate.window import NONE, Window
from worker.events import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.rule import Matcher, Rule


class Match(Struct, frozen=True, gc=False):
    """An earlier entry that an entry repeats (DUPLICATE) or carries on (UPDATE)."""

    kind: Kind
    reason: str
    of: int
    score: float


class View(NamedTuple):
    """Which earlier entries count: from a number on, with a raw timestamp from..to."""

    oldest: int
    raw_from: int
    raw_to: int


class Index:
    """Finds what an entry repeats among the entries before it.

    Args:
        matcher: judges the pairs.
        max_entries: how many entries the window is expected to hold at most.
    """

    def __init__(self, matcher: Matcher, max_entries: int) -> None:
        self._judge = matcher.judge
        self._window = Window(max_entries)
        self._postings = Postings()

    def __len__(self) -> int:
        return len(self._window)

    def extend(
        self,
        forms: Sequence[bytes],
        keys: Sequence[Sequence[int]],
        raw_ms: Sequence[int],
        flags: Sequence[int],
        *,
        oldest: int,
        rule: Rule,
    ) -> list[Match | None]:
        """Adds the next entries, of one frame, by column.

        Args:
            forms: their match forms in UTF-8.
            keys: their blocking keys, each entry's without repetition.
            raw_ms: their raw timestamps.
            flags: entries with a flag other than 0 are originals whatever came before them.
            oldest: the first entry that is in the frame's window.
            rule: the frame's.

        Returns:
            What each repeats or carries on of those before it; None for an original.
        """
        window, postings = self._window, self._postings
        number = window.extend(forms, raw_ms)
        found: list[Match | None] = []
        for form, entry_keys, at_ms, flag in zip(forms, keys, raw_ms, flags, strict=True):
            previous = window.link(number, form)
            view = View(
                max(oldest, number - rule.max_entries), at_ms - rule.window_ms, at_ms + rule.window_ms
            )
            match = None
            if previous == NONE:
                shared = postings.add(entry_keys, number)
                if shared and not flag:
                    match = self._near(form, shared, view)
            else:
                if not flag:
                    match = self._same(form, previous, view)
                    if match is None:
                        match = self._near(form, postings.sharing(entry_keys), view, previous)
                postings.replace(entry_keys, number, previous)
            found.append(match)
            number += 1
        return found

    def forget_before(self, number: int) -> None:
        """Drops what fell out of the window, a little at a time."""
        self._window.forget_before(number)
        self._postings.sweep(number)

    @property
    def memory_bytes(self) -> int:
        """Memory of the index, estimated."""
        return self._window.memory_bytes + self._postings.memory_bytes

    def _same(self, form: bytes, previous: int, view: View) -> Match | None:
        """The verdict in the name of the earliest entry of the very same form, if it is a duplicate."""
        of = self._window.earliest(previous, *view)
        if of == NONE:
            return None
        text = form.decode()
        judgement = self._judge(text, text)
        if judgement.kind is not Kind.DUPLICATE:
            return None
        return Match(judgement.kind, judgement.reason, of, judgement.score)

    def _near(self, form: bytes, shared: dict[int, int], view: View, previous: int = NONE) -> Match | None:
        """The verdict over the entries of other forms.

        The best candidates are judged, form by form and each in the name of the earliest entry with its form:
        the earliest duplicate is the verdict, else the update of the best score, the earliest of those where
        scores tie.

        Args:
            form: of the entry to judge.
            shared: the candidates, and how many keys each shares: more are better, then newer ones.
            view: the earlier entries that count.
            previous: the last entry of the same form, which is no candidate.
        """
        named = self._named(shared, view, previous)
        if not named:
            return None
        later = form.decode()
        best: Match | None = None
        for of, number in named:
            judgement = self._judge(self._window.form(number).decode(), later)
            kind = judgement.kind
            if kind is Kind.ORIGINAL:
                continue
            if kind is Kind.DUPLICATE:
                return Match(kind, judgement.reason, of, judgement.score)
            if best is None or judgement.score > best.score:
                best = Match(kind, judgement.reason, of, judgement.score)
        return best

    def _named(self, shared: dict[int, int], view: View, previous: int) -> list[tuple[int, int]]:
        """The best candidates, each behind the earliest entry of its form; earliest first."""
        ranked = sorted(
            [(count, number) for number, count in shared.items() if number >= view.oldest], reverse=True
        )
        named = []
        for _, number in ranked:
            of = self._window.earliest(number, *view)
            if of != NONE and number != previous:
                named.append((of, number))
                if len(named) == MOST_JUDGED:
                    break
        named.sort()
        return named
