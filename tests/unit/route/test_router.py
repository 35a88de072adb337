from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.mediatopics import CODES, UNSORTED
from worker.normalize import match_form
from worker.route import words
from worker.route.counts import Words
from worker.route.router import MAX_TOKENS, Router

if TYPE_CHECKING:
    from worker.events import Route

GOLDEN: list[tuple[str, str, float]] = [
    ("Storms pummel northern Europe causing travel mayhem and power cuts", "weather", 0.85),
    ("Stocks rise despite mixed US jobs data", "economy", 0.999),
    ("German trial starts of 'White Tiger' online predator", "crime", 0.943),
    ("Swiatek wins in 58 minutes as Poland reach United Cup semis", "sport", 0.999),
    ("'War is back in vogue,' Pope Leo says", "religion", 0.829),
    ("Polish farmers march against Mercosur trade deal", "economy", 0.996),
    ("Russian strikes cut heat to Kyiv, mayor calls for temporary evacuation", "politics", 0.757),
    ("Grok turns off AI image generation for non-payers after nudes backlash", "society", 0.565),
    ("Ski great Hirscher pulls out of Olympics, ends season", "sport", 0.999),
    ("Germany factory output jumps but exports disappoint", "economy", 0.999),
    ("Central bank leaves interest rates unchanged as inflation eases", "economy", 0.999),
    ("Parliament passes budget after all-night debate", "politics", 0.988),
    ("Goalkeeper saves two penalties in cup final", "sport", 0.999),
    ("Jury finds former mayor guilty of fraud", "crime", 0.999),
    ("Magnitude 6.8 earthquake shakes coastal villages, dozens missing", "disaster", 0.999),
    ("New vaccine cuts hospital stays in large trial", "health", 0.996),
    ("Rail workers vote to strike over pay and pensions", "labour", 0.999),
    ("Telescope spots water vapour on distant planet", "science", 0.992),
    ("Teachers warn of overcrowded classrooms as schools reopen", "education", 0.999),
    ("Coral reefs bleach for third summer in a row", "environment", 0.911),
    ("Bishop apologises to parishioners over church land sale", "religion", 0.998),
    ("Heatwave to ease by the weekend, forecasters say", "economy", 0.584),
    ("Ceasefire talks collapse as shelling resumes near border", "conflict", 0.822),
    ("Festival opens with premiere of silent film", "arts", 0.999),
    ("Ten easy soups for a cold evening", "lifestyle", 0.994),
    ("Man, 97, reunited with dog lost for six years", "human-interest", 0.998),
    ("Census finds more young adults living with their parents", "society", 0.902),
]
"""Headlines with their best topic and its confidence: the same on every machine, new with every training."""

ROUTER = Router.load()

headlines = st.one_of(
    st.sampled_from([headline for headline, _, _ in GOLDEN]),
    st.text(max_size=60),
    st.lists(
        st.sampled_from(["stocks", "rally", "goal", "vaccine", "qqzz", "41", "é", "選挙"]), max_size=12
    ).map(" ".join),
)


def routes_of(*texts: str, threshold: float = 0.5, also_threshold: float = 0.4) -> list[Route]:
    return ROUTER.route(texts, threshold=threshold, also_threshold=also_threshold)


def test_the_version_names_the_weights():
    assert ROUTER.version == "topics-1.fd157742"


@pytest.mark.parametrize(("headline", "best", "confidence"), GOLDEN)
def test_a_headline_has_this_topic_and_confidence_on_every_machine(
    headline: str, best: str, confidence: float
):
    (route,) = routes_of(match_form(headline))
    assert (route.best, route.code, route.confidence) == (best, CODES[best], confidence)


@given(st.lists(headlines, max_size=30))
def test_a_batch_says_what_each_headline_alone_says(texts: list[str]):
    assert routes_of(*texts) == [route for text in texts for route in routes_of(text)]


@given(headlines, st.floats(0, 1), st.floats(0, 1))
def test_a_route_is_well_formed_whatever_the_text(text: str, threshold: float, also_threshold: float):
    (route,) = routes_of(text, threshold=threshold, also_threshold=also_threshold)
    assert route.code == CODES[route.best]
    assert route.topic == (UNSORTED if route.confidence < threshold else route.topic)
    assert route.topic in {route.best, UNSORTED}
    confidences = [further.confidence for further in route.also]
    assert confidences == sorted(confidences, reverse=True)
    assert len(confidences) <= 2
    assert all(also_threshold - 0.0006 < confidence <= route.confidence for confidence in confidences)
    assert len({route.best, *(further.topic for further in route.also)}) == 1 + len(route.also)
    assert all(further.code == CODES[further.topic] for further in route.also)


def test_an_empty_batch_has_no_routes():
    assert routes_of() == []


@pytest.mark.parametrize("text", ["", " ", "qqzz xxvvkk", "選挙 結果", "\n", "\ud800"])
def test_a_headline_without_a_known_word_is_unsorted_at_any_threshold(text: str):
    (route,) = routes_of(text, threshold=0.0)
    assert (route.topic, route.confidence, route.also) == (UNSORTED, 0.0, ())


def test_words_are_counted_and_those_that_the_model_does_not_know():
    router = Router.load()
    before = router.words
    router.route(["stocks rise", "qqzzx", ""], threshold=0.5, also_threshold=0.4)
    assert router.words.since(before) == Words(met=4, unknown=2)
    again = router.words
    router.route(["qqzzx 41"], threshold=0.5, also_threshold=0.4)
    assert router.words.since(again) == Words(met=2, unknown=1)


def test_a_headline_of_mostly_unknown_words_is_unsorted():
    (route,) = routes_of("goal zzqx vvkq wwjx", threshold=0.0)
    assert (route.topic, route.confidence) == (UNSORTED, 0.0)


def test_an_unsorted_headline_still_says_its_best_topic():
    (sure,) = routes_of("storms pummel coast power cut", threshold=0.0)
    (unsure,) = routes_of("storms pummel coast power cut", threshold=0.999)
    assert (sure.topic, unsure.topic) == ("disaster", UNSORTED)
    assert (unsure.best, unsure.confidence, unsure.also) == ("disaster", sure.confidence, ())


def test_a_headline_between_two_topics_names_both():
    (route,) = routes_of("pope urges ceasefire in war")
    assert {route.best, *(further.topic for further in route.also)} == {"religion", "conflict"}


def test_another_toll_is_no_other_topic():
    assert routes_of("bus crash kills 41") == routes_of("bus crash kills 38")


def test_a_batch_of_more_tokens_than_are_scored_at_once_keeps_its_order():
    texts = [f"{'goal' if number % 2 else 'election'} " * 9 + "final" for number in range(MAX_TOKENS // 5)]
    assert routes_of(*texts) == routes_of(*texts[:2]) * (len(texts) // 2)


def test_an_absurdly_long_headline_is_judged_by_its_beginning():
    (long, short) = routes_of("goal " * 3 * MAX_TOKENS, "goal " * 2 * MAX_TOKENS)
    assert long == short
    assert long.best == "sport"


def test_words_met_in_between_change_no_route(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(words, "REMEMBERED", 100)
    router = Router.load()
    for number in range(1000):
        texts = ["zebrafishology goal keeper wins the cup", f"new{number}x{chr(0x4E00 + number)} goal"]
        assert router.route(texts, threshold=0.5, also_threshold=0.4) == routes_of(*texts)


def test_no_word_of_a_foreign_headline_is_read():
    router = Router.load()
    found = router.route(
        ["snow closes qqzzx", "schnee sperrt strassen"],
        threshold=0.5,
        also_threshold=0.4,
        foreign=[False, True],
    )
    assert [route.confidence > 0 for route in found] == [True, False]
    assert router.words == (3, 1)
