"""Surnames that look like a word with a letter mistyped: "carpentier" beside "carpenter".

`surnames.txt` holds those that the rule on mistyped words would take for one another, and no others; `pick` makes it.
"""

from __future__ import annotations

from pathlib import Path

SURNAMES = Path(__file__).with_name("surnames.txt")

FREQUENT, RARE = "frequent", "rare"
"""The kinds of lines. A frequent surname is a name whatever is like it; a rare one only beside another."""


def are_two(one: str, other: str) -> bool:
    """Whether two words that differ may be two surnames."""
    return one in _FREQUENT or other in _FREQUENT or (one in _ALL and other in _ALL)


def read(path: Path = SURNAMES) -> dict[str, frozenset[str]]:
    """The surnames of each kind."""
    kinds: dict[str, set[str]] = {FREQUENT: set(), RARE: set()}
    for line in path.read_text("utf-8").splitlines():
        kind, _, names = line.partition("#")[0].partition(":")
        if names:
            kinds[kind].update(names.split())
    return {kind: frozenset(names) for kind, names in kinds.items()}


_KINDS = read()
_FREQUENT = _KINDS[FREQUENT]
_ALL = _FREQUENT | _KINDS[RARE]
