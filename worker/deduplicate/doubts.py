"""What the writer may ask a costly model: which pairs the log will judge, and the cheap rule is not sure of."""

from __future__ import annotations

from collections import deque
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from worker.deduplicate.frame import Flag
from worker.deduplicate.postings import Postings
from worker.deduplicate.rule import ALIKE, MOST_CANDIDATES
from worker.events import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.frame import Entry
    from worker.deduplicate.replica import Replica
    from worker.deduplicate.rule import Matcher

MOST_RECENT = 8192
"""Entries of this writer's own that are looked at besides the replica's: as many as it may have on their way."""

_SLOT_BITS = 16
"""Of the table of their posting lists: 256 KB."""


class Doubts:
    """Finds the pairs of one writer's entries that are worth asking about, before the log has judged them.

    What is found is a guess at what the log will compare, which costs nothing where it is wrong: other writers' entries
    may come in between.

    Args:
        replica: this worker's.
        matcher: of the version that is written (`Writer.matcher`).
    """

    def __init__(self, replica: Replica, matcher: Matcher) -> None:
        self._replica = replica
        self._matcher = matcher
        self._recent = Recent()

    def of(self, entries: Sequence[Entry], asked: Sequence[bool], most: int) -> list[list[str]]:
        """The earlier forms of each entry's doubtful pairs, the most promising first.

        Args:
            entries: the next of this writer, none of which the replica knows.
            asked: of which it is asked; for the others, and for those that are originals whatever came before, there is
                nothing.
            most: pairs of an entry, at most.
        """
        forms, keys = [entry.form for entry in entries], [entry.keys for entry in entries]
        standing = self._replica.candidates(forms, keys, [entry.raw_ms for entry in entries])
        on_their_way = self._recent.add(forms, keys)
        return [
            self._doubtful(entry.form, [*there, *(each for each in here if each not in there)])[:most]
            if is_asked and here is not None and entry.flag == Flag.NONE
            else []
            for entry, is_asked, there, here in zip(entries, asked, standing, on_their_way, strict=True)
        ]

    def _doubtful(self, form: bytes, candidates: Sequence[bytes]) -> list[str]:
        """Those candidates that are worth asking about; none where one is a duplicate whatever is said of it.

        One that is a duplicate as long as nothing is said of it comes first, and those behind it are left aside.
        """
        later = form.decode()
        found: list[str] = []
        for candidate in candidates[:MOST_CANDIDATES]:
            earlier = candidate.decode()
            is_asked = self._matcher.doubtful(earlier, later)
            if self._matcher.judge(earlier, later, None).kind is Kind.DUPLICATE:
                return [earlier, *found] if is_asked else []
            if is_asked:
                found.append(earlier)
        return found


class Recent:
    """The newest entries of one writer, whether the log has them yet or not."""

    def __init__(self) -> None:
        self._postings = Postings(_SLOT_BITS)
        self._forms: deque[bytes] = deque()
        self._first = 0
        self._newest: dict[bytes, int] = {}

    def add(self, forms: Sequence[bytes], keys: Sequence[Sequence[int]]) -> list[list[bytes] | None]:
        """Adds the next entries.

        Returns:
            For each the forms before it that it shares enough keys with, the most alike first; None where its very form
            is one of them.
        """
        following = self._first + len(self._forms)
        found: list[list[bytes] | None] = [[] for _ in forms]
        for row, form in enumerate(forms):
            if form in self._newest:
                found[row] = None
            self._newest[form] = following + row
        self._forms += forms
        repeated = [each is None for each in found]
        sharing = self._postings.extend(
            keys,
            [not each for each in repeated],
            [_NEVER if each else self._first for each in repeated],
            [ALIKE] * len(keys),
            [False] * len(keys),
        )
        columns = zip(sharing.rows, sharing.alike, sharing.entries, strict=True)
        for row, group in groupby(columns, key=itemgetter(0)):
            best = sorted(((alike, number) for _, alike, number in group), reverse=True)[:MOST_CANDIDATES]
            found[row] = [self._forms[number - self._first] for _, number in best]
        self._forget()
        return found

    def _forget(self) -> None:
        while len(self._forms) > MOST_RECENT:
            form = self._forms.popleft()
            if self._newest[form] == self._first:
                del self._newest[form]
            self._first += 1
        self._postings.forget_before(self._first)


_NEVER = 1 << 50
