"""Normalization of many records at once: the same as one by one, and their words as numbers for what follows.

Nearly all headlines are ASCII and hold nothing that makes several words one, or one several. Theirs are split and
looked up together, one dictionary probe a word; whatever else a word is asked is a column by its number. The others
go the long way, each by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from msgspec import Struct

from worker.events import Headline, Rejection
from worker.language import examine_batch
from worker.normalize.attribution import HEADS, TAILS, feed_of
from worker.normalize.headline import drafted, finished
from worker.normalize.limits import DEFAULT, Limits
from worker.normalize.match import tokens_of
from worker.normalize.phrases import TRIGGERS
from worker.normalize.tokens import EDGE, KEPT_CHARS, chunks_of, spelled
from worker.tokens import Column, Tokens, Vocabulary, ragged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from worker.tokens import Numbers

MOST_WORDS: Final = 65_536
"""Words, and spellings of words, that are remembered; with more of either all are forgotten, and met anew."""

MOST_CHARS: Final = 32 * MOST_WORDS
"""The same of the characters of words, of which a hostile one may have thousands."""


class Normalizer:
    """Normalizes records batch by batch. For one thread at a time: it remembers words, up to a bound."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self._limits = limits
        self._speller = _Speller()

    def normalize(self, values: Sequence[bytes | None]) -> tuple[list[Headline | Rejection], Tokens]:
        """What `worker.normalize.normalize` makes of each record's value; and the words of the headlines among these.

        The words are those of the match form, without the language that `with_language` puts before it.
        """
        if self._speller.is_full:
            self._speller = _Speller()
        limits = self._limits
        drafts = [drafted(value, limits) for value in values]
        good = [draft for draft in drafts if not isinstance(draft, Rejection)]
        if not good:
            return [draft for draft in drafts if isinstance(draft, Rejection)], self._speller.none
        read = self._speller.read([draft.display for draft in good], [draft.source for draft in good])
        spoken = examine_batch(read.tokens, read.words)
        finish = zip(read.forms, spoken, strict=True)
        return [
            draft if isinstance(draft, Rejection) else finished(draft, *next(finish)) for draft in drafts
        ], read.tokens


class _Read(Struct, frozen=True):
    """Headlines, read: match forms, the words that `tokens_of` gives with each, and the words of the forms."""

    forms: list[str]
    words: list[list[str]]
    tokens: Tokens


class _Speller:
    """Reads display forms, with a vocabulary that it fills."""

    def __init__(self) -> None:
        self._vocabulary = Vocabulary()
        self._vocabulary.number(EDGE)
        self._vocabulary.number(_ODD_WORD)
        self._chunks = _Chunks(self._vocabulary)
        self._feeds = _Feeds(self._vocabulary)

    @property
    def is_full(self) -> bool:
        """Whether it remembers so much that it should be given up."""
        remembered = max(len(self._vocabulary), len(self._chunks), len(self._feeds))
        return remembered > MOST_WORDS or self._vocabulary.chars > MOST_CHARS

    @property
    def none(self) -> Tokens:
        """The words of no headline."""
        return self._vocabulary.tokens([])

    def read(self, displays: Sequence[str], sources: Sequence[str]) -> _Read:
        """What `tokens_of` makes of each display form (n,) of a source, n at least one."""
        plain = [row for row, display in enumerate(displays) if display.isascii() and "..." not in display]
        starts = np.zeros(len(displays), np.int64)
        lengths = np.zeros(len(displays), np.int64)
        numbers = np.empty(0, np.int64)
        odd = np.ones(len(displays), np.bool_)
        if plain:
            numbers, starts[plain], lengths[plain] = self._looked_up([displays[row] for row in plain])
            odd[plain] = self._are_odd(
                numbers, starts[plain], lengths[plain], [sources[row] for row in plain]
            )
        forms: dict[int, str] = {}
        words: dict[int, list[str]] = {}
        further: list[int] = []
        for row in np.flatnonzero(odd).tolist():
            forms[row], words[row] = tokens_of(displays[row], sources[row])
            of_form = list(map(self._vocabulary.number, forms[row].split(" ")))
            starts[row], lengths[row] = len(numbers) + len(further), len(of_form)
            further += of_form
        numbers = np.concatenate((numbers, np.array(further, np.int64)))[ragged(starts, lengths)]
        return self._joined(Tokens(self._vocabulary, numbers, lengths), forms, words)

    def _looked_up(self, displays: list[str]) -> tuple[Numbers, Numbers, Numbers]:
        """The numbers of all words of plain display forms, with edges between; the start and length of each form."""
        chunks = chunks_of(displays)
        numbers = np.fromiter(map(self._chunks.__getitem__, chunks), np.int64, len(chunks))
        edges = np.flatnonzero(numbers == _EDGE)
        starts = np.concatenate(([0], edges + 1))
        return numbers, starts, np.concatenate((edges, [len(numbers)])) - starts

    def _are_odd(
        self, numbers: Numbers, starts: Numbers, lengths: Numbers, sources: list[str]
    ) -> NDArray[np.bool_]:
        """Of which forms the words as they were looked up are not all that there is to say."""
        # The last forms may have no words: there is an edge behind them all.
        numbers = np.append(numbers, _EDGE)
        traits = _traits.of(self._vocabulary, numbers)
        first, last = starts, np.maximum(starts + lengths - 1, 0)
        feeds = np.fromiter(map(self._feeds.__getitem__, sources), np.int64, len(sources))
        found = np.bitwise_or.reduceat(traits, starts) & (_ODD | _TRIGGER)
        found |= (traits[first] & _HEAD) | (traits[last] & _TAIL)
        odd: NDArray[np.bool_] = found != 0
        odd |= (lengths == 0) | (numbers[last] == feeds)
        return odd

    def _joined(self, tokens: Tokens, forms: dict[int, str], words: dict[int, list[str]]) -> _Read:
        known = self._vocabulary.words
        all_words = [known[number] for number in tokens.numbers.tolist()]
        ends = tokens.lengths.cumsum().tolist()
        every = [all_words[start:end] for start, end in zip([0, *ends], ends, strict=False)]
        joined = list(map(" ".join, every))
        for row, form in forms.items():
            joined[row], every[row] = form, words[row]
        return _Read(joined, every, tokens)


_EDGE: Final = 0
_ODD_NUMBER: Final = 1
_ODD_WORD: Final = ""
"""Stands for a chunk that is no word, or several; it has the number 1."""


class _Chunks(dict[str, int]):
    """The number of the word that a chunk of text is spelled as; `_ODD_NUMBER` where that is not one word."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__({EDGE: _EDGE})
        self._vocabulary = vocabulary

    def __missing__(self, chunk: str) -> int:
        word = spelled(chunk)
        number = self._vocabulary.number(word) if word and " " not in word else _ODD_NUMBER
        if len(chunk) <= KEPT_CHARS:
            self[chunk] = number
        return number


class _Feeds(dict[str, int]):
    """The number of the last word of a source's name, where its headlines may end in that."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self._vocabulary = vocabulary

    def __missing__(self, source: str) -> int:
        feed = feed_of(source) if source else None
        number = self[source] = _NO_FEED if feed is None else self._vocabulary.number(feed.last)
        return number


_NO_FEED: Final = -1
_ODD, _TRIGGER, _HEAD, _TAIL = (1 << bit for bit in range(4))


def _traits_of(word: str) -> int:
    """What may make a headline odd that holds such a word: wherever it is, at the start, or at the end."""
    return (
        _ODD * (word == _ODD_WORD)
        + _TRIGGER * (word in TRIGGERS)
        + _HEAD * (word in HEADS)
        + _TAIL * (word in TAILS)
    )


_traits: Final = Column(_traits_of)
