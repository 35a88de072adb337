"""The rows of the words that a router has met: the known ones for good, the others up to a bound."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from worker.mediatopics import SLUGS
from worker.route.features import EDGE, GRAM_SHARE_BITS, gram_buckets, gram_share, shape
from worker.route.model import WEIGHT_LIMIT
from worker.tokens import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from worker.route.model import Model
    from worker.tokens import Tokens

REMEMBERED: Final = 65536
"""Spellings kept beside the known words, some 10 MB; when they are more, all are forgotten and met anew."""


class WordTable(dict[str, int]):
    """The row of each spelling; looking up a new one adds it.

    Row 0 is the edge of a headline, rows 1 to `known` are the model's words. What a row holds depends on its
    word alone, so forgetting changes no answer.
    """

    def __init__(self, model: Model) -> None:
        self.known: Final = len(model.words)
        self._vocabulary = {EDGE: 0, **{word: row for row, word in enumerate(model.words, start=1)}}
        super().__init__(self._vocabulary)
        self._column = Column(self.__getitem__)
        self._gram_weights = model.gram_weights
        self._used = self.known + 1
        self.weights: Final = np.zeros((self._used + REMEMBERED, len(SLUGS)), np.int16)
        """(rows, 17): what each row adds to the scores."""
        self.weights[: self._used] = model.word_weights

    def rows(self, tokens: Sequence[str]) -> NDArray[np.int64]:
        """The row of each token, at most REMEMBERED of them; valid until the next call."""
        if len(self) + len(tokens) > len(self.weights):
            self.clear()
            self.update(self._vocabulary)
            self._used = self.known + 1
        return np.fromiter(map(self.__getitem__, tokens), np.int64, len(tokens))

    def rows_of(self, tokens: Tokens) -> NDArray[np.int64]:
        """The same for the words of headlines, with row 0 before, between and after these."""
        if len(self) + len(tokens.numbers) > len(self.weights):
            self.clear()
            self.update(self._vocabulary)
            self._used = self.known + 1
            self._column = Column(self.__getitem__)
        found = self._column.of(tokens.vocabulary, tokens.numbers)
        rows = np.zeros(len(found) + len(tokens.lengths) + 1, np.int64)
        rows[np.arange(1, len(found) + 1) + np.repeat(np.arange(len(tokens.lengths)), tokens.lengths)] = found
        return rows

    def __missing__(self, token: str) -> int:
        known_as = shape(token)
        if known_as == token:
            row = self._used
            self.weights[row] = self._from_letters(token)
            self._used += 1
        else:
            row = self[known_as]
        self[token] = row
        return row

    def _from_letters(self, word: str) -> NDArray[np.int64]:
        buckets = gram_buckets(word)
        total = self._gram_weights[buckets].sum(axis=0, dtype=np.int64)
        share = gram_share(len(buckets)) if buckets else 0
        scores: NDArray[np.int64] = np.clip(total * share >> GRAM_SHARE_BITS, -WEIGHT_LIMIT, WEIGHT_LIMIT)
        return scores
