"""The log's promises under histories that hypothesis draws, and under some that are worth telling.

`tests/reliability/test_model_histories.py` runs many random ones over the same operations.
"""

from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.deduplicate.model.cluster import Settings
from tests.unit.deduplicate.model.draw import LEAST_REMEMBERED
from tests.unit.deduplicate.model.history import History, run
from tests.unit.deduplicate.model.operations import ARGUMENTS, DOMAINS, WINDOW_MS, YEAR_2100_MS
from tests.unit.deduplicate.model.promises import Promise
from worker.deduplicate import replica, rule
from worker.deduplicate.memory import Past
from worker.deduplicate.replica import Replica

SETTINGS = st.builds(
    Settings,
    window_ms=st.just(WINDOW_MS),
    max_entries=st.sampled_from((3, 8, 1000)),
    partitions=st.integers(1, 3),
    log_start=st.sampled_from((0, 7)),
    rules=st.integers(0, 2),
    least_remembered=st.sampled_from(LEAST_REMEMBERED),
)
STEPS = st.one_of(
    [
        st.tuples(st.just(name), *[st.sampled_from(DOMAINS[argument]) for argument in arguments])
        for name, arguments in ARGUMENTS.items()
    ]
)
BEGIN = [("start_worker", 3, 1), ("rebalance", 0, 0, 0, 0)]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(SETTINGS, st.lists(STEPS, max_size=60))
def test_no_history_breaks_a_promise(begin, steps):
    assert run(History(begin, [*BEGIN, *steps]))[0] == []


# -- histories worth telling, and what they would break without the rule that they need

PLAIN = Settings(WINDOW_MS, max_entries=1000, partitions=2, log_start=0, rules=0)
TAKE_OVER = [("crash", 0), ("start_worker", 0, 1), ("rebalance", 0, 0, 0, 0)]


def record(partition, place=1, clock_ms=0):
    return ("produce", partition, 1, place, clock_ms, 0)


def work(partition, steps=6, which=0):
    return ("work", which, partition, 1, steps)


def dies_over(clock_ms, repeats, wait_ms):
    """A worker dies over a record when its fingerprint is in the log; its like follow one by one; it is read again."""
    return History(
        PLAIN,
        [
            *BEGIN,
            record(0, clock_ms=clock_ms),
            *[record(1, clock_ms=clock_ms)] * repeats,
            work(0, steps=2),
            *TAKE_OVER,
            *[("busy", wait_ms), ("catch_up", 0, 100), work(1)] * repeats,
            *TAKE_OVER,
            work(0),
        ],
    )


LEFT_OVER = History(
    PLAIN,
    [
        *BEGIN,
        record(0, clock_ms=WINDOW_MS),
        work(0, steps=2),
        *TAKE_OVER,
        *[("tick", 240), ("produce", 1, 2, 1, 0, 0), work(1)] * 17,
        *TAKE_OVER,
        work(0),
    ],
)
"""A record is left over, from a broker whose clock is ahead; the worker that finds it starts four windows later."""

PAUSED = History(
    PLAIN,
    [
        *BEGIN,
        record(0),
        work(0, steps=1),
        ("start_worker", 0, 1),
        ("rebalance", 0, 1, 0, 0),
        ("produce", 1, 2, 1, 0, 0),
        work(1, which=1),
        ("tick", 100),
        ("append", 0),
        ("catch_up", 1, 1),
        ("produce", 1, 1, 1, 0, 0),
        ("busy", 950),
        ("catch_up", 1, 100),
        work(1, which=1),
        ("busy", 1990),
        ("catch_up", 1, 100),
        ("produce", 1, 2, 1, 0, 0),
        work(1, which=1),
    ],
)
"""A worker pauses for a moment, and misses a record; three windows after that record another worker starts."""


@contextmanager
def _three_windows_back():
    with patch.object(rule, "START_WINDOWS", 3), patch.object(rule.Rule, "needed_ms", 0):
        yield


@pytest.mark.parametrize(
    ("history", "promise", "without"),
    [
        pytest.param(
            dies_over(0, repeats=3, wait_ms=900),
            Promise.SUPPRESSED,
            patch.object(Past, "may_hold", lambda *_: False),
            id="a chain of duplicates that begins with a forgotten one",
        ),
        pytest.param(
            dies_over(YEAR_2100_MS, repeats=6, wait_ms=900),
            Promise.SUPPRESSED,
            patch.object(replica, "_set_aside", lambda frame, _: frame),
            id="the same, stamped by a broker whose clock stands at 2100",
        ),
        pytest.param(
            LEFT_OVER,
            Promise.FIRST,
            patch.object(Replica, "_after_raw_ms", lambda _, time: time + 1),
            id="a record left over from a clock that is ahead by what is allowed",
        ),
        pytest.param(
            PAUSED,
            Promise.DIFFERENT,
            _three_windows_back(),
            id="a frame that only those call valid who have read what its writer missed",
        ),
    ],
)
def test_a_history_needs_its_rule(history, promise, without):
    assert run(history)[0] == []
    with without:
        assert promise in {broken.promise for broken in run(history)[0]}
