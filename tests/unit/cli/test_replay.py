"""The command line of `newswire replay`, as far as it needs no broker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from worker.cli import run
from worker.cli.replay import LEAST_RATE, MOST_RATE, _schedule
from worker.replay.event import Schedule


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.txt"], "nowhere.txt: no such file"),
        (["-", "--repeat", "2"], "--repeat: standard input and pipes can be read once"),
        (["--start-time", "yesterday"], "--start-time yesterday: give an ISO 8601 time"),
        (["--field", "titel=title"], "--field titel=title"),
        (["--start-time", "2026-13-01T06:00:00Z"], "--start-time 2026-13-01T06:00:00Z: give an ISO 8601"),
        (["--start-time", "9999-12-31T23:59:59Z"], "of the years 1900 to 2100, or now"),
        (["--start-time", "1900-01-01T00:00:00+00:01"], "of the years 1900 to 2100, or now"),
        (["--start-time", "0001-01-01"], "of the years 1900 to 2100, or now"),
        (["--rate", "0"], "--rate"),
        (["--rate", "-1"], "--rate"),
        (["--rate", "nan"], "nan: give from 0.000001 to 1000000000 headlines a second"),
        (["--rate", "inf"], "inf: give from 0.000001 to 1000000000 headlines a second"),
        (["--rate", "1e-300", "--start-time", "now"], "1e-300: give from 0.000001"),
        (["--limit", "0"], "--limit"),
        (["--format", "xml"], "--format"),
        (["--format", "lines"], "--format speaks of a file, and none is named: add FILE, or - for standard"),
        (["--field", "headline=title"], "--field speaks of a file, and none is named"),
        (
            ["--topic", "news.sport"],
            "--topic news.sport: what newswire itself writes is there; raw events go to",
        ),
        (["--topic", "headlines.duplicates"], "--topic headlines.duplicates: what newswire itself writes"),
        (["--topic", "headlines.deadletter"], "--topic headlines.deadletter: what newswire itself writes"),
        (["--topic", "headlines.fingerprints"], "raw events go to headlines.raw (topics.raw)"),
        (["--topic", "out.sport", "--set", "topics.output_prefix=out."], "--topic out.sport: what newswire"),
    ],
)
def test_what_cannot_be_used_ends_with_exit_2_and_says_what(arguments, said, capsys):
    assert run(["replay", *arguments]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "start"),
    [
        ("2026-01-09", datetime(2026, 1, 9, tzinfo=UTC)),
        ("2026-01-09t07:00:00+01:00", datetime(2026, 1, 9, 6, tzinfo=UTC)),
        ("2026-01-09 06:00:00.5z", datetime(2026, 1, 9, 6, 0, 0, 500_000, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_start_time_may_be_written_as_iso_8601_allows(given, start):
    assert _schedule(given, rate=0.5) == Schedule(start, timedelta(seconds=2))


@pytest.mark.parametrize("rate", [LEAST_RATE, MOST_RATE])
def test_the_lowest_and_the_highest_rate_make_a_schedule(rate):
    assert _schedule("now", rate).published_at(1)
