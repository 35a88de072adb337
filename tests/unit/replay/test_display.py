"""What people see of a replay."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from worker.replay.display import FAULTS_SHOWN, Display, skipped
from worker.replay.document import SEEDS
from worker.replay.entry import Fault
from worker.replay.fields import FieldMap
from worker.replay.plan import Plan, Reading
from worker.replay.send import Tally

PLAN = Plan(documents=(SEEDS,), source="wire", fields=FieldMap())


def display_on(*, terminal=False):
    output = io.StringIO()
    return Display(PLAN, "headlines.raw", Console(file=output, force_terminal=terminal, width=100)), output


def test_a_fault_is_shown_with_file_and_line():
    display, output = display_on()
    display.fault(Reading(SEEDS, Fault(7, "no headline follows this dash", "-"), None))

    assert output.getvalue().replace("\n", "") == "skipped the seeds:7: no headline follows this dash: -"


def test_many_faults_are_counted_and_not_shown():
    display, output = display_on()
    for line in range(1000):
        display.fault(Reading(SEEDS, Fault(line, "wrong", "x"), None))

    assert output.getvalue().count("wrong") == FAULTS_SHOWN
    assert "counted, not shown" in output.getvalue().replace("\n", " ")


async def test_on_a_terminal_a_bar_ends_at_what_is_confirmed():
    display, output = display_on(terminal=True)
    tally = Tally()
    async with display.following(tally):
        tally.sent = tally.confirmed = 62

    assert "62/62" in output.getvalue()
    assert "confirmed" in output.getvalue()


async def test_without_a_terminal_there_is_no_bar():
    display, output = display_on()
    async with display.following(Tally()):
        pass

    assert output.getvalue() == ""


@pytest.mark.parametrize(("lines", "said"), [(1, "1 line skipped"), (1000, "1,000 lines skipped")])
def test_skipped_lines_are_counted_in_words(lines, said):
    assert skipped(lines) == said


def test_the_summary_says_how_far_it_came(capsys):
    display, _ = display_on()
    display.summary(Tally(sent=1200, confirmed=1000, faults=3), interrupted=True)

    said = capsys.readouterr().out
    assert said.startswith("interrupted: 1,200 headlines of ")
    for part in ("headlines.raw", "1,000 confirmed", "200 NOT confirmed", "3 lines skipped"):
        assert part in said
