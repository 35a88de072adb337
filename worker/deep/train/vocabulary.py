"""The vocabulary of the encoder: the pieces of a pretrained model that headlines have."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from worker.deep.wordpiece import SPECIAL, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEWEST: Final = 7
"""A piece that was seen less often is left out, and the words that had it are cut into smaller ones."""


def pruned(pieces: Sequence[str], forms: Iterable[str], fewest: int = FEWEST) -> list[str]:
    """The pieces that are kept, in their order behind the special ones.

    Single ASCII letters and digits are always kept, so that every English word can be cut.

    Args:
        pieces: of the pretrained model.
        forms: match forms to count in.
        fewest: how often a kept piece was seen, at least.
    """
    every = [*SPECIAL, *(piece for piece in pieces if piece not in SPECIAL)]
    vocabulary = Vocabulary(every)
    seen: Counter[int] = Counter()
    for form in forms:
        seen.update(vocabulary.single(form).ids)
    return [
        piece
        for number, piece in enumerate(every)
        if piece in SPECIAL or seen[number] >= fewest or _is_character(piece)
    ]


def _is_character(piece: str) -> bool:
    letter = piece.removeprefix("##")
    return len(letter) == 1 and letter.isascii() and letter.isalnum()
