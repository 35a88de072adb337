"""`newswire topics`: what was done is told in words."""

import pytest
from click.testing import CliRunner
from worker.cli.topics import command
from worker.topics import Action, Difference, Severity


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


DONE = (
    Difference("news.arts", "topic", "partitions 3, kept 168 h", None, Action.CREATE, Severity.BREAKING),
    Difference("news.sport", "topic", "partitions 3, kept 168 h", None, Action.CREATE, Severity.BREAKING),
    Difference("headlines.raw", "partitions", "6", "3", Action.ADD_PARTITIONS, Severity.WARNING, "keys move"),
    Difference(
        "headlines.raw", "cleanup.policy", "delete", "compact", Action.SET, Severity.BREAKING, "deletes"
    ),
    Difference("headlines.raw", "retention.ms", "7", None, Action.SET, Severity.WARNING),
)


def test_what_was_done_is_no_breakage(monkeypatch):
    async def applied(_settings, *, lower_retention):
        assert not lower_retention
        return DONE, ()

    monkeypatch.setattr("worker.cli.topics._apply", applied)
    done = CliRunner().invoke(command, ["apply"], catch_exceptions=False)

    assert done.exit_code == 0
    assert "breaking" not in done.output
    for line in (
        "news.arts created: partitions 3, kept 168 h",
        "headlines.raw altered: partitions from 3 to 6",
        "headlines.raw altered: cleanup.policy from compact to delete",
        "headlines.raw altered: retention.ms to 7",
        "2 created, 3 altered",
    ):
        assert line in [" ".join(row.replace("│", " ").split()) for row in done.output.splitlines()]


def test_the_help_shows_what_each_command_does_whole():
    shown = CliRunner().invoke(command, ["--help"], catch_exceptions=False).output

    assert "..." not in shown.partition("Commands:")[2]
