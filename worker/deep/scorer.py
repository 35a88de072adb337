"""Answers as many questions as a time allows."""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from worker.deep.encoder import Encoder
    from worker.deep.questions import Answers, Questions
    from worker.deep.wordpiece import Row

AT_ONCE: Final = 8
"""Rows that are computed together: more are hardly quicker, and the clock is looked at in between."""

_INERTIA: Final = 0.9


class Asked(NamedTuple):
    """A question as the encoder reads it."""

    of_pair: bool
    at: int
    row: Row


class Scorer:
    """Puts questions to an encoder, and learns how long it takes. For one thread at a time.

    Args:
        encoder: whom to ask.
        clock: seconds.
    """

    def __init__(self, encoder: Encoder, clock: Callable[[], float] = time.perf_counter) -> None:
        self._encoder = encoder
        self._clock = clock
        self.pace = encoder.measure()
        """Seconds that one word piece takes, of late."""

    def answer(self, answers: Answers, seconds: float | None = None) -> None:
        """Fills in answers, the most promising questions first.

        Args:
            answers: what to fill in.
            seconds: as many as may pass, or None for however many it takes. What does not fit in by the pace so far is
                not begun; should it be slower than that, the rest is left out.
        """
        began = self._clock()
        asked = list(self._fitting(answers.questions, seconds))
        # Rows of like length together, since the shorter are filled up.
        asked.sort(key=lambda each: (not each.of_pair, len(each.row.ids)))
        pieces = 0
        for of_pair, rows in groupby(asked, key=lambda each: each.of_pair):
            for chunk in _chunks(list(rows)):
                if seconds is not None and self._clock() - began >= seconds:
                    break
                self._compute(answers, chunk, of_pair=of_pair)
                pieces += len(chunk) * len(chunk[-1].row.ids)
        answers.seconds = self._clock() - began
        if pieces:
            self.pace = _INERTIA * self.pace + (1 - _INERTIA) * answers.seconds / pieces

    def _fitting(self, questions: Questions, seconds: float | None) -> Iterator[Asked]:
        vocabulary, left, is_first = self._encoder.vocabulary, seconds, True
        for of_pair, at in _by_promise(len(questions.pairs), len(questions.topics)):
            if of_pair:
                row = vocabulary.pair(questions.pairs[at].earlier, questions.pairs[at].later)
            else:
                row = vocabulary.single(questions.topics[at].form)
            if left is not None:
                left -= len(row.ids) * self.pace
                # The first is asked in any case, or a pace that was once too slow would stay for ever.
                if left < 0 and not is_first:
                    return
            is_first = False
            yield Asked(of_pair, at, row)

    def _compute(self, answers: Answers, chunk: Sequence[Asked], *, of_pair: bool) -> None:
        rows = [each.row for each in chunk]
        if of_pair:
            for each, scores in zip(chunk, self._encoder.pairs(rows), strict=True):
                answers.pairs[each.at] = scores
        else:
            for each, shares in zip(chunk, self._encoder.topics(rows), strict=True):
                answers.topics[each.at] = shares


def _by_promise(pairs: int, topics: int) -> list[tuple[bool, int]]:
    """Both kinds mixed evenly, so that little time takes its share of either; True for a pair, and its place."""
    mixed = [((at + 1) / pairs, True, at) for at in range(pairs)]
    mixed += [((at + 1) / topics, False, at) for at in range(topics)]
    return [(of_pair, at) for _, of_pair, at in sorted(mixed)]


def _chunks(rows: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    for at in range(0, len(rows), AT_ONCE):
        yield rows[at : at + AT_ONCE]
