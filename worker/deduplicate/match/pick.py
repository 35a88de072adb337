"""Picks the surnames that could be taken for a mistyped word, out of lists of names.

Run as `python -m worker.deduplicate.match.pick --surnames FILE --forenames FILE`; writes `surnames.txt` beside this
module. The files have a name at the head of each line, the most frequent first.
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.deduplicate.match import lexicon
from worker.deduplicate.match.spelling import LONG_WORD, looks_mistyped, one_edit_away
from worker.deduplicate.match.surnames import FREQUENT, RARE, SURNAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

FREQUENT_NAMES = 1_000
"""So many of the most frequent surnames are names whatever is like them. Twice as many take "champion" for one."""

HEAD = """\
# Surnames that look like a word, or like another surname, with a letter mistyped. Made by `pick`; see README.md.
"""

_FILE = click.Path(exists=True, path_type=Path)


@click.command()
@click.option("--surnames", "surname_file", required=True, type=_FILE)
@click.option("--forenames", "forename_files", multiple=True, type=_FILE)
def main(surname_file: Path, forename_files: tuple[Path, ...]) -> None:
    """Pick out of lists of surnames and forenames, which are surnames too."""
    surnames = _names(surname_file)
    frequent = frequent_names(surnames[:FREQUENT_NAMES])
    forenames = [name for path in forename_files for name in _names(path)]
    rare = mistakable({*surnames, *forenames}) - frequent
    lines = [*_lines(FREQUENT, frequent), *_lines(RARE, rare)]
    SURNAMES.write_text(HEAD + "\n".join(lines) + "\n", "utf-8")
    click.echo(f"{len(frequent)} frequent and {len(rare)} rare names in {SURNAMES}")


def frequent_names(names: Collection[str]) -> set[str]:
    """Those of the names that the lexicon does not have as names already."""
    known = {name for name in names if lexicon.is_known(name) and not lexicon.is_word(name)}
    return {name for name in names if len(name) >= LONG_WORD - 1} - known


def mistakable(names: Collection[str]) -> set[str]:
    """Those of the names that the rule on mistyped words would take for another of them."""
    listed = {name for name in names if len(name) >= LONG_WORD - 1}
    return {
        name
        for name in listed
        if any(other != name and looks_mistyped(name, other) for other in one_edit_away(name) & listed)
    }


def _names(path: Path) -> Sequence[str]:
    return [line.split()[0].casefold() for line in path.read_text("utf-8").splitlines() if line.strip()]


def _lines(kind: str, names: Collection[str]) -> Sequence[str]:
    return [f"{kind}: {line}" for line in textwrap.wrap(" ".join(sorted(names)), 108)]


if __name__ == "__main__":
    main()
