"""The rules come before the model, and leave it what they do not decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from worker.errors import UsageError
from worker.events import Further, Headline, Route
from worker.mediatopics import CODES, SLUGS, UNSORTED
from worker.normalize import match_form
from worker.route.router import Router
from worker.route.rules import Rule, RuledRouter, Rules

if TYPE_CHECKING:
    from pathlib import Path

ROUTER = Router.load()
AT = {"threshold": 0.6, "also_threshold": 0.55}
RULES = Rules(
    [
        Rule("derby", 1, "economy", ("arts", "labour"), needed=(("derby",),)),
        Rule("horoscopes", 5, UNSORTED, needed=(("horoscope",),)),
    ]
)
HEADLINES = [
    "Striker scores twice in the cup final",
    "Derby ends in a draw as striker misses penalty",
    "Horoscope: striker scores twice in the cup final",
    "Parliament passes budget after long debate",
]


def headline(text: str, **more: object) -> Headline:
    return Headline(id="0" * 32, event_id="e", source="Wire", display=text, match=match_form(text), **more)


def by_model(text: str) -> Route:
    return ROUTER.route([match_form(text)], **AT)[0]


@pytest.fixture
def routes():
    return RuledRouter(ROUTER, RULES).route([headline(text) for text in HEADLINES], **AT)


def test_a_rule_decides_with_certainty_and_says_its_name(routes):
    also = tuple(Further(slug, CODES[slug], 1.0) for slug in ("arts", "labour"))
    assert routes[1] == Route("economy", "economy", CODES["economy"], 1.0, also, "derby")


def test_a_rule_for_unsorted_keeps_a_headline_off_the_topics_and_the_model_says_the_likeliest(routes):
    model = by_model(HEADLINES[2])
    assert model.topic == "sport"
    assert routes[2] == Route(UNSORTED, "sport", model.code, model.confidence, (), "horoscopes")


def test_what_no_rule_decides_is_routed_by_the_model_as_ever(routes):
    assert [routes[0], routes[3]] == [by_model(HEADLINES[0]), by_model(HEADLINES[3])]


def test_evidence_is_of_the_headline_whose_place_it_has_and_no_rule_heeds_it():
    weather = bytes(255 if slug == "weather" else 0 for slug in SLUGS)
    headlines = [headline(text) for text in HEADLINES]
    routes = RuledRouter(ROUTER, RULES).route(headlines, **AT, evidence=dict.fromkeys((1, 2, 3), weather))
    assert [route.best for route in routes] == ["sport", "economy", "weather", "weather"]
    assert [route.topic for route in routes] == ["sport", "economy", UNSORTED, "weather"]
    assert [route.best for route in RuledRouter(ROUTER).route(headlines, **AT, evidence={3: weather})] == [
        *(by_model(text).best for text in HEADLINES[:3]),
        "weather",
    ]


def test_what_is_foreign_is_unsorted_unless_a_rule_says_otherwise():
    rules = Rules(
        [Rule("derby", 1, "sport", needed=(("derby",),)), Rule("french", 5, "arts", languages=("fr",))]
    )
    headlines = [
        headline("Striker scores twice in derby", foreign=True, language="es"),
        headline("Striker scores twice in the cup final", foreign=True, language="es"),
        headline("Striker scores twice in the cup final", foreign=True, language="fr"),
        headline("Striker scores twice in the cup final", language="en"),
    ]
    routes = RuledRouter(ROUTER, rules).route(headlines, **AT)
    assert [(route.topic, route.rule) for route in routes] == [
        ("sport", "derby"),
        (UNSORTED, None),
        ("arts", "french"),
        ("sport", None),
    ]
    assert routes[1].confidence == 0.0
    without = RuledRouter(ROUTER).route(headlines, **AT)
    assert [route.topic for route in without] == [UNSORTED, UNSORTED, UNSORTED, "sport"]


def test_without_rules_all_is_the_model_s():
    router = RuledRouter(ROUTER)
    assert router.route([headline(text) for text in HEADLINES], **AT) == [
        by_model(text) for text in HEADLINES
    ]
    assert (router.rules, router.rule_names, router.model) == (None, (), ROUTER.version)


def test_it_is_loaded_from_files(tmp_path: Path):
    (tmp_path / "rules").write_text("rule: derby\ntopic: economy\nany: derby\n")
    router = RuledRouter.load(rules=str(tmp_path / "rules"))
    assert router.rule_names == ("derby",)
    assert router.rules.startswith("rules-1.")
    with pytest.raises(UsageError, match="nowhere: cannot be read"):
        RuledRouter.load(model=str(tmp_path / "nowhere"))
