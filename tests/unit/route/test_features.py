from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.route.features import (
    GRAM_BUCKETS,
    GRAM_SHARE_BITS,
    PAIR_SLOTS,
    gram_buckets,
    gram_share,
    pair_slots,
    shape,
)

words = st.text(min_size=1, max_size=80)


def test_numbers_of_as_many_digits_have_one_shape():
    assert shape("41") == shape("43") == "00"
    assert shape("$1.8bn") == "$0.0bn"
    assert shape("goal") == "goal"


def test_the_buckets_of_a_word_are_these_on_every_machine():
    assert gram_buckets("goal") == [5800, 8286, 8721, 8858, 8962, 16645, 17487, 25350, 27438]


def test_a_word_without_letters_has_no_buckets():
    assert gram_buckets("") == []


@given(words)
def test_buckets_are_distinct_and_within_the_table(word: str):
    buckets = gram_buckets(word)
    assert len(set(buckets)) == len(buckets)
    assert all(0 <= bucket < GRAM_BUCKETS for bucket in buckets)


def test_letters_after_the_fortieth_do_not_count():
    assert gram_buckets("a" * 40 + "xyz") == gram_buckets("a" * 40 + "uvw")


@given(st.integers(1, 120))
def test_a_share_is_two_over_the_root_of_the_count(count: int):
    assert gram_share(count) / (1 << GRAM_SHARE_BITS) == pytest.approx(2 / count**0.5, abs=2e-5)


def test_the_slots_of_pairs_are_these_on_every_machine():
    first, second = np.array([0, 1, 2, 90_000]), np.array([1, 0, 2, 90_001])
    assert pair_slots(first, second).tolist() == [147599, 476155, 333250, 474306]


@given(st.lists(st.tuples(st.integers(0, 1 << 17), st.integers(0, 1 << 17)), min_size=1))
def test_slots_are_within_the_table(pairs: list[tuple[int, int]]):
    first, second = np.array(pairs, np.int64).T
    slots = pair_slots(first, second)
    assert ((slots >= 0) & (slots < PAIR_SLOTS)).all()
