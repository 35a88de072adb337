"""How often the matching rule calls two headlines duplicates that differ in one word, drawn to change the sense.

    python tests/benchmarks/swaps.py FILE [--headlines 3000] [--swaps 3] [--seed 1] [--list FILE]

FILE has headlines, one a line (.gz too). In each of some headlines, one word is exchanged for another of its class
from the same file: a name for a name, a verb for a verb in the same form, a plural for a plural, another word for
another, each about as frequent. Words that the rule itself takes for one and the same (inflections, synonyms) are
never exchanged, nor are small words and numbers. Printed is the share that is called a duplicate, by class, with its
95% interval (Wilson); listed, if wanted, are these pairs.
"""

from __future__ import annotations

import argparse
import gzip
import random
import re
import sys
from collections import Counter, defaultdict
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from worker.deduplicate.match import judge
from worker.deduplicate.match.tokens import FILLER, NAME, NUMBER, token
from worker.events import Kind
from worker.normalize import clean, match_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WORD = re.compile(r"(?<![\w'.&-])[A-Za-z]{3,}(?![\w'.&-])")


def main() -> None:
    """Swap, judge and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="headlines, one a line (.gz too)")
    parser.add_argument("--headlines", type=int, default=3_000)
    parser.add_argument("--swaps", type=int, default=3, help="of each headline")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--list", type=Path, help="write what is called a duplicate")
    options = parser.parse_args()
    headlines = [clean(line)[0] for line in read(options.file)]
    draw = random.Random(options.seed)
    vocabulary = classified(headlines)
    tried: Counter[str] = Counter()
    taken: dict[str, list[str]] = defaultdict(list)
    for headline in draw.sample(headlines, min(options.headlines, len(headlines))):
        for kind, swapped in swaps(headline, vocabulary, options.swaps, draw):
            tried[kind] += 1
            found = judge(match_form(headline), match_form(swapped))
            if found.kind is Kind.DUPLICATE:
                taken[kind].append(f"{kind}\t{found.reason}\t{headline}\t{swapped}")
    for kind in sorted(tried):
        print(row(kind, len(taken[kind]), tried[kind]))
    print(row("all", sum(map(len, taken.values())), tried.total()))
    if options.list:
        lines = [line for kind in sorted(taken) for line in taken[kind]]
        options.list.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def read(path: Path) -> list[str]:
    """The lines of a file, compressed or not; ends the program where it cannot be read."""
    try:
        if path.suffix == ".gz":
            return gzip.decompress(path.read_bytes()).decode().splitlines()
        return path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{path}: {error}; give a file of headlines in UTF-8, one a line")


def row(kind: str, taken: int, tried: int) -> str:
    """A line of the table: the share of `tried` that was `taken`, with its 95% interval."""
    z = 1.96
    share = taken / tried
    middle = (share + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z * sqrt(share * (1 - share) / tried + z * z / (4 * tried * tried)) / (1 + z * z / tried)
    return f"{kind:<12}{taken:>7} of {tried:<7}{share:>8.2%}  ({max(0, middle - half):.2%} to {middle + half:.2%})"


Classes = dict[tuple[str, int], list[str]]


def classified(headlines: Iterable[str]) -> tuple[Classes, Counter[str]]:
    """The words of all headlines by class and by how often they occur, in powers of four; and how often each does."""
    counts = Counter(word.lower() for headline in headlines for word in WORD.findall(headline))
    classes: Classes = defaultdict(list)
    for word in sorted(counts):
        kind = kind_of(word, counts)
        if kind and counts[word] > 1:
            classes[kind, band(counts[word])].append(word)
    return classes, counts


def band(count: int) -> int:
    """How frequent a word is, in powers of four."""
    return count.bit_length() // 2


def kind_of(word: str, counts: Counter[str]) -> str | None:
    """The class of a word, told by its flags and by its inflections among the headlines; None for a small word."""
    flags = token(word).flags
    if flags & (FILLER | NUMBER):
        return None
    if flags & NAME:
        return "name"
    for ending, kind in (("ing", "verb in -ing"), ("ed", "verb in -ed"), ("s", "verb in -s")):
        stem = word.removesuffix(ending)
        others = {"ing", "ed", "s"} - {ending}
        if (
            stem != word
            and len(stem) > 2
            and any(counts[stem + other] or counts[stem + "e" + other] for other in others)
        ):
            return kind
    return "plural" if word.endswith("s") and not word.endswith("ss") else "other"


def swaps(
    headline: str, vocabulary: tuple[Classes, Counter[str]], most: int, draw: random.Random
) -> Iterator[tuple[str, str]]:
    """Up to `most` headlines with one word exchanged, each with the class of the word."""
    classes, counts = vocabulary
    places = list(WORD.finditer(headline))
    draw.shuffle(places)
    made = 0
    for place in places:
        word = place.group().lower()
        kind = kind_of(word, counts)
        others = classes.get((kind, band(counts[word])), []) if kind else []
        others = [
            other for other in draw.sample(others, min(8, len(others))) if token(other).key != token(word).key
        ]
        if kind is None or not others:
            continue
        yield kind, headline[: place.start()] + cased(others[0], place.group()) + headline[place.end() :]
        made += 1
        if made == most:
            return


def cased(word: str, like: str) -> str:
    """The word in the case of another."""
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word


if __name__ == "__main__":
    main()
