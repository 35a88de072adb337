"""Words as numbers: each is asked once, and a batch's answers are those of its words one by one."""

from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from worker.tokens import Column, Vocabulary, ragged

HEADLINES = st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=9), max_size=12)


@given(HEADLINES)
def test_tokens_are_the_words_of_their_headlines(headlines):
    tokens = Vocabulary().tokens(headlines)

    assert len(tokens) == len(headlines)
    assert [tokens.words(place) for place in range(len(tokens))] == headlines


@given(HEADLINES, st.data())
def test_a_selection_has_the_headlines_that_were_picked_in_that_order(headlines, data):
    picked = data.draw(st.lists(st.integers(0, len(headlines) - 1))) if headlines else []
    some = Vocabulary().tokens(headlines).select(picked)

    assert [some.words(place) for place in range(len(some))] == [headlines[place] for place in picked]


@given(HEADLINES, st.integers(11, 30))
def test_batches_hold_everything_in_order_and_no_more_than_asked(headlines, most):
    batches = list(Vocabulary().tokens(headlines).batches(most))

    assert [batch.words(place) for batch in batches for place in range(len(batch))] == headlines
    for batch, following in pairwise(batches):
        size = len(batch.numbers) + len(batch) + 1
        assert size <= most < size + int(following.lengths[0]) + 1


def test_a_headline_that_is_too_long_for_a_batch_has_one_of_its_own():
    batches = list(Vocabulary().tokens([["a"], ["b"] * 50, ["c"]]).batches(10))

    assert [batch.words(0) for batch in batches] == [["a"], ["b"] * 50, ["c"]]


@given(st.lists(HEADLINES, max_size=4))
def test_a_column_asks_once_for_each_word_and_answers_for_all(batches):
    asked = Counter()

    def length_of(word):
        asked[word] += 1
        return ord(word)

    column, vocabulary = Column(length_of), Vocabulary()
    for headlines in batches:
        tokens = vocabulary.tokens(headlines)
        found = column.of(vocabulary, tokens.numbers)
        assert found.tolist() == [ord(word) for words in headlines for word in words]

    assert set(asked.values()) <= {1}


def test_a_column_grows_with_its_vocabulary_and_tells_vocabularies_apart():
    column, first, second = Column(int), Vocabulary(), Vocabulary()
    many = first.tokens(
        [[str(number) for number in range(start, start + 3)] for start in range(0, 30_000, 3)]
    )
    few = second.tokens([["7", "7"]])

    assert column.of(first, many.numbers).tolist() == list(range(30_000))
    assert column.of(second, few.numbers).tolist() == [7, 7]
    assert column.of(first, many.numbers[-2:]).tolist() == [29_998, 29_999]


def test_runs_are_laid_one_after_the_other():
    assert ragged(np.array([10, 0, 5]), np.array([2, 0, 3])).tolist() == [10, 11, 5, 6, 7]
