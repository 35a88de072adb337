"""The words of many headlines as numbers, so that each word is looked up once and whole batches are computed at once.

A stage asks a question of a word (how it is filed, which row of a table it has) once for as long as the vocabulary
lives: the answers are a `Column` by the word's number, and a batch's answers are one gather.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

_FIRST_ROOM: Final = 4096
_UNASKED: Final = np.iinfo(np.int64).min


class Vocabulary:
    """Words in the order in which they were met, numbered from 0 on. It only grows: who fills it starts another."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.chars = 0
        """Of all words together."""
        self.answers: dict[Column, Numbers] = {}
        """By column: its answers by number, as far as they were asked for."""
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.words)

    def number(self, word: str) -> int:
        """The number of a word, a new one if need be."""
        number = self._numbers.setdefault(word, len(self.words))
        if number == len(self.words):
            self.words.append(word)
            self.chars += len(word)
        return number

    def tokens(self, headlines: Sequence[Sequence[str]]) -> Tokens:
        """Headlines by their words, of which each has at least one."""
        number = self.number
        numbers = [number(word) for words in headlines for word in words]
        lengths = np.fromiter(map(len, headlines), np.int64, len(headlines))
        return Tokens(self, np.array(numbers, np.int64), lengths)


class Tokens(Struct, frozen=True):
    """The words of n headlines, one headline after the other.

    `numbers` (m,) are those of the vocabulary, `lengths` (n,) say how many are each headline's: at least one.
    """

    vocabulary: Vocabulary
    numbers: Numbers
    lengths: Numbers

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def starts(self) -> Numbers:
        """(n,): the place of each headline's first word."""
        return np.cumsum(self.lengths) - self.lengths

    def select(self, headlines: Sequence[int] | Numbers) -> Tokens:
        """Only these headlines, in this order."""
        picked = np.asarray(headlines, np.int64)
        lengths = self.lengths[picked]
        return Tokens(self.vocabulary, self.numbers[ragged(self.starts[picked], lengths)], lengths)

    def batches(self, most: int) -> Iterator[Tokens]:
        """The headlines in runs of as many as have no more than so many words, and edges between them."""
        ends = np.cumsum(self.lengths)
        first = begin = 0
        while first < len(self):
            # An edge before, and one behind each.
            room = begin + most - 1 + first
            stop = max(
                first + 1, int(np.searchsorted(ends + np.arange(1, len(self) + 1), room, side="right"))
            )
            end = int(ends[stop - 1])
            yield Tokens(self.vocabulary, self.numbers[begin:end], self.lengths[first:stop])
            first, begin = stop, end

    def words(self, headline: int) -> list[str]:
        """The words of one headline."""
        end = int(self.lengths[: headline + 1].sum())
        known = self.vocabulary.words
        return [known[number] for number in self.numbers[end - int(self.lengths[headline]) : end].tolist()]


class Column:
    """A whole number for each word, asked of a function of the word once in a vocabulary's life."""

    def __init__(self, ask: Callable[[str], int]) -> None:
        self._ask = ask

    def of(self, vocabulary: Vocabulary, numbers: Numbers) -> Numbers:
        """The answers for words by their numbers, in the same order."""
        answers = vocabulary.answers.get(self)
        if answers is None or len(answers) < len(vocabulary):
            answers = self._widened(vocabulary, answers)
        found = answers.take(numbers)
        unasked = found == _UNASKED
        if unasked.any():
            new = np.unique(numbers[unasked])
            words, ask = vocabulary.words, self._ask
            answers[new] = [ask(words[number]) for number in new.tolist()]
            found = answers.take(numbers)
        return found

    def _widened(self, vocabulary: Vocabulary, answers: Numbers | None) -> Numbers:
        wider = np.full(max(_FIRST_ROOM, 2 * len(vocabulary)), _UNASKED, np.int64)
        if answers is not None:
            wider[: len(answers)] = answers
        vocabulary.answers[self] = wider
        return wider


def ragged(starts: Numbers, lengths: Numbers) -> Numbers:
    """The places of runs that begin at `starts` (n,) and have these lengths, one run after the other."""
    before = np.cumsum(lengths) - lengths
    places: Numbers = np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))
    return places
