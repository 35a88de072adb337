"""Tables and JSON of a run say what was measured."""

import orjson
import pytest
from tests.benchmarks import run
from tests.benchmarks.latency import Latency
from tests.benchmarks.plot import svg
from tests.benchmarks.reading import Cost
from tests.benchmarks.report import latency_chart, report
from tests.benchmarks.results import Results
from tests.benchmarks.start import Start
from tests.benchmarks.sustained import Slice, Sustained
from tests.benchmarks.systems import DEEP, FAUST, NEWSWIRE, SYSTEMS, chosen
from tests.benchmarks.throughput import Round

STAGES = {"normalize": 12.0, "fingerprint": 8.0, "agree": 60.0, "route": 11.0, "deliver": 90.0}
APPENDED = {
    group: {"records": 0.5, "bytes": 100.0} for group in ("raw", "log", "routed", "duplicates", "deadletter")
}


def cost(rate, elsewhere=0.05):
    cpu_us = {"system": 47.1, "broker": 8.2, "loader": 3.6}
    return Cost(int(rate * 10), 10.0, rate, cpu_us, {"system": 0.9, "broker": 0.2}, elsewhere, 300.0, 12.0)


def latency(system, share, late_s=0.0):
    ms = {"p50": 9.0, "p95": 20.0, "p99": 41.0, "p99.9": 77.0}
    return Latency(
        system, share, share * 20_000, share * 19_990, late_s, 1_000, ms, 90.0, cost(2_000, elsewhere=0.5)
    )


@pytest.fixture
def results():
    found = Results(
        "2026-01-09T10:00:00+00:00", {}, {}, {}, {"newswire": "no loss", "Faust": "none; at most once"}
    )
    for number, (ours, theirs) in enumerate([(20_000, 2_000), (10_000, 1_000), (22_000, 2_000)], 1):
        found.rounds += [
            Round("newswire", number, 1_000, cost(ours), 280.0, STAGES, APPENDED),
            Round("Faust", number, 100, cost(theirs), 130.0, {}, APPENDED),
        ]
    return found


def line(text, begin):
    return next(line for line in text.splitlines() if line.startswith(begin))


def test_throughput_has_its_interval_and_the_ratio_by_rounds(results):
    text = report(results)
    assert line(text, "newswire").split()[1:5] == ["20,000", "[10,000", "-", "22,000]"]
    assert line(text, "Faust").split()[-4:] == ["10.00", "[10.00", "-", "11.00]"]
    assert "3 rounds [interval of 75%]" in text


def test_rounds_that_were_not_alone_are_counted(results):
    assert "not alone" not in report(results)
    results.rounds.append(Round("newswire", 4, 1_000, cost(9_000, elsewhere=0.9), 280.0, STAGES, APPENDED))
    assert "1 of 7 rounds were not alone" in report(results)


def test_costs_stages_bytes_and_promises_stand_beside_it(results):
    text = report(results)
    for figure in ("47.1", "8.2", "280", "60.0", "none; at most once"):
        assert figure in text


def test_latencies_starts_and_slices_have_tables(results):
    results.latencies = [latency("newswire", 0.1), latency("newswire", 0.9, late_s=2.5)]
    results.starts = [Start("newswire", 0, 0, seconds) for seconds in (2.0, 2.5, 2.2)]
    slices = [Slice(cost(rate), STAGES, 1_000_000, 250_000_000) for rate in (9_000, 20_000, 20_000, 18_000)]
    restart = Start("newswire", 6_000_000, 1_000_000, 33.3)
    results.sustained = [Sustained("newswire", slices, cost(19_500), APPENDED, 400.0, restart)]
    text = report(results)
    assert "up to 2.5 s behind  others kept 0.5 cores busy" in text
    assert "2.20" in text
    assert "last third against first: -10.0%" in text
    assert "6,000,000 headlines: 33.3 s, 1,000,000 entries" in text


def test_the_plot_has_the_systems_that_were_measured(results):
    results.latencies = [latency("newswire", share) for share in (0.1, 0.5)]
    document = svg(latency_chart(results))
    assert "newswire p99" in document
    assert "Faust" not in document


def test_the_file_has_every_round(results, tmp_path):
    results.write(tmp_path / "deep" / "figures.json")
    written = orjson.loads((tmp_path / "deep" / "figures.json").read_bytes())
    assert [found["cost"]["rate"] for found in written["rounds"]][:2] == [20_000, 2_000]


def test_systems_are_chosen_by_name():
    assert chosen(f"{FAUST.name}, {NEWSWIRE.name}") == [FAUST, NEWSWIRE]
    with pytest.raises(ValueError, match="no system is called 'Fast'"):
        chosen("newswire,Fast")


def test_names_of_systems_can_be_listed():
    names = [system.name for system in SYSTEMS]
    assert len(set(names)) == len(names)
    assert not any("," in name for name in names)


def test_parts_are_what_was_asked_for():
    assert run._options([]).parts == ["throughput", "latency", "start"]
    assert run._options(["--minutes", "5"]).parts == ["throughput", "latency", "start", "sustained"]
    assert run._options(["--only", "start"]).parts == ["start"]
    assert run._options(["--deep"]).systems == [NEWSWIRE, DEEP, FAUST]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", "sustained"], "needs --minutes"),
        (["--only", "latency"], "--most"),
        (["--only", "speed"], "there are throughput"),
        (["--set", "max_entries=5"], "SECTION.NAME=VALUE"),
        (["--systems", "Fast"], "no system is called"),
        (["--loads", "half"], "such as .1,.5"),
        (["--duplicates", "1"], "from 0 to below 1"),
        (["nowhere.txt"], "is not there"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit):
        run._options(arguments)
    assert said in capsys.readouterr().err


def test_settings_become_newswires_environment():
    options = run._options(["--set", "dedup.max_entries=100000", "--set", "kafka.fetch_max_wait_ms=20"])
    assert dict(options.set) == {
        "NEWSWIRE_DEDUP__MAX_ENTRIES": "100000",
        "NEWSWIRE_KAFKA__FETCH_MAX_WAIT_MS": "20",
    }
