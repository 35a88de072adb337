"""What a burst at one worker does to another one's headlines is told apart by when they were under way."""

import numpy as np
import orjson
import pytest
from tests.benchmarks import burst, run
from tests.benchmarks.burst import PHASES, Burst, partitions_of, phases, points, waits_ms
from tests.benchmarks.load import Sender
from tests.benchmarks.plot import svg
from tests.benchmarks.reading import STAGES, Cost
from tests.benchmarks.report import burst_chart, report
from tests.benchmarks.results import Results

COST = Cost(110_000, 5.5, 20_000.0, {"system": 50.0}, {"system": 1.4, "broker": 0.3}, 0.05, 300.0, 12.0)


def found(late_s=0.0):
    appended, taken = np.array([1.0, 2.0, 9.0]), np.array([0.02, 0.7, 0.03])
    return Burst(
        system="newswire",
        headlines=100_000,
        entries=2_000,
        rate=500.0,
        late_s=late_s,
        appended_s=1.2,
        seconds=5.0,
        phases=phases(appended, taken, 1.5, 6.5),
        waits_ms={"before": dict.fromkeys(STAGES, 3.0), "during": dict.fromkeys(STAGES, 90.0)},
        points=points(appended - 1.5, taken),
        cost=COST,
    )


def results(*bursts):
    return Results("2026-01-09T10:00:00+00:00", {}, {}, {}, {"newswire": "no loss"}, bursts=list(bursts))


def test_during_is_all_that_was_under_way_between_first_append_and_last_output():
    appended = np.array([0.5, 0.99, 1.0, 2.0, 3.0, 3.01])
    taken = np.array([0.01, 0.02, 0.03, 0.8, 0.05, 0.06])
    parts = phases(appended, taken, 1.0, 3.0)
    assert list(parts) == list(PHASES)
    assert [parts[name].headlines for name in PHASES] == [1, 4, 1]
    assert [round(parts[name].ms["most"]) for name in PHASES] == [10, 800, 60]
    assert round(parts["during"].ms["p50"]) == 30


def test_a_phase_without_headlines_is_an_error():
    with pytest.raises(ValueError, match="no percentile"):
        phases(np.array([1.0, 2.0]), np.array([0.1, 0.1]), 0.5, 1.5)


def test_points_are_of_steps_of_time_that_have_headlines():
    since, taken = np.array([-0.1, 0.0, 0.2, 0.24, 0.9]), np.array([0.01, 0.02, 0.5, 0.03, 0.04])
    assert points(since, taken, 0.25) == [
        (-0.25, pytest.approx(10), pytest.approx(10)),
        (0.0, pytest.approx(30), pytest.approx(500)),
        (0.75, pytest.approx(40), pytest.approx(40)),
    ]


def test_waits_are_means_of_what_came_between_two_readings():
    before = {(f"{burst.STAGE}_count", "agree"): 10.0, (f"{burst.STAGE}_sum", "agree"): 1.0}
    after = {
        (f"{burst.STAGE}_count", "agree"): 14.0,
        (f"{burst.STAGE}_sum", "agree"): 1.2,
        (f"{burst.DELAY}_count",): 4.0,
        (f"{burst.DELAY}_sum",): 0.02,
    }
    waits = waits_ms(before, after)
    assert waits["agree"] == pytest.approx(50)
    assert waits["loop delay"] == pytest.approx(5)
    assert waits["route"] == 0.0


def test_a_worker_tells_its_partitions_by_their_lag():
    lag = "newswire_consumer_lag_records"
    assert partitions_of({(lag, "4"): 0.0, (lag, "11"): 3.0, ("newswire_ready",): 1.0}) == [4, 11]


def test_a_sender_takes_its_partitions_in_turn(monkeypatch):
    sent = []

    class Producer:
        def __init__(self, _settings):
            pass

        def produce(self, _topic, _value, key, partition, **_):
            sent.append((key, partition))

        def poll(self, _seconds):
            pass

    monkeypatch.setattr("tests.benchmarks.load.Producer", Producer)
    chosen, by_key = (Sender("nowhere", "raw", linger_ms=2, partitions=some) for some in ((3, 5), ()))
    for key in (b"a", b"b", b"c"):
        chosen.put(key, b"{}")
    by_key.put(b"d", b"{}")
    assert sent == [(b"a", 3), (b"b", 5), (b"c", 3), (b"d", -1)]


def test_the_table_has_latency_by_phase_and_where_it_was_spent():
    text = report(results(found()))
    during = next(line for line in text.splitlines() if line.startswith("during"))
    assert during.split() == ["during", "1", "700", "700", "700"]
    assert "the burst took 5.0 s, 20,000 headlines/s" in text
    assert "other worker, during: normalize 90.0" in text
    assert "cores during the burst: system 1.40, broker 0.30, elsewhere 0.05" in text
    assert "not kept" not in text
    assert "up to 0.4 s behind" in report(results(found(late_s=0.4)))


def test_plot_and_file_have_the_burst(tmp_path):
    document = svg(burst_chart(results(found())))
    assert "newswire most" in document
    assert "1 s" in document
    results(found()).write(tmp_path / "figures.json")
    written = orjson.loads((tmp_path / "figures.json").read_bytes())["bursts"][0]
    assert written["phases"]["during"]["ms"]["most"] == pytest.approx(700)


def test_a_run_needs_its_headlines_and_is_only_made_when_asked_for():
    assert burst.headlines(0, 1_000, 100) == 2_000 + 1_000 + 100 * (12 + 8 + 24)
    assert burst.headlines(50_000, 1_000, 100) == 50_000 + 1_000 + 100 * (12 + 8 + 24)
    assert "burst" not in run._options(["--minutes", "5"]).parts
    assert run._options(["--only", "burst", "--burst", "5000"]).burst == 5_000
