"""What `newswire replay` and `newswire preview` are told to read."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from worker.cli import preview, replay
from worker.cli.inputs import Inputs, input_options
from worker.config import Settings
from worker.errors import UsageError
from worker.replay.document import SEEDS
from worker.replay.event import SEED_SCHEDULE, Schedule
from worker.replay.plan import readings

SETTINGS = Settings()


@pytest.fixture
def given():
    """The inputs of a command line."""

    def given(*arguments: str) -> Inputs:
        taken = []

        @click.command()
        @input_options
        def command(inputs):
            taken.append(inputs)

        result = CliRunner().invoke(command, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return taken[0]

    return given


def test_both_commands_read_the_same_way():
    names = set(Inputs.__struct_fields__)
    told = [
        [option.to_info_dict() for option in module.command.params if option.name in names]
        for module in (preview, replay)
    ]
    assert told[0] == told[1]
    assert {option["name"] for option in told[0]} == names


def test_without_options_the_seeds_are_read_at_their_own_times(given):
    plan = given().plan(SETTINGS)
    assert plan.documents == (SEEDS,)
    assert plan.schedule == SEED_SCHEDULE
    assert plan.source == SETTINGS.replay.source


@pytest.mark.parametrize("options", [["--format", "lines"], ["--field", "headline=title"]])
def test_what_is_said_of_a_file_needs_one(given, options):
    with pytest.raises(UsageError, match="none is named: add FILE, or - for standard input"):
        given(*options).plan(SETTINGS)
    assert given(*options, "-").plan(SETTINGS).documents[0].path is None


def test_who_pipes_something_in_and_reads_the_seeds_is_told(given, monkeypatch, capsys):
    inputs = given()
    reading, writing = os.pipe()
    with os.fdopen(reading) as piped, os.fdopen(writing, "w") as writer:
        monkeypatch.setattr("sys.stdin", piped)
        assert inputs.plan(SETTINGS).documents == (SEEDS,)
        assert capsys.readouterr().err == ""
        writer.write("one headline")
        writer.flush()
        assert inputs.plan(SETTINGS).documents == (SEEDS,)
    assert capsys.readouterr().err == (
        "note: no FILE is named, so the seeds are read; - reads what is piped in\n"
    )


@pytest.mark.parametrize("name", [os.devnull, __file__])
def test_a_standard_input_that_nobody_pipes_into_is_no_reason_for_a_note(given, monkeypatch, capsys, name):
    inputs = given()
    with Path(name).open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        inputs.plan(SETTINGS)
    assert capsys.readouterr().err == ""


def test_every_option_reaches_the_plan_and_a_file_keeps_its_own_times(given, tmp_path):
    file = tmp_path / "feed.txt"
    file.write_text("title\tpage\nSnow\t7\nRain\t8\n")
    options = ["--format", "tsv", "--field", "headline=title", "--source", "desk", "--limit", "1"]
    plan = given(*options, str(file)).plan(SETTINGS, repeat=2)
    (reading,) = readings(plan)
    assert reading.found.headline == "Snow"
    assert b'"source":"desk"' in reading.event.value
    assert b"published_at" not in reading.event.value
    assert plan.repeat == 2


def test_a_schedule_that_is_asked_for_wins_over_that_of_the_seeds(given):
    asked = Schedule(SEED_SCHEDULE.start, 2 * SEED_SCHEDULE.spacing)
    assert given().plan(SETTINGS, schedule=asked).schedule == asked


def test_a_file_that_is_missing_is_told_before_anything_is_read(given, tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        given(str(tmp_path / "nowhere.txt")).plan(SETTINGS)
