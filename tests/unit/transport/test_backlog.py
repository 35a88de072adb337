"""How old the backlog is, where only its length is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.transport.backlog import BacklogAge


@pytest.fixture
def age():
    return BacklogAge()


def test_without_lag_nothing_is_old(age):
    age.take(0, 1_000)

    assert age.seconds({}, 500) == 0
    assert age.seconds({0: 0, 1: 0}, 500) == 0


def test_a_backlog_is_as_old_as_the_record_that_was_taken_in_last(age):
    age.take(0, 60_000)

    assert age.seconds({0: 9}, 100) == 40
    age.take(0, 90_000)
    assert age.seconds({0: 9}, 100) == 10


def test_the_oldest_partition_counts(age):
    age.take(0, 60_000)
    age.take(1, 20_000)

    assert age.seconds({0: 1, 1: 1}, 100) == 80
    assert age.seconds({0: 1, 1: 0}, 100) == 40


def test_what_comes_after_an_idle_hour_is_not_an_hour_old(age):
    age.take(0, 0)
    age.seconds({0: 0}, 3_600)

    assert age.seconds({0: 1}, 3_601) == 1
    assert age.seconds({0: 5}, 3_660) == 60


def test_a_backlog_of_which_nothing_is_taken_gets_older_from_when_it_is_seen(age):
    assert age.seconds({0: 7}, 100) == 0
    assert age.seconds({0: 7}, 130) == 30

    age.take(0, 40_000)
    assert age.seconds({0: 6}, 140) == 100


def test_another_assignment_knows_nothing_of_the_last(age):
    age.take(0, 10_000)
    age.seconds({0: 3}, 100)
    age.forget()

    assert age.seconds({0: 3}, 200) == 0


def test_a_timestamp_ahead_of_the_clock_makes_nothing_younger_than_new(age):
    age.take(0, 200_000)

    assert age.seconds({0: 1}, 100) == 0


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 50), st.booleans()), max_size=30))
def test_a_backlog_is_never_said_to_be_younger_than_its_oldest_record_once_one_was_taken(steps):
    """One partition: records come at each second's start; the reader takes some; the estimate bounds the truth."""
    age = BacklogAge()
    waiting, now, taken_any = [], 0.0, False
    for come, seconds, look in steps:
        waiting += [now] * come
        if waiting and seconds % 2:
            age.take(0, round(waiting.pop(0) * 1000))
            taken_any = True
        if look:
            estimate = age.seconds({0: len(waiting)}, now)
            assert bool(estimate) <= bool(waiting)
            if waiting and taken_any:
                assert estimate >= now - waiting[0]
        now += seconds
