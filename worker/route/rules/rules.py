"""The rules, and which of them decides on a headline: the first in the file that fits.

An inverted index finds those that may fit: each rule is filed under one word of each alternative of one condition, or
under its sources or languages where it has no words. All of it is exact, and the same on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.language import UND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FORMAT: Final = 1
"""Raised when the same file comes to mean something else."""


class Rule(NamedTuple):
    """One rule: what all must hold of a headline, and where it goes then.

    `name` and `line` are those of the file. `topic` is a slug or `unsorted`, `also` are slugs. `needed` are
    conditions each of which needs one of its terms, `unwanted` terms that must not be there; terms are match forms of
    a word or of several. `sources` are casefolded, `languages` primary subtags, `und` for a headline
    without one; empty ones ask for nothing.
    """

    name: str
    line: int
    topic: str
    also: tuple[str, ...] = ()
    needed: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def fits(self, padded: str, source: str, language: str) -> bool:
        """Whether the rule decides on a headline.

        Args:
            padded: its match form between two spaces.
            source: casefolded.
            language: its primary subtag, or `und`.
        """
        return (
            all(any(f" {term} " in padded for term in terms) for terms in self.needed)
            and not any(f" {term} " in padded for term in self.unwanted)
            and (not self.sources or source in self.sources)
            and (not self.languages or language in self.languages)
        )

    @property
    def conditions(self) -> tuple[object, ...]:
        """What the rule asks for, for comparison with another's."""
        needed = frozenset(frozenset(terms) for terms in self.needed)
        return needed, frozenset(self.unwanted), frozenset(self.sources), frozenset(self.languages)


class Rules:
    """Rules in the order of their file."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules: Final[tuple[Rule, ...]] = tuple(rules)
        words, sources, languages = _filed(self._rules)
        self._by_word: Final = words
        self._by_source: Final = sources
        self._by_language: Final = languages
        self.version: Final = f"rules-{FORMAT}.{_fingerprint(self._rules)}"
        """By the rules' content, whatever the file is called and however it is laid out."""

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def decide(self, match: str, source: str, language: str | None) -> Rule | None:
        """The first rule that fits a headline.

        Args:
            match: the match form.
            source: as the feed names itself.
            language: a BCP 47 tag, or None where nobody knows.
        """
        source = source.casefold()
        primary = language.partition("-")[0].lower() if language else UND
        tokens = match.split(" ")
        found = [*self._by_source.get(source, ()), *self._by_language.get(primary, ())]
        by_word = self._by_word
        if not by_word.keys().isdisjoint(tokens):
            for token in tokens:
                found += by_word.get(token, ())
        if not found:
            return None
        padded = f" {match} "
        for number in sorted(set(found)):
            rule: Rule = self._rules[number]
            if rule.fits(padded, source, primary):
                return rule
        return None


def _filed(rules: Sequence[Rule]) -> tuple[dict[str, list[int]], dict[str, list[int]], dict[str, list[int]]]:
    """The numbers of the rules by the words, the sources and the languages that they are filed under."""
    words: defaultdict[str, list[int]] = defaultdict(list)
    sources: defaultdict[str, list[int]] = defaultdict(list)
    languages: defaultdict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(rules):
        if rule.needed:
            narrowest = min(rule.needed, key=_breadth)
            _file(words, number, map(_telling, narrowest))
        elif rule.sources:
            _file(sources, number, rule.sources)
        else:
            _file(languages, number, rule.languages)
    return dict(words), dict(sources), dict(languages)


def _file(filed: defaultdict[str, list[int]], number: int, under: Iterable[str]) -> None:
    for key in dict.fromkeys(under):
        filed[key].append(number)


def _telling(term: str) -> str:
    """The word of a term that is likely the rarest: the longest."""
    return max(term.split(" "), key=len)


def _breadth(terms: tuple[str, ...]) -> tuple[int, int]:
    """Few alternatives of long words are met least."""
    return len(terms), -min(len(_telling(term)) for term in terms)


def _fingerprint(rules: Sequence[Rule]) -> str:
    content = json.dumps([rule._replace(line=0) for rule in rules], separators=(",", ":"))
    return hashlib.blake2b(content.encode(), digest_size=4).hexdigest()
