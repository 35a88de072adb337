"""A match form as the numbers of its word pieces, as the encoder was trained on them.

WordPiece (Wu et al., 2016, https://arxiv.org/abs/1609.08144) over a pruned vocabulary: words are cut greedily into the
longest pieces that it has.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SPECIAL: Final = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
UNKNOWN, BEGIN, END = 1, 2, 3

MOST_OF_ONE: Final = 48
"""Pieces of a headline that stands alone, at most,"""
MOST_OF_TWO: Final = 40
"""and of each of two."""

_LONGEST: Final = 24  # letters of a piece
_REMEMBERED: Final = 65_536
_WORDS: Final = re.compile(r"\w+|[^\w\s]")


class Row(NamedTuple):
    """The numbers of one input, and how many of them are of the first segment."""

    ids: list[int]
    first: int


class Vocabulary(dict[str, int]):
    """The pieces and their numbers. For one thread at a time: it remembers words, up to a bound."""

    def __init__(self, pieces: Sequence[str]) -> None:
        super().__init__({piece: number for number, piece in enumerate(pieces)})
        self._words: dict[str, list[int]] = {}

    @classmethod
    def load(cls, path: Path) -> Vocabulary:
        """The vocabulary of a file, a piece a line.

        Raises:
            UsageError: the file cannot be read, or is no vocabulary.
        """
        try:
            pieces = path.read_text("utf-8").removesuffix("\n").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"vocabulary {path}: cannot be read ({error}); install newswire anew") from error
        if tuple(pieces[: len(SPECIAL)]) != SPECIAL or len(set(pieces)) < len(pieces):
            raise UsageError(
                f"vocabulary {path}: is damaged: it has to begin with {' '.join(SPECIAL)}, a line each, and to name no"
                " piece twice; install newswire anew"
            )
        return cls(pieces)

    def single(self, form: str) -> Row:
        """A match form by itself."""
        ids = [BEGIN, *self._pieces(form, MOST_OF_ONE), END]
        return Row(ids, len(ids))

    def pair(self, one: str, other: str) -> Row:
        """Two match forms, in whichever order they are given."""
        return self.in_order(*sorted((one, other)))

    def in_order(self, first: str, second: str) -> Row:
        """Two match forms, in this order."""
        ids = [BEGIN, *self._pieces(first, MOST_OF_TWO), END]
        return Row([*ids, *self._pieces(second, MOST_OF_TWO), END], len(ids))

    def _pieces(self, form: str, most: int) -> list[int]:
        found: list[int] = []
        for word in _WORDS.findall(_without_accents(form)):
            pieces = self._words.get(word)
            if pieces is None:
                if len(self._words) >= _REMEMBERED:
                    self._words.clear()
                pieces = self._words[word] = self._cut(word)
            found += pieces
            if len(found) >= most:
                return found[:most]
        return found

    def _cut(self, word: str) -> list[int]:
        """The longest pieces from the front on; one for unknown where nothing fits."""
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(min(len(word), start + _LONGEST), start, -1):
                number = self.get(("##" if start else "") + word[start:end])
                if number is not None:
                    found.append(number)
                    start = end
                    break
            else:
                return [UNKNOWN]
        return found


def _without_accents(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        letter for letter in unicodedata.normalize("NFD", text) if unicodedata.category(letter) != "Mn"
    )
