"""Edits that keep the sense: what a feed, a site or a careless program makes of a headline is its duplicate."""

import csv
from pathlib import Path

import pytest
from tests.unit.deduplicate.match.edits import KINDS, Edit, applied
from worker.deduplicate.index import Index
from worker.deduplicate.match import MATCHER, judge
from worker.deduplicate.rule import Rule
from worker.events import Kind
from worker.normalize import clean, match_form

DATA = Path(__file__).with_name("data")
HEADLINES = (DATA / "headlines.txt").read_text("utf-8").splitlines()
RULE = Rule(version=MATCHER.version, window_ms=21_600_000, max_entries=1_000_000)

FOUND = 0.99
"""The share of a kind's edits that must be judged duplicates, and be found in a window."""


def form(headline: str) -> str:
    return match_form(clean(headline)[0])


def missed(pairs: list[tuple[str, str]]) -> list[str]:
    """Those of the pairs whose second is not judged a duplicate, or not found by the index among all the firsts."""
    forms = [form(headline) for headline, _ in pairs] + [form(edited) for _, edited in pairs]
    index = Index(MATCHER, max_entries=10_000)
    zeros = [0] * len(forms)
    keys = [MATCHER.keys(match) for match in forms]
    index.put([match.encode() for match in forms], keys, zeros, zeros, {}, time=1, oldest=0, rule=RULE)
    duplicates = {number for number, match in index.flush() if match.kind is Kind.DUPLICATE}
    return [
        f"{headline} | {edited}"
        for number, (headline, edited) in enumerate(pairs)
        if judge(forms[number], forms[number + len(pairs)]).kind is not Kind.DUPLICATE
        or number + len(pairs) not in duplicates
    ]


def kept(edits: dict[str, Edit]) -> list[list[tuple[str, str]]]:
    """What each edit makes of the headlines. Each applies to one at least, or it tests nothing."""
    made = [applied(edit, HEADLINES) for edit in edits.values()]
    assert all(made), [name for name, pairs in zip(edits, made, strict=True) if not pairs]
    return made


def test_there_are_enough_headlines():
    assert len(HEADLINES) >= 60
    assert len({form(headline) for headline in HEADLINES}) == len(HEADLINES)


@pytest.mark.parametrize("kind", KINDS)
def test_an_edited_headline_is_found(kind):
    made = kept(KINDS[kind])
    lost = [line for pairs in made for line in missed(pairs)]
    total = sum(map(len, made))
    assert 1 - len(lost) / total >= FOUND, f"{len(lost)} of {total}: " + "; ".join(lost[:20])


def collected() -> list[tuple[str, str]]:
    """Headlines written for this test, mangled by hand in the ways that feeds were seen to mangle theirs."""
    with (DATA / "collected.tsv").open(encoding="utf-8", newline="\n") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["headline"], row["edited"]) for row in rows]


def test_what_feeds_make_of_a_headline_is_found():
    pairs = collected()
    assert len({edited for headline, edited in pairs if edited != headline}) == len(pairs) >= 200
    lost = missed(pairs)
    assert 1 - len(lost) / len(pairs) >= FOUND, lost
