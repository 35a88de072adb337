"""Rates and quantiles out of two readings, of one worker and of several."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.events import Reason
from worker.metrics import Outcome, Stage
from worker.top import Reading, figures, read
from worker.top.figures import quantile
from worker.top.reading import Worker

NOWHERE = "http://127.0.0.1:1/metrics"


def after(reading, seconds):
    return Reading(reading.at + seconds, reading.workers, reading.unreached)


async def between(urls, change, seconds=2.0):
    """The figures of an interval in which something changes."""
    before = await read(urls)
    change()
    now = await read(urls)
    return figures(before, Reading(before.at + seconds, now.workers, now.unreached))


async def test_counters_become_rates(serve):
    worker = await serve()
    metrics = worker.metrics
    metrics.outcome(Outcome.ROUTED, 1000)

    def work():
        metrics.batch(300)
        metrics.outcome(Outcome.ROUTED, 200)
        metrics.outcome(Outcome.DUPLICATE, 90)
        metrics.dead_letter(Reason.NOT_JSON, 10)
        metrics.routed("sport", 150)
        metrics.routed("unsorted", 50)
        metrics.verdict("duplicate", "same", 90)
        metrics.sources({"agency": 290})

    found = await between([worker.url], work)

    assert found.taken_in == 150
    assert (found.outcomes["routed"], found.outcomes["duplicate"]) == (100, 45)
    assert found.outcome_totals["routed"] == 1200
    assert (found.topics["sport"], found.topics["unsorted"], found.topics["arts"]) == (75, 25, 0)
    assert found.dead_letters["not_json"] == 5
    assert found.verdicts == {"duplicate": 45}
    assert found.sources["agency"] == 145


async def test_only_the_interval_counts_for_latency_and_stages(serve):
    worker = await serve()
    worker.metrics.end_to_end.observe([50.0] * 1000)

    def work():
        worker.metrics.end_to_end.observe([0.04] * 98 + [2.0] * 2)
        worker.metrics.stage(Stage.ROUTE, 0.004)
        worker.metrics.stage(Stage.ROUTE, 0.002)

    found = await between([worker.url], work)

    assert found.latency.rate == 50
    assert found.in_time == 0.98
    half, _, nearly_all = found.latency.quantiles
    assert 0.03 < half <= 0.05
    assert 1 < nearly_all <= 2.5
    assert found.stages["route"].mean == pytest.approx(0.003)
    assert found.stages["agree"].mean is None
    assert found.stages["agree"].quantiles == (None, None, None)


async def test_several_workers_add_up_and_what_each_has_a_copy_of_does_not(serve):
    one, two = await serve(), await serve()
    one.state.lag, two.state.lag = 5, 7
    one.state.lag_s, two.state.lag_s = 12.0, 3.0
    two.state.entries = 120

    def work():
        one.metrics.outcome(Outcome.ROUTED, 10)
        two.metrics.outcome(Outcome.ROUTED, 30)

    found = await between([one.url, two.url, one.url], work)

    assert [member.url for member in found.members] == [one.url, two.url]
    assert [member.partitions for member in found.members] == [2, 2]
    assert found.outcomes["routed"] == 20
    assert (found.lag_records, found.lag_seconds) == (12, 12)
    assert (found.index_entries, found.index_limit) == (120, 1000)
    assert (found.rule, found.model) == ("dedup-1", "topics-1")


async def test_who_does_not_answer_is_named_and_the_others_count(serve):
    worker = await serve()
    worker.unready = {"log": "catching up"}
    found = await between([worker.url, NOWHERE], lambda: worker.metrics.outcome(Outcome.ROUTED, 2))

    assert found.outcomes["routed"] == 1
    assert found.members[0].unready == {"log": "catching up"}
    assert "no worker answers there" in found.unreached[NOWHERE]


def reading(at, start, routed):
    values = {
        ("process_start_time_seconds", ()): start,
        ("newswire_records_total", (("outcome", "routed"),)): routed,
    }
    return Reading(at, (Worker("u", {}, values),), {})


def test_a_worker_that_was_started_anew_counts_from_its_start():
    assert figures(reading(0, 1.0, 500), reading(2, 2.0, 600)).outcomes["routed"] == 300
    assert figures(reading(0, 1.0, 500), reading(2, 1.0, 600)).outcomes["routed"] == 50


def test_a_worker_that_is_new_has_no_rate_yet():
    assert figures(Reading(0, (), {}), reading(2, 1.0, 600)).outcomes == {}


def test_a_quantile_lies_within_its_bucket_in_proportion():
    buckets = {0.1: 0, 0.2: 10, 0.4: 20, inf: 20}

    assert quantile(0.25, buckets) == pytest.approx(0.15)
    assert quantile(0.5, buckets) == pytest.approx(0.2)
    assert quantile(0.75, buckets) == pytest.approx(0.3)


def test_a_quantile_beyond_the_last_bound_is_that_bound():
    assert quantile(0.9, {1.0: 1, inf: 10}) == 1.0


@pytest.mark.parametrize("buckets", [{}, {1.0: 0, inf: 0}])
def test_nothing_has_no_quantile(buckets):
    assert quantile(0.5, buckets) is None


@given(
    st.lists(st.floats(0.001, 99), min_size=1, max_size=50),
    st.floats(0.01, 1),
)
def test_a_quantile_is_in_the_bucket_of_the_value_that_has_its_rank(values, q):
    bounds = [0.01, 0.1, 1, 10, 100]
    buckets = {bound: sum(value <= bound for value in values) for bound in bounds} | {inf: len(values)}
    found = quantile(q, buckets)
    # The first bucket that holds at least q of the values.
    holds = next(bound for bound in bounds if buckets[bound] >= q * len(values))
    assert ([0, *bounds][bounds.index(holds)]) <= found <= holds
