"""The rank orders pairs as the rule would, and parts them where the rule does."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.evidence import Scores
from worker.deduplicate.match import doubtful, judge
from worker.deduplicate.match.rank import rank
from worker.events import Kind
from worker.normalize import match_form
from worker.replay.document import SEEDS, read_document

SEED_FORMS = [match_form(entry.headline) for entry in read_document(SEEDS, None, {})]
MADE_UP = [
    match_form(headline)
    for headline in (
        "Governor signs bill on clean water after long debate",
        "Governor signs clean water bill after long debate",
        "Governor signs clean water bill",
        "Governor vetoes clean water bill after long debate",
        "Governor to sign clean water bill after long debate",
        "Ferry sinks off Greek island, 38 dead",
        "Ferry sinks off Greek island, 41 dead",
        "Ferry sinks off Greek island, at least 38 dead",
        "38 dead as ferry sinks off island in Greece",
        "Central bank leaves interest rates unchanged",
        "Central bank leaves interest rates unchagned",
        "Central bank keeps interest rates unchanged",
        "Central bank leaves interest rates as they…",
        "Governor signs bill on clean water after long deb…",
        "El Gobierno aprueba la subida del salario mínimo",
        "Gobierno aprueba la subida del salario minimo",
        "El Gobierno rechaza la subida del salario mínimo",
    )
]


def is_called_duplicate(earlier: str, later: str, evidence: Scores | None = None) -> bool:
    return judge(earlier, later, evidence).kind is Kind.DUPLICATE


def test_from_zero_on_and_only_there_the_rule_says_duplicate():
    pairs = [
        *combinations(MADE_UP, 2),
        *((form, form) for form in MADE_UP),
        *combinations(SEED_FORMS[:60], 2),
    ]
    verdicts = [is_called_duplicate(*pair) for pair in pairs]
    assert verdicts == [rank(*pair) >= 0 for pair in pairs]
    assert 0 < sum(verdicts) < len(pairs)


@pytest.mark.parametrize("same", [-127, 0, 24, 127])
def test_with_evidence_too(same: int):
    evidence = Scores(same, -same)
    pairs = [*combinations(MADE_UP, 2), *combinations(SEED_FORMS[:60], 2)]
    verdicts = [is_called_duplicate(*pair, evidence) for pair in pairs]
    assert verdicts == [rank(*pair, evidence) >= 0 for pair in pairs]


def test_more_evidence_ranks_higher_and_none_outweighs_another_number():
    doubted = (
        match_form("Row over bridge budget: minister quits"),
        match_form("Minister leaves office after row over bridge budget"),
    )
    assert doubtful(*doubted)
    ranks = [rank(*doubted, Scores(same, 0)) for same in range(-127, 128)]
    assert ranks == sorted(ranks)
    assert ranks[0] < ranks[-1]
    toll = (
        match_form("Ferry sinks off Greek island, 38 dead"),
        match_form("Ferry sinks off Greek island, 41 dead"),
    )
    assert rank(*toll, Scores(127, 0)) < 0 <= ranks[-1]
    assert judge(*toll, Scores(127, 0)).kind is not Kind.DUPLICATE


def test_what_nobody_was_asked_about_comes_behind_what_no_difference_rules_out():
    toll = MADE_UP[5], MADE_UP[6]
    reworded = MADE_UP[0], MADE_UP[4]
    assert rank(*toll) < rank(*toll, Scores(-127, 0)) < 0
    assert rank(*toll) < min(rank(*reworded, Scores(same, 0)) for same in (-127, 127))


def test_what_is_the_same_in_another_language_comes_before_what_is_not():
    one, same, other, far = (
        match_form(text)
        for text in (
            "El Gobierno aprueba la subida del salario mínimo",
            "Gobierno aprueba la subida del salario minimo",
            "El Gobierno rechaza la subida del salario mínimo",
            "La policía detiene al presidente del club de fútbol",
        )
    )
    assert rank(one, same) > 0 > rank(one, other) > rank(one, far)


@given(st.sampled_from(MADE_UP + SEED_FORMS), st.data())
def test_a_pair_made_of_a_headline_and_a_part_of_it_ranks_as_it_is_judged(form: str, data: st.DataObject):
    words = form.split()
    kept = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    part = " ".join(word for word, keep in zip(words, kept, strict=True) if keep) or words[0]
    assert is_called_duplicate(form, part) == (rank(form, part) >= 0)
    assert rank(form, part) == rank(part, form)


def test_the_same_comes_before_a_mistyped_word_and_this_before_what_differs():
    one = match_form("Central bank leaves interest rates unchanged")
    typo = match_form("Central bank leaves interest rates unchagned")
    toll = (
        match_form("Ferry sinks off Greek island, 38 dead"),
        match_form("Ferry sinks off Greek island, 41 dead"),
    )
    assert rank(one, one) > rank(one, typo) > 0 > rank(*toll) > rank(one, toll[0])
