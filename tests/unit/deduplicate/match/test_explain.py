"""Explanations: each reason has its words, and they name what stands on either side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.evidence import Scores
from worker.deduplicate.match import REASONS, judge
from worker.deduplicate.match.explain import SAID, explain, respelled
from worker.events import Kind
from worker.normalize import match_form
from worker.replay.document import SEEDS, read_document

FORMS = [match_form(entry.headline) for entry in read_document(SEEDS, None, {})]


def why(one: str, other: str) -> str:
    return explain(match_form(one), match_form(other)).why


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Mayor resigns", "MAYOR RESIGNS", "the same words"),
        (
            "Ferry sinks off Crete, 38 dead",
            "Ferry sinks off Crete, 41 dead",
            "differs: another number (38 / 41)",
        ),
        (
            "Ferry sinks off Crete, 41 dead",
            "Ferry sinks off Crete, 38 dead",
            "differs: another number (41 / 38)",
        ),
        ("Google sues Oracle over patents", "Oracle sues Google over patents", "differs: turned around"),
        ("Mayor opens bridge", "Stocks fall in Tokyo", "little in common: 0% of what their words weigh"),
        (
            "Commander visits base",
            "Comander visits base",
            "the same but for a mistyped word 'commander' / 'comander'",
        ),
        (
            "Man City win race to sign forward Semenyo",
            "Man City win race to sign Semenyo",
            "the same but for 'forward', which only one has",
        ),
        (
            "El Gobierno aprueba la subida",
            "El Gobierno rechaza la subida",
            "differs: in a language in which only the same words are the same news, and the words differ",
        ),
    ],
)
def test_a_person_reads_why(one, other, said):
    assert why(one, other) == said


def test_words_that_stand_for_each_other_are_named():
    found = explain(
        match_form("Bomb kills 5 in Kabul market"), match_form("Five killed by bomb in Kabul market")
    )
    assert ("kills", "killed") in found.alike
    assert found.differs == (("", "by"),)
    assert "'kills' = 'killed'" in found.why


def test_what_is_written_otherwise_and_means_the_same_is_shown_as_it_came():
    found = respelled("S.Africa votes on Monday", "South Africa votes on Monday")
    assert found.why == "the same but for 'S.Africa' = 'South Africa'"
    assert found.alike == (("S.Africa", "South Africa"),)
    assert respelled("Mayor resigns", "Mayor resigns").why == SAID["exact"]


def test_every_reason_that_is_no_likeness_has_words():
    assert REASONS - SAID.keys() == {"reworded", "deep", "unrelated"}


def test_the_scorer_shows_how_sure_it_is_and_from_where_on_it_says_so():
    one = match_form("Man City win race to sign forward Semenyo")
    other = match_form("Man City win race to sign Semenyo")
    found = explain(one, other)
    assert found.log_odds is not None
    assert found.needed is not None
    assert found.log_odds >= found.needed
    deep = explain(one, other, Scores(-127, 0))
    assert deep.log_odds != found.log_odds
    ruled_out = explain(match_form("Ferry sinks, 38 dead"), match_form("Ferry sinks, 41 dead"))
    assert ruled_out.log_odds is None


@given(st.sampled_from(FORMS), st.sampled_from(FORMS))
def test_whatever_is_judged_is_explained_as_it_is_judged(one, other):
    found = explain(one, other)
    is_duplicate = judge(one, other).kind is Kind.DUPLICATE
    assert found.why.startswith(("the same", "one is the other")) == is_duplicate
    turned = explain(other, one)
    assert sorted(turned.differs) == sorted((b, a) for a, b in found.differs)
