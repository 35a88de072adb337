"""Makes the table of evidence out of lists of words by language.

Run as `python -m worker.language.train --words FOLDER`; writes `languages.table` beside this module. FOLDER has a file
`topwords-<language>.txt.gz` for each language: a line of comment, then a word and the natural logarithm of its share of
the language's words, a line each, the most frequent first. README.md says where ours are from.
"""

from __future__ import annotations

import gzip
import json
import math
from array import array
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zlib import crc32

import click
import numpy as np

from worker.deduplicate.match import lexicon
from worker.language import table
from worker.language.languages import ARABIC, COUNTED, CYRILLIC, DEVANAGARI, ENGLISH, ETHIOPIC, LATIN
from worker.normalize.tokens import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

UNIT: Final = 4
"""Steps of a natural unit of log-odds."""

UNCOUNTED: Final = -14.0
"""Where a word that a language's list does not have is taken to stand; the lists end at -12."""

MOST_WORDS: Final = 9_000
"""Words of each language that are kept."""

COMMON_TO: Final = 9
"""A rare word that so many languages have is a name, or a word of the trade: it says nothing."""

RARE: Final = -8.0

WORDS_A_HEADLINE: Final = 9
RAREST: Final = -12.5
"""Where a word of the dictionary that no headline has is taken to stand."""

RUN: Final = 3
PROFILED: Final = 10
"""So many letters of the profiles, which count whole texts, weigh as much as one of a list of words."""

MERGED: Final = {"no": ("no", "nn")}
"""Languages that are made of several lists, each counting as much."""

_MOST: Final = 60


@click.command()
@click.option("--words", "folder", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--profiles", required=True, type=click.Path(exists=True, path_type=Path))
def main(folder: Path, profiles: Path) -> None:
    """Make the table out of the lists of words in FOLDER and the runs of letters in PROFILES."""
    lists = {language: _read(folder, language) for language in COUNTED if language not in DEVANAGARI}
    lists[ENGLISH] = _with_headlines(lists[ENGLISH])
    words = _scores(lists)
    hashes = {crc32(word.encode()): word for word in sorted(words, reverse=True)}
    ends, columns, scores, english = [0], bytearray(), bytearray(), bytearray()
    for hashed in sorted(hashes):
        row = words[hashes[hashed]]
        for language in sorted(row, key=COUNTED.index):
            columns.append(COUNTED.index(language))
            scores.append(row[language])
        ends.append(len(columns))
        others = max((score for language, score in row.items() if language != ENGLISH), default=0)
        english.append(table.NEUTRAL + row.get(ENGLISH, 0) - others)
    made = table.Table(
        COUNTED, array("I", sorted(hashes)), array("I", ends), bytes(columns), bytes(scores), bytes(english),
        _grams(lists, profiles),
    )  # fmt: skip
    table.save(made)
    click.echo(
        f"{len(hashes)} words, {len(scores)} scores: {table.PATH.stat().st_size} bytes in {table.PATH}"
    )


def _read(folder: Path, language: str) -> dict[str, float]:
    """The natural logarithm of each word's share, words spelled as match forms spell them."""
    shares: defaultdict[str, float] = defaultdict(float)
    lists = MERGED.get(language, (language,))
    for name in lists:
        for word, log_share in _lines(folder / f"topwords-{name}.txt.gz"):
            spelled = words_of(word)
            if len(spelled) == 1 and spelled[0].isalpha():
                shares[spelled[0]] += math.exp(log_share) / len(lists)
    often = sorted(shares, key=lambda word: (-shares[word], word))[:MOST_WORDS]
    return {word: math.log(shares[word]) for word in often}


def _lines(path: Path) -> Iterator[tuple[str, float]]:
    for line in gzip.decompress(path.read_bytes()).decode().splitlines()[1:]:
        word, log_share = line.split(" ")
        yield word, float(log_share)


def _scores(lists: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, int]]:
    """Of each word its score in each language that has it."""
    words: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for language, shares in lists.items():
        for word, log_share in shares.items():
            words[word][language] = log_share
    return {
        word: {language: _score(log_share) for language, log_share in row.items()}
        for word, row in words.items()
        if len(row) < COMMON_TO or max(row.values()) > RARE
    }


def _score(log_share: float) -> int:
    return min(_MOST, max(1, round(UNIT * (log_share - UNCOUNTED))))


def _with_headlines(shares: Mapping[str, float]) -> dict[str, float]:
    """The English words, with those that English headlines have more often, names left out."""
    found = dict(shares)
    for word in lexicon.words():
        if lexicon.is_word(word) and word.isalpha():
            in_headlines = -lexicon.rarity(word) * math.log(2) / 4 - math.log(WORDS_A_HEADLINE)
            found[word] = max(found.get(word, UNCOUNTED), in_headlines, RAREST)
    return found


def _grams(lists: Mapping[str, Mapping[str, float]], profiles: Path) -> bytes:
    """How likely each run of letters is in a word of each language, every listed word but the frequent ones once."""
    counts = np.ones((table.GRAM_BUCKETS, len(COUNTED)))
    for column, language in enumerate(COUNTED):
        if language in DEVANAGARI:
            for run, count in json.loads((profiles / language).read_text("utf-8"))["freq"].items():
                if len(run) == RUN:
                    marked = run.replace(" ", "^", 1) if run[0] == " " else run.replace(" ", "$")
                    counts[table.bucket(marked), column] += count / PROFILED
            continue
        for word, log_share in lists[language].items():
            if log_share < RARE:
                for bucket in table.gram_buckets(word):
                    counts[bucket, column] += 1
    log_shares = np.log(counts / counts.sum(axis=0))
    for script in (LATIN, CYRILLIC, ARABIC, ETHIOPIC, DEVANAGARI):
        start, end = COUNTED.index(script[0]), COUNTED.index(script[-1]) + 1
        log_shares[:, start:end] -= log_shares[:, start:end].min(axis=1, keepdims=True)
    content: bytes = np.rint(UNIT * log_shares).clip(0, 255).astype(np.uint8).tobytes()
    return content


if __name__ == "__main__":
    main()
