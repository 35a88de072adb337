"""The index over the window: which earlier entries an entry is compared with, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from worker.deduplicate.postings import Postings
from worker.deduplicate.rule import MOST_JUDGED, Matcher, Rule
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
            if flag:
                found.append(None)
            else:
                since = max(oldest, number - rule.max_entries)
                span = (at_ms - rule.window_ms, at_ms + rule.window_ms)
                found.append(self._match(form, entry_keys, previous, since, span))
            postings.add(entry_keys, number, previous)
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

    def _match(
        self, form: bytes, keys: Sequence[int], previous: int, oldest: int, span: tuple[int, int]
    ) -> Match | None:
        """What an entry repeats or carries on.

        An entry of the very same form goes first: if the matcher calls the two duplicates, that is the
        verdict. Otherwise the best candidates are judged, form by form and each in the name of the earliest
        entry with its form: the earliest duplicate is the verdict, else the update of the best score, the
        earliest of those where scores tie.

        Args:
            form: of the entry.
            keys: of the entry.
            previous: the last entry of the same form, or NONE.
            oldest: entries before this number do not count.
            span: the first and the last raw timestamp that counts.
        """
        window = self._window
        if previous >= oldest:
            of = window.earliest(previous, oldest, *span)
            if of != NONE:
                text = form.decode()
                judgement = self._judge(text, text)
                if judgement.kind is Kind.DUPLICATE:
                    return Match(judgement.kind, judgement.reason, of, judgement.score)
        candidates = self._postings.candidates(keys, oldest)
        if not candidates:
            return None
        return self._judged(form.decode(), self._named(candidates, previous, oldest, span))

    def _named(
        self, candidates: Sequence[int], previous: int, oldest: int, span: tuple[int, int]
    ) -> list[tuple[int, int]]:
        """The best candidates, each with the earliest entry of its form before it; earliest first."""
        named: list[tuple[int, int]] = []
        for number in candidates:
            of = self._window.earliest(number, oldest, *span)
            if of != NONE and number != previous:
                named.append((of, number))
                if len(named) == MOST_JUDGED:
                    break
        named.sort()
        return named

    def _judged(self, later: str, named: Sequence[tuple[int, int]]) -> Match | None:
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
