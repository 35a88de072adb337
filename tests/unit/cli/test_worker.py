"""The command line of `newswire worker`; the worker itself has its own tests."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs
from worker import app
from worker.cli import run


@pytest.fixture
def started(monkeypatch):
    """The settings that a worker was run with."""
    settings = []
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)
    monkeypatch.setattr(app, "run", lambda given: settings.append(given) or 5)
    return settings


def test_the_worker_runs_by_the_settings_and_its_code_is_the_commands(started):
    with capture_logs() as lines:
        assert run(["worker", "--set", "worker.batch_records=7"]) == 5
    assert started[0].worker.batch_records == 7
    assert not lines


def test_what_is_risky_is_told_before_the_worker_starts(started):
    with capture_logs() as lines:
        assert run(["worker", "--set", "dedup.window_s=5"]) == 5
    assert [(line["log_level"], "dedup.window_s=5" in line["event"]) for line in lines] == [("warning", True)]


def test_settings_that_cannot_be_used_start_nothing(started, capsys):
    assert run(["worker", "--set", "topics.log_max_message_bytes=16384"]) == 2
    assert "topics.log_max_message_bytes=16384" in capsys.readouterr().err
    assert not started
