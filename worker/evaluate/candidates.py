"""What the index brings together: which pairs it finds again, how many candidates, and how many are judged.

The index is the worker's own, fed through its log as in `newswire preview`. Only the judge is another: it counts what
it is asked.
"""

from __future__ import annotations

from hashlib import blake2b
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import structs

from worker.deduplicate import Batch, Replica, Rule, Writer
from worker.deduplicate.match import MATCHER, Judgement
from worker.evaluate.bootstrap import Figure
from worker.events import Headline, Kind
from worker.labels import lines_of
from worker.normalize import clean, match_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from worker.deduplicate.evidence import Scores
    from worker.evaluate.tiers import Pair

Form = str
"""A match form."""

_BATCH: Final = 1_000
_TIME_MS: Final = 1_767_952_800_000
_WINDOW_MS: Final = 24 * 3_600_000
_MAX_FRAME_BYTES: Final = 512 * 1024
_STRIDE: Final = 7_919
"""How far apart the two headlines are of which one is made, times the round; a prime."""


class Index:
    """An index over headlines that all lie within one window.

    Args:
        most: how many headlines it will hold.
        repeats: what the very same form is; a duplicate is looked up no further, an original is.
    """

    def __init__(self, most: int, *, repeats: Kind) -> None:
        self.judged = 0
        self._exact = Judgement(repeats, 1.0, "exact")
        matcher = structs.replace(MATCHER, judge=self._judge, before=None)
        rule = Rule(matcher.version, window_ms=_WINDOW_MS, max_entries=most)
        self._replica = Replica(rule, 1, start=0, end=0, matcher=matcher)
        self._replica.begin_epoch()
        self._writer = Writer(self._replica, matcher, max_frame_bytes=_MAX_FRAME_BYTES, writer_id=0)
        self._put = 0

    def put(self, headlines: Iterable[Headline]) -> None:
        """Takes headlines in, in order."""
        remaining = iter(headlines)
        while batch := list(islice(remaining, _BATCH)):
            self._put_batch(batch)

    def look_and_put(self, headlines: Iterable[Headline]) -> list[tuple[Form, Form]]:
        """Takes headlines in, in order; the pairs of an earlier form and a later one that it is a candidate of."""
        pairs: list[tuple[Form, Form]] = []
        for headline in headlines:
            pairs += self._candidates([headline])
            self._put_batch([headline])
        return pairs

    def _candidates(self, headlines: Sequence[Headline]) -> Iterator[tuple[Form, Form]]:
        forms = [headline.match for headline in headlines]
        found = self._replica.candidates(
            [form.encode() for form in forms], list(map(MATCHER.keys, forms)), [_TIME_MS] * len(forms)
        )
        for form, earlier in zip(forms, found, strict=True):
            yield from ((each.decode(), form) for each in earlier)

    def _put_batch(self, headlines: Sequence[Headline]) -> None:
        offsets = range(self._put, self._put + len(headlines))
        self._put += len(headlines)
        # By a number of its own each is new to the log; and a correction is looked up like any other.
        new = [
            structs.replace(headline, id=_id(offset), guard=None)
            for offset, headline in zip(offsets, headlines, strict=True)
        ]
        batch = Batch("evaluate", 0, offsets, [_TIME_MS] * len(new), new)
        for frame in self._writer.plan(batch).frames:
            self._replica.apply(self._replica.next_offset, _TIME_MS, frame)
        self._replica.verdicts("evaluate", 0, offsets, [headline.id for headline in new])

    def _judge(self, earlier: Form, later: Form, _: Scores | None) -> Judgement:
        if earlier == later:
            return self._exact
        self.judged += 1
        return _APART


def per_headline(stream: Sequence[Headline]) -> dict[str, Figure]:
    """How many candidates a headline of a stream has on average, and how many of them are judged."""
    index = Index(len(stream), repeats=Kind.DUPLICATE)
    counts = {"candidates_per_headline": len(index.look_and_put(stream)), "judged_per_headline": index.judged}
    return {name: Figure(count / len(stream), None, None, len(stream)) for name, count in counts.items()}


def found(pairs: Sequence[Pair], between: Sequence[Headline], apart: int) -> NDArray[np.bool_]:
    """Whether the earlier headline of each pair is a candidate of the later, or the very same (n,).

    First all the earlier headlines are put in, then others, then the later ones.

    Args:
        pairs: n pairs.
        between: headlines to put in between; where they are too few, halves of two are joined to more.
        apart: how many to put in between.
    """
    index = Index(2 * len(pairs) + apart, repeats=Kind.ORIGINAL)
    index.put(earlier for earlier, _ in pairs)
    index.put(islice(_fillers(between), apart))
    brought = set(index.look_and_put(later for _, later in pairs))
    return np.array(
        [earlier.match == later.match or (earlier.match, later.match) in brought for earlier, later in pairs],
        bool,
    )


def load_stream(path: Path) -> list[Headline]:
    """The headlines of a text file, one a line; empty lines are passed over.

    Raises:
        UsageError: it cannot be read.
    """
    return [_headline(match_form(clean(line)[0])) for line in lines_of(path) if line.strip()]


def _fillers(headlines: Sequence[Headline]) -> Iterator[Headline]:
    return chain(headlines, (_headline(form) for form in _joined([h.match for h in headlines])))


def _joined(forms: Sequence[Form]) -> Iterator[Form]:
    """For ever more forms: the first half of one and the second half of another."""
    if not forms:
        return
    split = [(words[: len(words) // 2], words[len(words) // 2 :]) for words in map(str.split, forms)]
    for turn in count(1):
        for at, (first, _) in enumerate(split):
            yield " ".join(first + split[(at + turn * _STRIDE) % len(split)][1])


def _headline(match: Form) -> Headline:
    return Headline(id="", event_id="", source="", display=match, match=match)


def _id(number: int) -> str:
    return blake2b(number.to_bytes(8, "little"), digest_size=16).hexdigest()


_APART: Final = Judgement(Kind.ORIGINAL, 0.0, "unrelated")
