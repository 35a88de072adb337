"""The deep tier asks the encoder about what a worker would, and about nothing else."""

from __future__ import annotations

import pytest
from tests.unit.deep import graphs
from worker.config import load
from worker.deduplicate.evidence import Scores
from worker.deep import opening
from worker.deep.encoder import Encoder
from worker.evaluate.tiers import headline_of, tiers
from worker.events import Kind
from worker.mediatopics import SLUGS
from worker.normalize import Limits

DOUBTFUL = (
    "Row over bridge budget: minister quits",
    "Minister leaves office after row over bridge budget",
)
OTHERS = [
    ("Ferry sinks off Greek island", "Ferry sinks off Greek island"),
    ("Central bank leaves interest rates unchanged", "Central bank leaves interest rates unchagned"),
    ("Mayor resigns", "Volcano erupts near capital"),
    ("El Gobierno aprueba la subida del salario", "El Gobierno rechaza la subida del salario"),
    (DOUBTFUL[0], f"CORRECTED: {DOUBTFUL[1]}"),
]
"""Of which the rule is sure, the encoder knows nothing, or nobody is asked."""
UNSURE = "Committee postpones decision on old mill"
SURE = "Striker scores twice as league leaders win derby"
FOREIGN = "La policía detiene al presidente del club por fraude"


@pytest.fixture
def asked(monkeypatch):
    """The rows that the encoder was asked; of each pair it says that the two are the same, of each text weather."""
    rows = []
    monkeypatch.setattr(opening, "load_encoder", lambda _: graphs.encoder())
    monkeypatch.setattr(Encoder, "measure", lambda _: 1e-6)

    def answering(answer):
        def answered(_, found):
            rows.extend(found)
            return [answer] * len(found)

        return answered

    monkeypatch.setattr(Encoder, "pairs", answering(Scores(40, -40)))
    monkeypatch.setattr(Encoder, "topics", answering(bytes(255 * (slug == "weather") for slug in SLUGS)))
    return rows


def headline(text):
    return headline_of(text, Limits(), "labels.tsv, line 2")


def test_without_the_deep_mode_there_is_the_cheap_tier_only(asked):
    assert [tier.name for tier in tiers(load({}))] == ["cheap"]
    assert not asked


def test_pairs_of_which_the_rule_is_sure_are_decided_as_without_it(asked):
    cheap, deep = tiers(load({"deep.mode": "on"}))
    pairs = [tuple(map(headline, pair)) for pair in (OTHERS[0], DOUBTFUL, *OTHERS[1:])]
    without, found = cheap.decide(pairs), deep.decide(pairs)
    assert len(asked) == 1
    assert (found[1].kind, found[1].reason) == (Kind.DUPLICATE, "deep")
    assert without[1].kind is not Kind.DUPLICATE
    assert found[1].rank > without[1].rank
    assert found[:1] + found[2:] == without[:1] + without[2:]


def test_headlines_of_which_the_router_is_not_sure_are_routed_by_the_encoder(asked):
    headlines = [headline(text) for text in (SURE, UNSURE, FOREIGN)]
    cheap, deep = tiers(load({"deep.mode": "on", "deep.topics_below": 0.9}))
    without, found = cheap.route(headlines), deep.route(headlines)
    assert len(asked) == 1
    assert [route.best for route in found] == [without[0].best, "weather", without[2].best]
    assert (found[0], found[2]) == (without[0], without[2])
    assert without[1].best != "weather"
