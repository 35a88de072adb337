"""Explanations: each reason has its words, and they name what stands on either side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.evidence import Scores
from worker.deduplicate.match import REASONS, judge
from worker.deduplicate.match.contributions import contributions
from worker.deduplicate.match.explain import MOST_FEATURES, explain, respelled
from worker.deduplicate.match.features import NAMES
from worker.deduplicate.match.model import LEAF, NODE, load
from worker.deduplicate.match.said import FEATURES, SAID, SEEN
from worker.events import Kind
from worker.normalize import match_form
from worker.replay.document import SEEDS, read_document

FORMS = [match_form(entry.headline) for entry in read_document(SEEDS, None, {})]


FOREIGN = f"differs: {SAID['words']}"


def why(one: str, other: str) -> str:
    return explain(match_form(one), match_form(other)).why


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Mayor resigns", "MAYOR RESIGNS", "the same words"),
        (
            "Ferry sinks off Crete, 38 dead",
            "Ferry sinks off Crete, 41 dead",
            "differs: another number or amount (38 / 41)",
        ),
        (
            "Ferry sinks off Crete, 41 dead",
            "Ferry sinks off Crete, 38 dead",
            "differs: another number or amount (41 / 38)",
        ),
        (
            "Google sues Oracle over patents",
            "Oracle sues Google over patents",
            "differs: turned around (google … oracle / oracle … google)",
        ),
        (
            "Dog bites postman in Leeds",
            "Postman bites dog in Leeds",
            "differs: turned around (dog bites postman / postman bites dog)",
        ),
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
            f"{FOREIGN} (aprueba / rechaza)",
        ),
        (
            "Президенты встретились в Пекине",
            "Президенты встретились в Шанхае",
            f"{FOREIGN} (пекине / шанхае)",
        ),
        (
            "主席访问北京会见总统",
            "主席访问上海会见总统",
            f"{FOREIGN} (北京 / 上海)",
        ),
        ("地震造成25人死亡", "地震造成50人死亡", "differs: another number or amount (25 / 50)"),
        (
            "Der Bundestag beschließt den neuen Haushalt",
            "Le Parlement adopte le nouveau budget",
            "differs: in two languages (de / fr)",
        ),
        (
            "El Gobierno aprueba 1500 euros",
            "El Gobierno aprueba 1.500 euros",
            "the same words, written together or apart (€1500 / €1.500)",
        ),
        (
            "Morning storm hits coast of Maine",
            "Evening storm hits coast of Maine",
            "differs: another of a kind of which only one can be meant (morning / evening)",
        ),
        (
            "Harbour opens to cruise ships",
            "Harbour opens to cruise ships in June",
            "differs: a month, currency, continent or point of the compass on one side (- / in june)",
        ),
        (
            "Ferry sinks off Crete, 38 dead",
            "Ferry not sinking off Crete, 41 dead",
            "differs: another number or amount; one has a negation more (- / not; 38 / 41)",
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
    assert respelled("Mayor Resigns", "MAYOR RESIGNS").why == "the same but for capital letters"
    assert respelled("Mayor resigns", "Mayor resigns", ["tags"]).why == "the same words, once repaired: tags"


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
    assert deep.encoder == {"duplicate": 0.0, "same_story": 0.5}
    assert deep.why.endswith("; encoder: duplicate .00, same story .50")
    assert deep.features[0].name == "encoder: duplicate"
    ruled_out = explain(match_form("Ferry sinks, 38 dead"), match_form("Ferry sinks, 41 dead"))
    assert ruled_out.log_odds is None
    assert ruled_out.scorer == "update"


def test_the_features_that_weighed_most_are_shown_in_both_directions():
    found = explain(
        match_form("Man City win race to sign forward Semenyo"),
        match_form("Man City win race to sign Semenyo"),
    )
    assert found.scorer == "duplicate"
    added = [feature.log_odds for feature in found.features]
    assert added == sorted(added, key=abs, reverse=True)
    assert 0 < sum(1 for each in added if each > 0) <= MOST_FEATURES
    assert 0 < sum(1 for each in added if each < 0) <= MOST_FEATURES
    assert all(feature.means for feature in found.features)


def test_every_feature_has_a_meaning():
    assert FEATURES.keys() == set(NAMES)


@given(st.lists(st.integers(0, 1000), min_size=len(SEEN), max_size=len(SEEN)))
def test_contributions_add_up_to_the_sum(values):
    for scorers in (load().cheap, load().deep):
        trees = scorers.duplicate
        same_for_all = trees.total(values) - sum(contributions(trees, values).values())
        assert same_for_all == sum(map(mean_of_leaves, trees.trees))


def mean_of_leaves(tree) -> int:
    leaves = [tree[at + 1] for at in range(0, len(tree), NODE) if tree[at] == LEAF]
    return sum(leaves) // len(leaves)


@given(st.sampled_from(FORMS), st.sampled_from(FORMS))
def test_whatever_is_judged_is_explained_as_it_is_judged(one, other):
    found = explain(one, other)
    is_duplicate = judge(one, other).kind is Kind.DUPLICATE
    assert found.why.startswith(("the same", "one is the other")) == is_duplicate
    turned = explain(other, one)
    assert sorted(turned.differs) == sorted((b, a) for a, b in found.differs)
