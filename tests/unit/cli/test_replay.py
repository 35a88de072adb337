"""The command line of `newswire replay`, as far as it needs no broker."""

from __future__ import annotations

import pytest
from worker.cli import run


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
        (["--rate", "0"], "--rate"),
        (["--limit", "0"], "--limit"),
        (["--format", "xml"], "--format"),
    ],
)
def test_what_cannot_be_used_ends_with_exit_2_and_says_what(arguments, said, capsys):
    assert run(["replay", *arguments]) == 2
    assert said in capsys.readouterr().err
