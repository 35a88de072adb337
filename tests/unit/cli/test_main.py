from __future__ import annotations

import importlib
import re
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest
from worker import __version__, cli, errors
from worker.cli import COMMANDS, INTERRUPTED, run

CODES = {0, 1, 2, 3, 4, 5, 6, 7, INTERRUPTED}


def test_every_error_has_a_code_and_every_code_its_error():
    classes = [error for error in vars(errors).values() if isinstance(error, type)]
    assert {error.exit_code for error in classes} == CODES - {0, INTERRUPTED}


def test_help_lists_every_command_and_every_exit_code(capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert f"{name} " in shown
        assert entry.help in shown
    for code in CODES:
        assert f" {code}  " in shown
    assert "128 + n" in shown


def test_the_readme_lists_every_exit_code():
    readme = (Path(__file__).parents[3] / "README.md").read_text("utf-8")
    listed = " ".join(readme.partition("- **Exit codes**:")[2].partition("- **")[0].split())
    told = {int(number) for number in re.findall(r"(?:^|, )([0-9]+) ", listed)}
    assert told == CODES
    assert f"{128 + signal.SIGTERM} for SIGTERM" in listed


def test_help_imports_no_command_and_no_library_of_kafka():
    script = (
        "import sys, worker.cli\n"
        "worker.cli.run(['--help'])\n"
        "heavy = {'pydantic', 'aiokafka', 'faust', 'rich', 'numpy', 'aiohttp'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_explains_itself(name, capsys):
    command = importlib.import_module(COMMANDS[name].module).command
    assert isinstance(command, click.Command)
    assert run([name, "--help"]) == 0
    assert f"Usage: newswire {name}" in capsys.readouterr().out


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"newswire, version {__version__}\n"


def test_an_unknown_command_is_a_usage_error_that_suggests_help(capsys):
    assert run(["wroker"]) == 2
    assert "No such command 'wroker'" in capsys.readouterr().err


@pytest.fixture
def ending(monkeypatch):
    """A command `end` that ends as a test says: with a return value or an exception."""

    def end_with(outcome: object) -> None:
        @click.command()
        def command() -> object:
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: command)

    return end_with


@pytest.mark.parametrize(
    "error",
    [
        errors.NewswireError,
        errors.SettingsError,
        errors.TopicDriftError,
        errors.BrokerUnavailableError,
        errors.DrainTimeoutError,
        errors.LogIntegrityError,
        errors.StalledError,
    ],
)
def test_an_error_ends_in_one_line_and_its_exit_code(ending, capsys, error):
    ending(error("what was wrong"))
    assert run(["end"]) == error.exit_code
    assert capsys.readouterr().err == "error: what was wrong\n"


def test_an_error_shows_its_traceback_in_debug(ending, capsys):
    ending(errors.TopicDriftError("what was wrong"))
    assert run(["--debug", "end"]) == 3
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.endswith("error: what was wrong\n")


@pytest.mark.parametrize("outcome", [None, 0, 5])
def test_what_a_command_returns_is_its_exit_code(ending, outcome):
    ending(outcome)
    assert run(["end"]) == (outcome or 0)


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_ends_quietly_with_130(ending, capsys, interrupt):
    ending(interrupt)
    assert run(["end"]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_bug_is_not_hidden(ending):
    ending(ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        run(["end"])


def test_a_reader_that_has_had_enough_is_no_error():
    script = (
        "import click, sys, worker.cli as cli\n"
        "@click.command()\n"
        "def command():\n"
        "    for _ in range(100_000):\n"
        "        click.echo('a line')\n"
        "cli.LazyGroup.get_command = lambda *_: command\n"
        "sys.argv = ['newswire', 'end']\n"
        "cli.main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 0
