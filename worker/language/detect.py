"""The language of a headline, by its match form. Integers only: the same on every machine."""

from __future__ import annotations

from struct import Struct as Layout
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.language.evidence import LANE_BITS, MOST_WORDS, SCORE, English, Vectors
from worker.language.languages import ENGLISH, LANES, LATIN, OTHER, UND
from worker.tokens import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.tokens import Tokens


def detect(match: str) -> Language:
    """The language of a match form (`worker.normalize.match_form`)."""
    return examine(match.split(" "))


def examine(tokens: Sequence[str]) -> Language:
    """The language of a match form's tokens; of them the first `MOST_WORDS`."""
    if len(tokens) > MOST_WORDS:
        tokens = tokens[:MOST_WORDS]
    if sum(map(_english, tokens)) >= PLAINLY:
        return _ENGLISH
    found = _decided(sum(map(_vector, tokens)), len(tokens))
    return _UNDETERMINED if found.foreign and _may_be_english(tokens) else found


def examine_batch(tokens: Tokens, words: Sequence[Sequence[str]]) -> list[Language]:
    """What `examine` says of each of `words` (n,), of which `tokens` are the same headlines.

    A word more that is of no language, such as an ellipsis, may stand among the tokens of a headline.
    """
    leads = np.add.reduceat(_gains.of(tokens.vocabulary, tokens.numbers), tokens.starts)
    plain = (leads >= PLAINLY) & (tokens.lengths <= MOST_WORDS)
    return [
        _ENGLISH if is_plain else examine(of_one)
        for is_plain, of_one in zip(plain.tolist(), words, strict=True)
    ]


class Language(NamedTuple):
    """`language` is a BCP 47 tag or `und`; `foreign` says that the headline is surely not English."""

    language: str
    foreign: bool


PLAINLY: Final = 16
"""By how much English must lead, word by word against the language that has most of the word, to be told at once.
Like all scores in quarters of a natural unit of log-odds."""

LEAD: Final = 14
"""By how much a language must lead the next one where two words or half of all are frequent ones of it."""

LEAD_ONE: Final = 26
"""The same where one is."""

LEAD_NONE: Final = 40
"""The same where none is: names have none, and their letters speak for the language that they are from."""

LEAD_A_WORD: Final = 1
"""And by how much more for each word of the headline."""

TELLING: Final = 4
"""From where on a word's lead for or against English counts, when words are counted instead of weighed."""


def _decided(total: int, words: int) -> Language:
    layout = _LATIN if total < 1 << LANE_BITS * len(LATIN) else _ALL
    values = list(layout.unpack(total.to_bytes(layout.size, "little")))
    best = max(values)
    lane = values.index(best)
    score, frequent = divmod(best, SCORE)
    lead = LEAD if frequent > 1 or 2 * frequent >= words else LEAD_ONE if frequent else LEAD_NONE
    others = score - lead - LEAD_A_WORD * words
    foreign = lane >= len(LATIN) or (lane > 0 and values[0] // SCORE <= others)
    values[lane] = 0
    sure = max(values) // SCORE <= others and LANES[lane] != OTHER
    return Language(LANES[lane] if sure else UND, foreign)


def _may_be_english(tokens: Sequence[str]) -> bool:
    """Whether two words are English ones for three of another language, which then may be names."""
    gains = [_english(token) if token.isascii() else -TELLING for token in tokens]
    english = sum(gain >= TELLING for gain in gains)
    return english > 1 and 3 * english >= 2 * sum(gain <= -TELLING for gain in gains)


_UNDETERMINED: Final = Language(UND, foreign=False)
_ENGLISH: Final = Language(ENGLISH, foreign=False)
_ALL: Final = Layout(f"<{len(LANES)}H")
_LATIN: Final = Layout(f"<{len(LATIN)}H")
_english: Final = English().__getitem__
_gains: Final = Column(_english)
_vector: Final = Vectors().__getitem__
