"""Fetches come quickly where there is time, and are few and large where there is none."""

from hypothesis import given
from hypothesis import strategies as st
from worker.transport.pace import Pace


def settled(share, longest_ms=50):
    """The wait after ten seconds in which the worker used a share of a core."""
    pace = Pace(longest_ms)
    return [pace.wait_ms(share * 0.05, 0.05) for _ in range(200)][-1]


def test_an_idle_worker_waits_for_the_shortest():
    assert settled(0.0) == settled(0.2) == 3


def test_a_busy_worker_waits_for_the_longest():
    assert settled(1.0) == settled(1.6) == 50


def test_the_busier_the_longer():
    waits = [settled(share / 10) for share in range(11)]

    assert waits == sorted(waits)
    assert 3 < settled(0.5) < settled(0.7) < 50


def test_one_busy_moment_is_not_taken_for_a_busy_worker():
    pace = Pace(50)
    for _ in range(100):
        pace.wait_ms(0.0, 0.05)

    assert pace.wait_ms(0.02, 0.02) == 3


@given(
    st.floats(1, 10_000),
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=1),
)
def test_a_wait_is_never_nothing_and_never_above_the_longest(longest_ms, passed):
    pace = Pace(longest_ms)

    assert all(1 <= pace.wait_ms(cpu_s, passed_s) <= round(longest_ms) for cpu_s, passed_s in passed)
