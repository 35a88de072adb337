"""Pairs that are made up: a headline, and itself with words altered so that it says something else, or the same.

What is altered comes from the tables of `worker.deduplicate.match.senses`; the pairs teach what a single word can do,
of which labelled pairs have too few examples. They are not always good English, nor always right.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from worker.deduplicate.match.senses import ENGLISH
from worker.deduplicate.match.tokens import FILLER, NAME, NUMBER, PLACE, PLAN, TITLE, token
from worker.deep.train.examples import Example
from worker.labels import Relation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Words = list[str]
    T = TypeVar("T")

LENGTHS: Final = range(4, 17)
"""Words of a headline that is altered."""
PART_OTHER: Final = 0.6
"""Of the pairs say something else."""

OTHER: Final = {
    "opposite": 4, "number": 3, "name": 3, "place": 2, "closed": 2, "negation": 3, "hedge": 2, "scope": 1, "role": 1,
    "plan": 3, "modifier": 3, "exchange": 2, "verb": 2,
}  # fmt: skip
"""Kinds that say something else, by how often they are drawn; the pair is of one story."""
SAME: Final = {"synonym": 4, "digits": 2, "filler": 2, "typo": 1, "source": 1}
"""Kinds that say the same; the pair is a duplicate."""

_AUXILIARIES: Final = frozenset(("will", "is", "are", "was", "can", "does", "did", "has", "could", "should"))
_NEGATIONS: Final = frozenset(("not", "no", "never"))
_HEDGES: Final = (
    "reportedly", "allegedly", "may", "could", "might", "possibly", "likely", "report", "rumored", "planned",
    "suspected", "alleged", "fake", "former", "almost", "nearly", "unconfirmed",
)  # fmt: skip
_SCOPES: Final = ("some", "most", "half of", "few", "more", "all", "only some")
_ROLES: Final = (
    "spokesman for", "lawyer for", "wife of", "former", "rival of", "brother of", "vice", "deputy",
)  # fmt: skip
_PLANS: Final = (
    "plans to", "set to", "threatens to", "wants to", "may", "agrees to", "fails to", "refuses to", "asked to",
    "urged to", "will",
)  # fmt: skip
_SOURCES: Final = ("report", "police", "officials", "police say", "says report", "sources", "official")
_SOURCE_FIRST: Final = 0.3
_FILLERS: Final = frozenset(("the", "a", "an", "his", "her", "its", "has", "have", "is", "are", "of", "that"))
_SWAPPED, _DROPPED = 0.4, 0.7  # of the typing mistakes; the others double a letter
_NUMBER: Final = re.compile(r"\$?\d+(\.\d+)?(%|m|bn|k|th)?")
_SMALL: Final = range(2, 13)
_FOR_NAMES, _FOR_VERBS, _FOR_WORDS = 20_000, 9_000, 6_000  # headlines that words are taken from


class Alterations:
    """Makes up pairs.

    Args:
        forms: match forms, to alter and to take words from.
        seed: the same forms and seed give the same pairs.
    """

    def __init__(self, forms: Sequence[str], seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._forms = [form.split() for form in forms if len(form.split()) in LENGTHS]
        self._names = [
            word for words in self._forms[:_FOR_NAMES] for word in words if _is_name(word) and len(word) > 3
        ]
        self._verbs = [
            word for words in self._forms[:_FOR_VERBS] for word in words[1:3] if _is_inflected(word)
        ]
        self._common = [
            word
            for words in self._forms[:_FOR_WORDS]
            for word in words
            if len(word) > 4
            and token(word).key == word
            and not token(word).flags & (NAME | NUMBER | FILLER | TITLE | PLAN)
        ]
        self._kinds: dict[str, Callable[[Words], Words | None]] = {
            "opposite": self._opposite, "number": self._number, "name": self._name, "place": self._place,
            "closed": self._closed, "negation": self._negation, "hedge": self._hedge, "scope": self._scope,
            "role": self._role, "plan": self._plan, "modifier": self._modifier, "exchange": self._exchange,
            "verb": self._verb, "synonym": self._synonym, "digits": self._digits, "filler": self._filler,
            "typo": self._typo, "source": self._source,
        }  # fmt: skip

    def draw(self, number: int) -> list[Example]:
        """So many pairs; none where no headline is of a length to be altered."""
        pairs: list[Example] = []
        other, same = _spread(OTHER), _spread(SAME)
        while self._forms and len(pairs) < number:
            says_other = self._random.random() < PART_OTHER
            kind = self._one_of(other if says_other else same)
            words = self._one_of(self._forms)
            altered = self.altered(kind, words)
            if altered is not None:
                relation = Relation.SAME_STORY if says_other else Relation.DUPLICATE
                pairs.append(Example.of(relation, " ".join(words), " ".join(altered)))
        return pairs

    def altered(self, kind: str, words: Words) -> Words | None:
        """A headline altered in one way, a key of OTHER or SAME; None where there is nothing to alter."""
        altered = self._kinds[kind](words)
        return None if altered == words else altered

    def _opposite(self, words: Words) -> Words | None:
        def sides(word: str) -> list[str]:
            return _OPPOSITES.get(word) or _OPPOSITES.get(token(word).key, [])

        at = self._where(words, lambda word: bool(sides(word)))
        return None if at is None else _put(words, at, _inflected(self._one_of(sides(words[at])), words[at]))

    def _number(self, words: Words) -> Words | None:
        at = self._where(words, lambda word: word in _VALUES or _NUMBER.fullmatch(word) is not None)
        if at is None:
            return None
        word = words[at]
        if word in _VALUES:
            return _put(words, at, self._one_of([other for other in _VALUES if other != word]))
        digit = self._one_of([place for place, letter in enumerate(word) if letter.isdigit()])
        other = self._one_of([figure for figure in "123456789" if figure != word[digit]])
        return _put(words, at, word[:digit] + other + word[digit + 1 :])

    def _name(self, words: Words) -> Words | None:
        at = self._where(words, lambda word: _is_name(word) and len(word) > 2)
        return None if at is None or not self._names else _put(words, at, self._one_of(self._names))

    def _place(self, words: Words) -> Words | None:
        at = self._where(words, lambda word: word in _GROUP_OF and _GROUP_OF[word] in _PLACES)
        if at is None:
            return None
        here, there = _PLACES[_GROUP_OF[words[at]]], self._one_of(list(_PLACES.values()))
        # A demonym for a demonym.
        return _put(words, at, there[min(here.index(words[at]), len(there) - 1)])

    def _closed(self, words: Words) -> Words | None:
        at = self._where(words, _CLOSED.__contains__)
        return None if at is None else _put(words, at, self._one_of(_CLOSED[words[at]]))

    def _negation(self, words: Words) -> Words | None:
        for at, word in enumerate(words):
            if word in _AUXILIARIES:
                return [*words[: at + 1], "not", *words[at + 1 :]]
            if word in _NEGATIONS:
                return words[:at] + words[at + 1 :]
        return None

    def _hedge(self, words: Words) -> Words | None:
        return _before(words, int(self._random.integers(len(words))), self._one_of(_HEDGES))

    def _scope(self, words: Words) -> Words | None:
        at = self._where(
            words,
            lambda word: word.endswith("s") and len(word) > 4 and not token(word).flags & (NAME | FILLER),
        )
        return None if at is None else _before(words, at, self._one_of(_SCOPES))

    def _role(self, words: Words) -> Words | None:
        at = self._where(words, _is_named)
        return None if at is None else _before(words, at, self._one_of(_ROLES))

    def _plan(self, words: Words) -> Words | None:
        at = self._where(words, _is_inflected, first=1)
        return None if at is None else _put(words, at, f"{self._one_of(_PLANS)} {token(words[at]).key}")

    def _modifier(self, words: Words) -> Words | None:
        at = self._where(words, _is_plain, first=1)
        return None if at is None or not self._common else _before(words, at, self._one_of(self._common))

    def _exchange(self, words: Words) -> Words | None:
        named = [at for at, word in enumerate(words) if _is_named(word)]
        if len(named) < 2 or named[-1] - named[0] < 2:
            return None
        altered = list(words)
        altered[named[0]], altered[named[-1]] = words[named[-1]], words[named[0]]
        return altered

    def _verb(self, words: Words) -> Words | None:
        at = self._where(words[:-1], _is_inflected, first=1)
        if at is None or not self._verbs:
            return None
        other = self._one_of(self._verbs)
        return None if token(other).key == token(words[at]).key else _put(words, at, other)

    def _synonym(self, words: Words) -> Words | None:
        text = f" {' '.join(words)} "
        found = [phrase for phrase in _phrases_in(words) if f" {phrase} " in text]
        if not found:
            return None
        phrase = self._one_of(found)
        return text.replace(f" {phrase} ", f" {self._one_of(_GROUPS[_GROUP_OF[phrase]])} ", 1).split()

    def _digits(self, words: Words) -> Words | None:
        at = self._where(words, lambda word: word in _VALUES or word in _WORDS)
        return None if at is None else _put(words, at, _VALUES.get(words[at]) or _WORDS[words[at]])

    def _filler(self, words: Words) -> Words | None:
        at = self._where(words, _FILLERS.__contains__)
        return None if at is None else words[:at] + words[at + 1 :]

    def _typo(self, words: Words) -> Words | None:
        at = self._where(words, lambda word: len(word) > 6 and not token(word).flags & (NAME | NUMBER))
        if at is None:
            return None
        word, how = words[at], self._random.random()
        letter = int(self._random.integers(1, len(word) - 1))
        if how < _SWAPPED:
            return _put(words, at, word[:letter] + word[letter + 1] + word[letter] + word[letter + 2 :])
        return _put(words, at, word[: letter + (how >= _DROPPED)] + word[letter + (how < _DROPPED) :])

    def _source(self, words: Words) -> Words | None:
        source = self._one_of(_SOURCES).split()
        return [*source, *words] if self._random.random() < _SOURCE_FIRST else [*words, *source]

    def _where(self, words: Words, fits: Callable[[str], bool], first: int = 0) -> int | None:
        """The place of one of the words that fit, from the first that may be meant on."""
        found = [at for at, word in enumerate(words) if at >= first and fits(word)]
        return self._one_of(found) if found else None

    def _one_of(self, choices: Sequence[T]) -> T:
        return choices[int(self._random.integers(len(choices)))]


def _put(words: Words, at: int, instead: str) -> Words:
    return [*words[:at], *instead.split(), *words[at + 1 :]]


def _before(words: Words, at: int, further: str) -> Words:
    return [*words[:at], *further.split(), *words[at:]]


def _is_named(word: str) -> bool:
    return bool(token(word).flags & NAME) and not token(word).flags & NUMBER


def _is_name(word: str) -> bool:
    return _is_named(word) and not token(word).flags & PLACE


def _is_inflected(word: str) -> bool:
    """Likely a verb of the third person, or a plural."""
    return len(word) > 4 and word.endswith("s") and token(word).key != word and not token(word).flags & NAME


def _is_plain(word: str) -> bool:
    found = token(word)
    is_plain = len(word) > 4 and found.key == word and not found.flags & (FILLER | NUMBER | TITLE)
    return is_plain or word.endswith("s")


def _inflected(plain: str, like: str) -> str:
    """A word with the ending of another."""
    if like.endswith("s") and not token(like).key.endswith("s"):
        return plain + ("es" if plain.endswith(("s", "x", "ch", "sh")) else "s")
    for ending in ("ed", "ing"):
        if like.endswith(ending):
            return plain.removesuffix("e") + ending
    return plain


def _spread(kinds: dict[str, int]) -> list[str]:
    return [kind for kind, times in kinds.items() for _ in range(times)]


def _phrases_in(words: Words) -> Iterable[str]:
    """The words and phrases that have synonyms and begin as a word here does."""
    for word in words:
        if word in _GROUP_OF:
            yield word
        yield from (" ".join((word, *others)) for others, _ in ENGLISH.phrases.get(word, ()))


def _groups() -> dict[str, list[str]]:
    """The words and phrases that stand for each other, by the one that stands for all."""
    groups: dict[str, list[str]] = defaultdict(list)
    for word, first in ENGLISH.canonical.items():
        groups[first].append(word)
    for word, phrases in ENGLISH.phrases.items():
        for others, first in phrases:
            groups[first].append(" ".join((word, *others)))
    return dict(groups)


def _across(sets: dict[str, frozenset[int]], sign: int) -> dict[str, list[str]]:
    """The words of the sets that a word's sets have the number of, times the sign."""
    members: dict[int, list[str]] = defaultdict(list)
    for word, numbers in sets.items():
        for number in sorted(numbers):
            members[number].append(word.replace("_", " "))
    return {
        word: [other for number in sorted(numbers) for other in members[sign * number] if other != word]
        for word, numbers in sets.items()
    }


_GROUPS: Final = _groups()
_GROUP_OF: Final = {phrase: first for first, group in _GROUPS.items() for phrase in group}
_PLACES: Final = {first: group for first, group in _GROUPS.items() if first in ENGLISH.places}
_OPPOSITES: Final = _across(ENGLISH.opposite, -1)
_CLOSED: Final = {word: others for word, others in _across(ENGLISH.closed, 1).items() if others}
_VALUES: Final = {
    word: value for word, value in ENGLISH.number.items() if value.isdigit() and int(value) in _SMALL
}
_WORDS: Final = {value: word for word, value in reversed(_VALUES.items())}
