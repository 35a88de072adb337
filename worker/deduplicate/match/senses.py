"""What words mean to the matcher: synonyms, opposites, places, numbers and the classes that the rules read.

The words stand in `senses.txt`, an editor's file; this module reads it once, at import.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

SENSES = Path(__file__).with_name("senses.txt")

CLASSES = (
    "amount", "angle", "bound", "clause", "club", "connector", "doubt", "filler", "forename", "form", "hedge",
    "idle", "namesake", "narrow", "negation", "new", "office", "particle", "passive", "person", "plan",
    "question", "region", "scope", "shift", "speech", "team", "thing", "title", "turn", "undo",
)  # fmt: skip
"""The kinds of `senses.txt` that only put words into a class."""


class Senses(NamedTuple):
    """The contents of `senses.txt`, arranged for look-ups by single words and phrases.

    `canonical` maps a word to the one that stands for its group, `phrases` the first word of a phrase to its
    possible continuations, longest first, each with its canonical word. `near` and `closed` map a canonical word to
    the numbers of the sets it is in, `opposite` to the signed numbers of its sides: n against -n.
    """

    canonical: dict[str, str]
    phrases: dict[str, list[tuple[tuple[str, ...], str]]]
    lemma: dict[str, str]
    number: dict[str, str]
    places: frozenset[str]
    near: dict[str, frozenset[int]]
    closed: dict[str, frozenset[int]]
    opposite: dict[str, frozenset[int]]
    classes: dict[str, frozenset[str]]


def read(path: Path = SENSES) -> Senses:
    """Read an editor's file of senses. Raises ValueError for a line that it does not understand."""
    canonical: dict[str, str] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    lemma: dict[str, str] = {}
    number: dict[str, str] = {}
    places: set[str] = set()
    sets: dict[str, dict[str, set[int]]] = {"near": {}, "closed": {}, "opposite": {}}
    classes: dict[str, set[str]] = {kind: set() for kind in CLASSES}
    for at, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        kind, _, rest = line.partition("#")[0].partition(":")
        words = rest.split()
        if not words:
            continue
        match kind:
            case "same":
                _group(words, canonical, phrases)
            case "place":
                _group(words, canonical, phrases)
                places.add(words[0])
            case "irregular":
                lemma.update(dict.fromkeys(words, words[0]))
            case "number":
                number[words[0]] = words[1]
            case "near" | "closed" | "opposite":
                _add_set(sets[kind], words, at)
            case _ if kind in classes:
                classes[kind].update(words)
            case _:
                raise ValueError(f"{path}:{at}: unknown kind {kind!r}; see the head of the file")
    for known in phrases.values():
        known.sort(key=lambda entry: (-len(entry[0]), entry[0]))
    near, closed, opposite = (
        {word: frozenset(numbers) for word, numbers in sets[kind].items()}
        for kind in ("near", "closed", "opposite")
    )
    frozen = {kind: frozenset(words) for kind, words in classes.items()}
    return Senses(canonical, phrases, lemma, number, frozenset(places), near, closed, opposite, frozen)


def _add_set(sets: dict[str, set[int]], words: list[str], number: int) -> None:
    """Put words into the set of this number; those behind a slash into the one of the negative number."""
    for word in words:
        if word == "/":
            number = -number
        else:
            sets.setdefault(word, set()).add(number)


def _group(
    words: list[str], canonical: dict[str, str], phrases: dict[str, list[tuple[tuple[str, ...], str]]]
) -> None:
    """Map every word and phrase of a group to the group's first word (in its single-word form)."""
    for word in words:
        first, *others = word.split("_")
        if others:
            phrases.setdefault(first, []).append((tuple(others), words[0]))
        else:
            canonical[word] = words[0]


ENGLISH = read()
