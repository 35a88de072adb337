"""What a headline takes is what grew between two readings, by the headlines that came out between them."""

import pytest
from tests.benchmarks.reading import Reading, appended, cost, stages_us


def reading(at, out, **changed):
    given = {"cpu_s": {"system": 0.0, "broker": 0.0}, "machine_s": 0.0, "rss": 0}
    return Reading(at, out, **{**given, **changed})


def test_cpu_goes_to_the_headlines_by_process():
    begin = reading(10, 1_000, cpu_s={"system": 1.0, "broker": 5.0}, machine_s=100.0, rss=50_000_000)
    end = reading(14, 41_000, cpu_s={"system": 4.0, "broker": 5.4}, machine_s=104.2, rss=52_000_000)
    found = cost(begin, end)
    assert found.rate == 10_000
    assert found.cpu_us == pytest.approx({"system": 75, "broker": 10})
    assert found.cores == pytest.approx({"system": 0.75, "broker": 0.1})
    assert found.elsewhere == pytest.approx(0.2)
    assert found.rss_bytes == 50
    assert found.rss_mb == 52


def test_cpu_of_child_processes_is_told_apart():
    found = cost(reading(0, 0, children_s=1.0), reading(1, 20_000, children_s=1.5))
    assert found.children_us == pytest.approx(25)


def test_clocks_of_coarse_ticks_leave_nothing_below_nought_elsewhere():
    found = cost(reading(0, 0), reading(1, 1, cpu_s={"system": 0.5, "broker": 0.01}, machine_s=0.5))
    assert found.elsewhere == 0


def test_a_slice_in_which_nothing_came_out_has_a_rate_of_nought():
    assert cost(reading(0, 5), reading(10, 5)).rate == 0


def metrics(records, normalize, other=0.0):
    stages = dict.fromkeys(("normalize", "fingerprint", "agree", "route", "deliver"), other)
    stages["normalize"] = normalize
    return {
        ("newswire_records_total", "routed"): records,
        ("newswire_records_total", "duplicate"): records,
        **{("newswire_stage_duration_seconds_sum", stage): seconds for stage, seconds in stages.items()},
    }


def test_stages_go_to_the_records_of_all_outcomes():
    begin, end = (reading(0, 0, metrics=metrics(*given)) for given in ((100, 1.0), (1_100, 1.02)))
    assert stages_us(begin, end)["normalize"] == pytest.approx(10)


def test_a_system_without_metrics_has_no_stages():
    assert stages_us(reading(0, 0), reading(1, 10)) == {}


def test_what_is_in_kafka_goes_to_the_headlines_that_came_out():
    end = reading(1, 10, records={"raw": 10, "log": 1}, stored={"raw": 1_200, "log": 300})
    assert appended(end) == {
        "raw": {"records": 1, "bytes": 120},
        "log": {"records": 0.1, "bytes": 30},
    }
