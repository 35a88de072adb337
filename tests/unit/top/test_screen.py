"""What the screen says of figures."""

import io

import pytest
from rich.console import Console
from worker.mediatopics import STREAMS
from worker.top import Screen
from worker.top.figures import Figures, Member, Timing
from worker.top.screen import bar, curve, duration

TIMING = Timing(20.0, 0.012, (0.01, 0.03, 0.045))


def make(**changes):
    shown = {
        "seconds": 2.0,
        "members": (Member("http://w1:9464/metrics", "1.0", {}, 6, 2, 0.61, 180 * 1024**2),),
        "unreached": {},
        "rule": "dedup-1",
        "model": "topics-1",
        "taken_in": 1234.0,
        "outcomes": {"routed": 1000.0, "duplicate": 233.5, "dead_letter": 0.5, "skipped": 0.0},
        "outcome_totals": {"routed": 90_000.0},
        "verdicts": {"original": 990.0, "update": 10.0},
        "topics": {"sport": 600.0, "economy": 300.0, "unsorted": 100.0},
        "dead_letters": {"not_json": 0.5, "schema": 0.0},
        "sources": {"agency": 1234.0},
        "latency": Timing(1234.0, 0.05, (0.04, 0.09, 0.3)),
        "in_time": 0.999,
        "stages": {"normalize": TIMING, "route": Timing(0.0, None, (None, None, None))},
        "fetches": Timing(20.0, 61.7, (50.0, 100.0, 100.0)),
        "loop_delay": TIMING,
        "lag_records": 0.0,
        "lag_seconds": 0.0,
        "log_lag": 1.0,
        "log_age": 0.2,
        "index_entries": 500_000.0,
        "index_limit": 1_000_000.0,
        "index_bytes": 140.0 * 1024**2,
        "rebalances": 1.0,
        "producer_errors": 0.0,
        "frames_ignored": 0.0,
    }
    return Figures(**(shown | changes))


def text(*figures, width=120, colour=False):
    screen, out = Screen(), io.StringIO()
    console = Console(
        file=out,
        width=width,
        highlight=False,
        force_terminal=colour,
        color_system="standard" if colour else None,
    )
    for each in figures:
        drawn = screen.draw(each, "12:00:00 UTC")
    console.print(drawn)
    return out.getvalue()


def said(shown):
    return " ".join(shown.replace("│", " ").split())


def test_one_screen_says_how_it_goes():
    lines = text(make()).splitlines()
    # The left half and the right one, each read down.
    shown = said("\n".join([*(line[:59] for line in lines), *(line[59:] for line in lines), *lines[:3]]))

    for part in (
        "newswire top 12:00:00 UTC over 2.0 s 1 of 1 ready dedup-1 topics-1",
        "w1:9464 1.0 6 2 61% 180 MiB ready",
        "taken in 1,234/s",
        "routed 1,000/s 81% 90,000 since the start",
        "dead letter 0.5/s 0.04%",
        "original 990/s, update 10/s",
        "end to end 50.0 ms 90.0 ms 300 ms 99.90% within 1 s",
        "sport 600/s 60%",
        "weather 0/s 0%",
        "normalize 12.0 ms 30.0 ms 45.0 ms",
        "route - - -",
        "lag none",
        "replica 1 frames behind, newest 200 ms old",
        "500,000 entries, 140 MiB, 50% full",
        "producer errors 0 since the start",
        "fetches 20/s, 62 records each",
        "loop delay 12.0 ms 30.0 ms 45.0 ms",
    ):
        assert part in shown, (part, shown)
    assert all(topic in shown for topic in STREAMS)


def test_what_only_newswire_calls_so_is_explained():
    shown = said(text(make()))

    for word in ("agree: ", "loop delay: ", "frame: ", "ignored where"):
        assert word in shown


def test_all_of_it_stands_on_a_terminal_of_80_columns_and_of_50_lines():
    lines = text(make(), width=120).splitlines()

    assert len(lines) < 50
    assert all(len(line) <= 80 for line in text(make(), width=80).splitlines())


def test_however_many_sources_there_are_a_row_keeps_its_name_and_nothing_is_cut():
    many = {f"a-source-with-a-long-name-{number}": 100.0 - number for number in range(9)}
    shown = said("\n".join(line[59:] for line in text(make(sources=many)).splitlines()))

    assert "sources a-source-with-a-long-name-0 100/s, a-source-with-a-long-name-1 99/s," in shown
    assert "a-source-with-a-long-name-3 97/s" in shown
    assert "a-source-with-a-long-name-4" not in shown


def red(shown):
    return [line for line in shown.splitlines() if "\x1b[31m" in line]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"in_time": 0.98}, "end to end"),
        ({"lag_records": 10.0, "lag_seconds": 90.0}, "10 records, 90.0 s old"),
        ({"outcomes": {"routed": 99.0, "dead_letter": 1.0}}, "dead letter"),
        ({"outcomes": {"routed": 99.0, "skipped": 1.0}}, "skipped"),
        ({"producer_errors": 3.0}, "producer errors"),
        ({"frames_ignored": 3.0}, "frames ignored"),
        ({"unreached": {"http://w2:9464/metrics": "no worker answers there"}}, "w2:9464"),
        ({"members": (Member("http://w1:1/metrics", "1", {"log": "behind"}, 0, 0, 0, 0),)}, "log: behind"),
    ],
)
def test_what_is_wrong_is_red_and_nothing_else_is(changes, named):
    assert not red(text(make(), colour=True))
    assert any(named in line for line in red(text(make(**changes), colour=True)))


def test_the_curve_is_of_the_last_rates():
    shown = text(make(taken_in=10.0), make(taken_in=80.0), make(taken_in=40.0))

    assert "▂█▅" in shown or "▂█▄" in shown
    # One rate has no course.
    assert "10/s █" not in said(text(make(taken_in=10.0)))


def test_a_full_window_leaves_the_names_of_its_rows_whole():
    full = make(index_entries=6_000_000.0, index_limit=6_000_000.0, index_bytes=1_540.0 * 1024**2)
    shown = said("\n".join(line[:59] for line in text(full).splitlines()))

    assert "window 6,000,000 entries, 1,540 MiB, 100% full" in shown
    assert "producer errors 0 since the start" in shown


def test_before_anything_happens_there_is_a_screen_too():
    nothing = Timing(0.0, None, (None, None, None))
    zeros = {
        name: {} for name in ("outcomes", "outcome_totals", "verdicts", "topics", "dead_letters", "sources")
    }
    shown = said(
        text(
            make(
                taken_in=0.0,
                latency=nothing,
                in_time=None,
                fetches=nothing,
                index_entries=0.0,
                index_limit=0.0,
                **zeros,
            )
        )
    )

    assert "taken in 0/s" in shown
    assert "verdicts none" in shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "-"),
        (0, "0.0 ms"),
        (0.0123, "12.3 ms"),
        (0.0996, "100 ms"),
        (0.9996, "1.0 s"),
        (61, "61.0 s"),
        (150, "2 min"),
        (9000, "2.5 h"),
    ],
)
def test_durations_have_the_unit_that_suits_them(seconds, shown):
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("share", "shown"), [(0, "    "), (0.5, "██  "), (1, "████"), (0.28, "█▏  "), (7, "████"), (-1, "    ")]
)
def test_a_bar_is_as_long_as_its_share(share, shown):
    assert bar(share, 4) == shown


@pytest.mark.parametrize(("values", "shown"), [([], ""), ([0, 0], "▁▁"), ([0, 7], "▁█"), ([7, 7], "██")])
def test_a_curve_is_as_high_as_its_values(values, shown):
    assert curve(values) == shown
