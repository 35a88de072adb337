import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.deduplicate.match.exchange import MOST, Exchange, exchanged
from worker.deduplicate.match.tokens import read

HARMLESS = Exchange(mistyped=False, harmless=True)
TELLING = Exchange(mistyped=False, harmless=False)
MISTYPED = Exchange(mistyped=True, harmless=True)


def became(one: str, other: str) -> Exchange | None:
    return exchanged(read(one), read(other))


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        ("parliament votes on budget", "parliment votes on budget", MISTYPED),
        ("parliament votes on government", "parliment votes on goverment", MISTYPED),
        ("probe opened in rome", "investigation opened in rome", HARMLESS),
        ("world war ii bomb found", "world war 2 bomb found", HARMLESS),
        ("fires spread", "fire spreads", HARMLESS),
        ("the mayor resigns", "a mayor resigns", HARMLESS),
        ("talks at summit", "talks in summit", HARMLESS),
        ("parliament votes in the city", "parliment votes in a city", HARMLESS),
    ],
)
def test_words_that_mean_the_same_are_exchanged_without_harm(one, other, what):
    assert became(one, other) == what


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("iran wins vote", "iraq wins vote"),
        ("police hold man", "police hold woman"),
        ("gift from mayor", "gift by mayor"),
        ("gift to mayor", "gift for mayor"),
        ("with storm", "without storm"),
        ("may rise", "will rise"),
    ],
)
def test_a_word_that_turns_the_sense_is_exchanged_with_harm(one, other):
    assert became(one, other) == TELLING


def test_one_word_exchanged_with_harm_is_enough():
    assert became("parliament votes in rome", "parliment votes in oslo") == TELLING


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dog bites man", "man bites dog"),
        ("dog bites man", "dog bites man again"),
        ("one two three", "four five six"),
    ],
)
def test_other_orders_other_lengths_and_more_words_than_a_few_are_left_to_the_alignment(one, other):
    assert became(one, other) is None


WORDS = (
    "parliament",
    "parliment",
    "probe",
    "inquiry",
    "the",
    "a",
    "from",
    "by",
    "iran",
    "iraq",
    "will",
    "may",
)
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6)


@given(words, words)
def test_the_order_of_a_pair_does_not_matter(one, other):
    assert became(" ".join(one), " ".join(other)) == became(" ".join(other), " ".join(one))


@given(words, st.data())
def test_up_to_a_few_places_may_differ(form, data):
    places = data.draw(st.sets(st.integers(0, len(form) - 1)))
    other = [f"zrblenga{at}" if at in places else word for at, word in enumerate(form)]
    assert (became(" ".join(form), " ".join(other)) is None) == (len(places) > MOST)
