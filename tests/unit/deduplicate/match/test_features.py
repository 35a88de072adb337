import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.match.align import align
from worker.deduplicate.match.features import NAMES, features
from worker.deduplicate.match.left import sides
from worker.deduplicate.match.tokens import read, token

WORDS = (
    *(
        "ferry",
        "sinks",
        "island",
        "the",
        "of",
        "after",
        "john",
        "mayor",
        "museum",
        "not",
        "iran",
        "says",
        "rises",
    ),
    *("parliament", "parliment", "12", "dead", "volcano", "eu", "european", "union", "fire", "fires"),
)
headlines = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)


def measured(one: str, other: str) -> dict[str, int]:
    a, b = read(one), read(other)
    return dict(zip(NAMES, features(*sides(a, b, matched := align(a, b)), matched), strict=True))


@given(headlines, headlines)
def test_every_feature_is_a_whole_number_and_shares_are_in_thousandths(one, other):
    found = measured(one, other)
    assert all(type(value) is int for value in found.values())
    assert all(0 <= found[name] <= 1000 for name in ("cover", "contained", "run", "trigrams"))


@given(headlines, headlines)
def test_the_side_with_more_left_over_is_told_from_the_other_whichever_came_first(one, other):
    there, back = measured(one, other), measured(other, one)
    assert there["left_more"] >= there["left_less"]
    for name in ("left_more", "left_less", "count_more", "count_less", "heaviest", "heaviest_less", "cover"):
        assert there[name] == back[name]


@given(headlines)
def test_a_headline_beside_itself_has_nothing_left_over(headline):
    found = measured(headline, headline)
    assert (found["cover"], found["contained"], found["run"], found["trigrams"]) == (1000, 1000, 1000, 1000)
    assert (found["first"], found["last"]) == (1, 1)
    for name in ("left_more", "left_less", "names", "small_words", "turned", "typos", "joins", "shape"):
        assert found[name] == 0


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("ferry sinks", "ferry sinks off iran", {"names": 1, "other_names": 1, "places": 1}),
        ("merkel resigns", "john merkel resigns", {"forenames": 1}),
        ("ferry sinks", "ferry sinks in the", {"small_words": 2, "count_more": 0, "left_more": 0}),
        ("parliament votes today", "parliment votes today", {"typos": 1, "cover": 1000}),
        ("lighthousekeeper rescued", "lighthouse keeper rescued", {"joins": 1, "left_more": 0}),
        ("arrest at museum", "nab at museum", {"near": 1, "unpaired_more": 0, "unpaired_less": 0}),
        ("museum burns in oslo", "in oslo museum burns", {"turned": 1, "left_more": 0}),
        ("fire spreads", "fires spread", {"reinflected": 2, "inflected": 0}),
    ],
)
def test_what_is_left_over_is_told_by_its_kind(one, other, told):
    found = measured(one, other)
    assert {name: found[name] for name in told} == told


@pytest.mark.parametrize(
    ("longer", "place"),
    [
        ("volcano museum opens doors", "head"),
        ("museum volcano opens doors", "middle"),
        ("museum opens doors volcano", "tail"),
    ],
)
def test_where_it_stands_is_told_by_its_weight(longer, place):
    found = measured("museum opens doors", longer)
    weight = token("volcano").weight
    assert {name: found[name] for name in ("head", "middle", "tail")} == {
        name: weight if name == place else 0 for name in ("head", "middle", "tail")
    }


def test_a_side_that_is_left_over_whole_is_counted_once():
    found = measured("volcano", "museum")
    assert found["left_more"] == found["head"]
    assert (found["middle"], found["tail"]) == (0, 0)
