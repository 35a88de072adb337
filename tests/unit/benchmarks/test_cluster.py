"""A simulated cluster does what its parts allow, and no more."""

from dataclasses import replace

import pytest
from tests.benchmarks.cluster import Parts, simulated
from tests.benchmarks.core import STAGES, Held, Spent
from tests.benchmarks.growth_core import Point
from tests.benchmarks.growth_kafka import End, Whole, cluster_of
from tests.benchmarks.log_partition import LogPartition

PARTS = Parts(read_us=15, write_us=9, own_us=12, apply_us=10, log_us=0.5, log_ms=3)


def test_one_core_does_one_piece_of_work_after_the_other():
    found = simulated(PARTS, 1, helpers=False)
    assert found.rate == pytest.approx(1e6 / (15 + 9 + 12 + 10), rel=0.01)
    assert found.worker_busy == pytest.approx(1, abs=0.01)
    assert found.helper_busy == 0


def test_a_helper_takes_its_part_and_the_slower_of_the_two_bounds():
    found = simulated(PARTS, 1, helpers=True)
    assert found.rate == pytest.approx(1e6 / 24, rel=0.02)
    assert found.helper_busy == pytest.approx(1, abs=0.02)
    assert found.worker_busy == pytest.approx(22 / 24, abs=0.02)


@pytest.mark.parametrize("workers", [2, 4, 16])
def test_every_worker_applies_every_entry_and_does_the_rest_for_its_share(workers):
    found = simulated(PARTS, workers, helpers=False)
    assert found.rate == pytest.approx(1e6 / (36 / workers + 10), rel=0.02)


def test_no_number_of_workers_does_more_than_one_can_apply():
    rates = [simulated(PARTS, workers, helpers=True).rate for workers in (2, 8, 32)]
    assert rates == sorted(rates)
    assert rates[-1] == pytest.approx(100_000, rel=0.05)
    assert max(rates) < 100_000


def test_nor_more_than_the_log_takes():
    found = simulated(replace(PARTS, log_us=25), 8, helpers=True)
    assert found.rate == pytest.approx(40_000, rel=0.02)
    assert found.worker_busy < 0.6


def test_a_slow_log_leaves_workers_waiting_with_all_their_fetches_under_way():
    found = simulated(replace(PARTS, log_ms=1_000), 1, helpers=True)
    assert found.rate == pytest.approx(4 * 2_000 / 1.0, rel=0.2)


def test_the_same_parts_give_the_same_cluster():
    assert simulated(PARTS, 5, helpers=True) == simulated(PARTS, 5, helpers=True)


def point(applied_us, listed_us):
    seconds = dict.fromkeys(STAGES, 0.0) | {"read": 1.5, "write": 0.9}
    return Point(Spent(seconds, 100_000), Held(0, 0, 0), 50.0, applied_us, listed_us)


def test_parts_are_those_of_the_loop_and_what_the_worker_took_on_kafka():
    ends = End(100.0, 30_000.0, LogPartition(appended=200e6, fetched=400e6, round_trip_ms=3.0))
    whole = Whole(both=46.0, helper=24.0, alone=44.0)
    parts = whole.parts(point(10.0, 4.0), point(20.0, 5.0), ends, helpers=True)
    assert (parts.read_us, parts.write_us) == (pytest.approx(15), pytest.approx(9))
    assert (parts.own_us, parts.apply_us) == (pytest.approx(12), 20.0)
    assert (parts.log_us, parts.log_ms) == (pytest.approx(0.5), 3.0)
    alone = whole.parts(point(10.0, 4.0), point(20.0, 5.0), ends, helpers=False)
    assert alone.read_us + alone.write_us + alone.own_us + 10.0 == pytest.approx(44.0)


def test_what_is_said_of_clusters_names_where_the_design_ends():
    ends = End(100.0, 30_000.0, LogPartition(appended=200e6, fetched=400e6, round_trip_ms=3.0))
    points = {100_000: point(10.0, 4.0), 1_000_000: point(20.0, 5.0)}
    lines, notes = cluster_of(Whole(46.0, 24.0, 44.0), points, ends)
    assert list(lines) == [
        "two cores each, 100,000 entries",
        "a core each, 100,000 entries",
        "two cores each, 1,000,000 entries",
        "a core each, 1,000,000 entries",
    ]
    assert all(rate < 50_000 for name, line in lines.items() if "1,000,000" in name for _, rate in line)
    text = "\n".join(notes)
    assert (
        "costs 20.0 us, so never more than 50,000/s; 5.0 us, 200,000/s, if it had not to be compared" in text
    )
    assert "2,000,000 headlines/s appended, 4,000,000/s fetched by one reader, 3.0 ms there and back" in text
