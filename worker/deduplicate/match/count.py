"""Counts the words that the matcher knows: how rare each is, and whether it is a common word or a name.

Run as `python -m worker.deduplicate.match.count --headlines FILE --words FILE`; writes `words.tsv.gz` beside this
module. Only counts and classes of single words are kept, never a text.
"""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from worker.deduplicate.match.lexicon import BOTH, COMMON, NAME, UNSURE, WORDS
from worker.deduplicate.match.spelling import LONG_WORD, one_edit_away
from worker.normalize import match_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FEWEST = 2
"""A word in fewer headlines than this is kept only when a dictionary has it."""

OUTNUMBERED = 20
"""A word that no dictionary has is taken for a misspelling of one that so many times as many headlines have."""

SHORTEST = 5
"""Dictionary words shorter than this are of no use to the rule on mistyped letters and are left out."""


@click.command()
@click.option(
    "--headlines",
    "headline_files",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
)
@click.option(
    "--words", "word_files", multiple=True, required=True, type=click.Path(exists=True, path_type=Path)
)
def main(headline_files: tuple[Path, ...], word_files: tuple[Path, ...]) -> None:
    """Count words in HEADLINES (one a line, or in the last columns of a TSV), with dictionaries (one word a line)."""
    headlines = [headline for path in headline_files for headline in _headlines(path)]
    dictionary = {word for path in word_files for word in path.read_text("utf-8").split() if word.isalpha()}
    rows = list(_rows(headlines, dictionary))
    with gzip.GzipFile(WORDS, "wb", mtime=0) as out:
        out.write(f"{len(headlines)}\n".encode())
        out.writelines(f"{word}\t{count}\t{kind}\n".encode() for word, count, kind in rows)
    click.echo(f"{len(rows)} words of {len(headlines)} headlines in {WORDS}")


def _headlines(path: Path) -> Iterator[str]:
    content = path.read_bytes()
    text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    for line in text.splitlines():
        for field in line.split("\t"):
            if " " in field:
                yield field


def _rows(headlines: Iterable[str], dictionary: set[str]) -> Iterator[tuple[str, int, str]]:
    counts: Counter[str] = Counter()
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    for headline in headlines:
        counts.update(set(match_form(headline).split()))
        _count_case(headline, lower, upper)
    listed = {word.casefold() for word in dictionary if len(word) >= SHORTEST}
    for word in sorted(listed | {word for word, count in counts.items() if count >= FEWEST}):
        kind = _class(word, lower[word], upper[word], dictionary)
        if not (word not in listed and kind != NAME and _is_misspelling(word, counts, listed)):
            yield word, counts[word], kind


def _count_case(headline: str, lower: Counter[str], upper: Counter[str]) -> None:
    """Count a sentence-case headline's words by case; title case and all lower case say nothing and are passed over."""
    words = [word.strip(".,:;!?'\"()") for word in headline.split()][1:]
    words = [bare for word in words if (bare := word.removesuffix("'s").removesuffix("\u2019s"))]
    small = sum(word[0].islower() for word in words)
    if len(words) >= 4 and 2 * small > len(words) and small < len(words):
        for word in words:
            (upper if word[0].isupper() else lower)[word.casefold()] += 1


def _is_misspelling(word: str, counts: Counter[str], listed: set[str]) -> bool:
    """Whether a word is one letter away from a long word of the dictionary that is far more frequent."""
    if len(word) < LONG_WORD - 1 or not word.isalpha():
        return False
    often = OUTNUMBERED * counts[word]
    return any(counts[other] >= often for other in one_edit_away(word) & listed if len(other) >= LONG_WORD)


def _class(word: str, lower: int, upper: int, dictionary: set[str]) -> str:
    if upper > 2 * lower:
        return BOTH if lower and word in dictionary else NAME
    if word in dictionary or (lower > 2 * upper and lower >= 2):
        return COMMON
    if word.capitalize() in dictionary or upper:
        return NAME
    return UNSURE


if __name__ == "__main__":
    main()
