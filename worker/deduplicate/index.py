"""The index over the window: which earlier entries an entry is compared with, and what follows."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec import Struct

from worker.deduplicate.evidence import scores_of
from worker.deduplicate.postings import Postings, Sharing
from worker.deduplicate.rule import ALIKE, MOST_CANDIDATES, MOST_PROMISING, PROMISING
from worker.deduplicate.window import NONE, Window
from worker.events import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from worker.deduplicate.evidence import Pair
    from worker.deduplicate.rule import Matcher, Rule


class Match(Struct, frozen=True, gc=False):
    """An earlier entry that an entry repeats (DUPLICATE) or carries on (UPDATE)."""

    kind: Kind
    reason: str
    of: int
    score: float


_NOTHING = 1 << 50
"""No entry is as new."""


class Waiting(Struct, gc=False):
    """An entry that was put in and not yet compared.

    `previous` is the last entry of its form, or NONE; `listed`: later entries find it by its keys. Earlier entries
    count from the number `oldest` on, with a raw timestamp of `raw_from` to `raw_to`. `pairs`: what the log says of it
    and other forms.
    """

    form: bytes
    keys: Sequence[int]
    previous: int
    listed: bool
    oldest: int
    raw_from: int
    raw_to: int
    pairs: Sequence[Pair] = ()


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
        self._waiting: list[Waiting] = []

    def __len__(self) -> int:
        return len(self._window)

    def put(
        self,
        forms: Sequence[bytes],
        keys: Sequence[Sequence[int]],
        raw_ms: Sequence[int],
        flags: Sequence[int],
        pairs: Mapping[int, Sequence[Pair]],
        *,
        time: int,
        oldest: int,
        rule: Rule,
    ) -> None:
        """Takes in the next entries, of one frame, by column; `flush` compares them.

        Args:
            forms: their match forms in UTF-8.
            keys: their blocking keys, each entry's without repetition.
            raw_ms: their raw timestamps.
            flags: entries with a flag other than 0 are originals whatever came before them.
            pairs: by the place among them, the scores of those that have any.
            time: the frame's log time.
            oldest: the first entry that is in the frame's window.
            rule: the frame's.
        """
        number = self._window.extend(forms, raw_ms, time, rule)
        window_ms, most = rule.window_ms, rule.max_entries
        first = len(self._waiting)
        for form, entry_keys, at_ms, flag in zip(forms, keys, raw_ms, flags, strict=True):
            previous = self._window.link(number, form)
            repeats = previous != NONE and self._window.is_close(previous, number, rule)
            counts_from = _NOTHING if flag else max(oldest, number - most)
            self._waiting.append(
                Waiting(
                    form,
                    entry_keys,
                    previous,
                    not repeats,
                    counts_from,
                    at_ms - window_ms,
                    at_ms + window_ms,
                )
            )
            number += 1
        for row, scored in pairs.items():
            self._waiting[first + row].pairs = scored

    def flush(self) -> list[tuple[int, Match]]:
        """Compares what was put in since the last time with all that was put in before it.

        Returns:
            The numbers of those entries that repeat an earlier one or carry it on, and which and how.
        """
        waiting, self._waiting = self._waiting, []
        found = {}
        for row, entry in enumerate(waiting):
            if entry.previous >= entry.oldest:
                match = self._same(entry)
                if match is not None:
                    found[row] = match
        looks = [_NOTHING if row in found else entry.oldest for row, entry in enumerate(waiting)]
        wide = [_is_wide(entry) for entry in waiting]
        sharing = self._postings.extend(
            [entry.keys for entry in waiting],
            [entry.listed for entry in waiting],
            looks,
            [ALIKE if is_wide else PROMISING for is_wide in wide],
            [not is_wide for is_wide in wide],
        )
        for row, shared in _grouped(sharing):
            match = self._near(waiting[row], shared)
            if match is not None:
                found[row] = match
        first = self._window.following - len(waiting)
        return [(first + row, match) for row, match in found.items()]

    def look(
        self,
        forms: Sequence[bytes],
        keys: Sequence[Sequence[int]],
        raw_ms: Sequence[int],
        *,
        oldest: int,
        rule: Rule,
    ) -> list[list[bytes]]:
        """The forms that entries would be compared with if they were put in now; nothing is put in.

        Args:
            forms: their match forms in UTF-8.
            keys: their blocking keys, each entry's without repetition.
            raw_ms: their raw timestamps.
            oldest: the first entry that is in the window now.
            rule: the writer's.

        Returns:
            For each entry the other forms, the most promising first; none where its very form is there already.
        """
        window, oldest = self._window, max(oldest, self._window.following - rule.max_entries)
        entries = [
            Waiting(
                form,
                entry_keys,
                window.newest(form),
                listed=False,
                oldest=oldest,
                raw_from=at_ms - rule.window_ms,
                raw_to=at_ms + rule.window_ms,
            )
            for form, entry_keys, at_ms in zip(forms, keys, raw_ms, strict=True)
        ]
        decided = [entry.previous >= oldest and self._same(entry) is not None for entry in entries]
        looks = [_NOTHING if is_decided else oldest for is_decided in decided]
        found: list[list[bytes]] = [[] for _ in entries]
        for row, shared in _grouped(self._postings.look(keys, looks, [ALIKE] * len(keys))):
            found[row] = [earlier for _, earlier in self._named(entries[row], shared, MOST_CANDIDATES)]
        return found

    @property
    def waiting(self) -> int:
        """Entries that were put in and not yet compared."""
        return len(self._waiting)

    def forget_before(self, number: int) -> None:
        """Drops what fell out of the window, a little at a time."""
        self._window.forget_before(number)
        self._postings.forget_before(number)

    @property
    def memory_bytes(self) -> int:
        """Memory of the index, estimated."""
        return self._window.memory_bytes + self._postings.memory_bytes

    def _same(self, entry: Waiting) -> Match | None:
        """The verdict in the name of the earliest entry of the very same form, if it is a duplicate."""
        of = self._window.earliest(entry.previous, entry.oldest, entry.raw_from, entry.raw_to)
        if of == NONE:
            return None
        text = entry.form.decode()
        judgement = self._judge(text, text, None)
        if judgement.kind is not Kind.DUPLICATE:
            return None
        return Match(judgement.kind, judgement.reason, of, judgement.score)

    def _near(self, entry: Waiting, shared: list[tuple[int, int]]) -> Match | None:
        """The verdict over the entries of other forms.

        The best candidates are judged, form by form and each in the name of the earliest entry with its form:
        the earliest duplicate is the verdict, else the update of the best score, the earliest of those where
        scores tie.

        Args:
            entry: the entry to judge.
            shared: how alike a candidate is, and its number: more is better, then newer.
        """
        best: Match | None = None
        later = ""
        most = MOST_CANDIDATES if _is_wide(entry) else MOST_PROMISING
        for of, earlier in sorted(self._named(entry, shared, most)):
            later = later or entry.form.decode()
            scores = scores_of(entry.pairs, earlier) if entry.pairs else None
            judgement = self._judge(earlier.decode(), later, scores)
            kind = judgement.kind
            if kind is Kind.ORIGINAL:
                continue
            if kind is Kind.DUPLICATE:
                return Match(kind, judgement.reason, of, judgement.score)
            if best is None or judgement.score > best.score:
                best = Match(kind, judgement.reason, of, judgement.score)
        return best

    def _named(self, entry: Waiting, shared: list[tuple[int, int]], most: int) -> list[tuple[int, bytes]]:
        """The forms of the best candidates, each behind the earliest entry that has it; best first."""
        window = self._window
        named: dict[int, bytes] = {}
        for _, number in sorted(shared, reverse=True):
            of = window.earliest(number, entry.oldest, entry.raw_from, entry.raw_to)
            if of == NONE or of in named:
                continue
            earlier = window.form(number)
            if earlier != entry.form:
                named[of] = earlier
                if len(named) == most:
                    break
        return list(named.items())


def _is_wide(entry: Waiting) -> bool:
    """Whether all candidates of an entry are judged, not only the promising ones.

    Of words that no table knows, and of a headline that was cut, the keys say too little: match forms in other scripts
    than Latin and cut ones are the only ones that are not ASCII.
    """
    return bool(entry.pairs) or not entry.form.isascii()


def _grouped(sharing: Sharing) -> Iterator[tuple[int, list[tuple[int, int]]]]:
    """The pairs row by row, each as how alike the two are, and the earlier one's number."""
    pairs = zip(sharing.rows, sharing.alike, sharing.entries, strict=True)
    for row, group in groupby(pairs, key=itemgetter(0)):
        yield row, [(alike, number) for _, alike, number in group]
