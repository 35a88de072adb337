"""Which rule decides on a headline: the first that fits, whatever the index has to do for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.normalize import match_form
from worker.route.rules import Rule, Rules

WORDS = "abcde"
TERMS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" ".join)
TERMS_OF = st.lists(TERMS, max_size=3, unique=True).map(tuple)
SOURCES, LANGUAGES = ("wire", "feed"), ("en", "fr")


def subset(of):
    return st.lists(st.sampled_from(of), max_size=2, unique=True).map(tuple)


DRAWN = st.builds(
    Rule,
    name=st.just("r"),
    line=st.just(1),
    topic=st.sampled_from(["sport", "arts"]),
    needed=st.lists(TERMS_OF.filter(bool), max_size=2).map(tuple),
    unwanted=TERMS_OF,
    sources=subset(SOURCES),
    languages=subset(LANGUAGES),
).filter(lambda rule: rule.needed or rule.sources or rule.languages)


def decided(
    headline: str, *rules: Rule, source: str = "Example Wire", language: str | None = None
) -> str | None:
    rule = Rules(rules).decide(match_form(headline), source, language)
    return rule and rule.name


def rule(name: str = "one", **conditions) -> Rule:
    return Rule(name, 1, "sport", **conditions)


@pytest.mark.parametrize(
    ("headline", "hit"),
    [
        ("Bank raises interest rates", "one"),
        ("BANK RAISES INTEREST RATES", "one"),
        ("Interest \u201crates\u201d: the bank\u2019s plan - Reuters", "one"),
        ("Rates of interest", None),
        ("Interest in rates", None),
        ("Self-interest rates low", "one"),
        ("Disinterest rates", None),
    ],
)
def test_a_phrase_is_whole_words_side_by_side_however_they_are_written(headline: str, hit: str | None):
    assert decided(headline, rule(needed=(("interest rates",),))) == hit


def test_of_each_condition_one_term_is_enough_and_every_condition_has_to_hold():
    both = rule(needed=(("goal", "penalty"), ("cup", "league")))
    assert decided("Late penalty wins cup", both) == "one"
    assert decided("Late penalty wins match", both) is None
    assert decided("Cup final postponed", both) is None


def test_an_unwanted_term_keeps_the_rule_off():
    assert decided("Goal of the budget", rule(needed=(("goal",),), unwanted=("the budget",))) is None


def test_a_source_is_compared_whole_and_without_case():
    by_source = rule(sources=("example wire",))
    assert decided("Anything", by_source, source="EXAMPLE Wire") == "one"
    assert decided("Anything", by_source, source="Example Wire Sport") is None


def test_a_language_is_compared_by_its_primary_subtag_and_an_unknown_one_is_und():
    by_language = rule(languages=("pt",))
    assert decided("Golo", by_language, language="pt-BR") == "one"
    assert decided("Golo", by_language, language="PT") == "one"
    assert decided("Gol", by_language, language="es") is None
    assert decided("Gol", by_language) is None
    assert decided("Gol", rule(languages=("und",))) == "one"
    assert decided("Gol", rule(languages=("und",)), language="pt") is None


def test_the_first_rule_that_fits_wins_whichever_word_it_is_filed_under():
    rules = (
        rule("unfit", needed=(("goal",),), unwanted=("late",)),
        rule("second", sources=("example wire",)),
        rule("third", needed=(("goal",),)),
    )
    assert decided("Late goal", *rules) == "second"
    assert decided("Late goal", *rules, source="Other") == "third"


@pytest.mark.parametrize("word", ["東京", "東京都"])
def test_text_without_spaces_is_found_by_two_characters_or_more(word: str):
    assert decided("東京都で地震", rule(needed=((match_form(word),),))) == "one"


@given(
    st.lists(DRAWN, max_size=6),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join),
    st.sampled_from(SOURCES),
    st.sampled_from([None, *LANGUAGES]),
)
def test_the_index_finds_what_trying_one_after_the_other_finds(rules, match, source, language):
    numbered = [each._replace(name=str(number)) for number, each in enumerate(rules)]
    fitting = (each for each in numbered if each.fits(f" {match} ", source, language or "und"))
    assert Rules(numbered).decide(match, source, language) == next(fitting, None)


def test_the_version_is_that_of_what_the_rules_say():
    one, other = rule(needed=(("goal",),)), rule("other", needed=(("cup",),))
    version = Rules([one]).version
    assert version.startswith("rules-1.")
    assert version == Rules([one._replace(line=7)]).version
    assert (
        len({version, Rules([other]).version, Rules([one, other]).version, Rules([other, one]).version}) == 4
    )
