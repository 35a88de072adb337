"""The command line of `newswire worker`; the worker itself has its own tests."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest
from structlog.testing import capture_logs
from worker import app
from worker.cli import run


@pytest.fixture
def started(monkeypatch):
    """The settings that a worker was run with, and those that its helper was, which starts no process here."""
    settings = []
    thresholds = gc.get_threshold()
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)
    monkeypatch.setattr("worker.cli.worker.Helper", lambda given: ("helper", given))
    monkeypatch.setattr(app, "run", lambda given, helper: settings.append((given, helper)) or 5)
    yield settings
    gc.set_threshold(*thresholds)


def test_the_worker_runs_by_the_settings_and_its_code_is_the_commands(started):
    with capture_logs() as lines:
        assert run(["worker", "--set", "worker.batch_records=7"]) == 5
    (settings, _), *_ = started
    assert settings.worker.batch_records == 7
    assert not lines


def test_the_helper_has_the_same_settings_and_is_there_where_it_is_to_be(started):
    for helper in ("on", "off"):
        run(["worker", "--set", f"worker.helper={helper}"])

    (settings, helper), (_, none) = started
    assert helper == ("helper", settings)
    assert none is None


def test_what_is_risky_is_told_before_the_worker_starts(started):
    with capture_logs() as lines:
        assert run(["worker", "--set", "dedup.window_s=5"]) == 5
    assert [(line["log_level"], "dedup.window_s=5" in line["event"]) for line in lines] == [("warning", True)]


def test_settings_that_cannot_be_used_start_nothing(started, capsys):
    assert run(["worker", "--set", "topics.log_max_message_bytes=16384"]) == 2
    assert "topics.log_max_message_bytes=16384" in capsys.readouterr().err
    assert not started


STARTS = """
import sys
from worker import cli
from worker.cli import worker

class Helper:
    def __init__(self, settings):
        print(*sorted(sys.modules))
        raise SystemExit

worker.Helper = Helper
cli.run(["worker", "--set", "worker.helper=on"])
"""
HEAVY = {"aiohttp", "aiokafka", "faust", "numpy", "worker.app", "worker.deduplicate", "worker.normalize"}


def loaded(script):
    """The modules that a script prints, run by an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_helper_is_started_before_its_worker_imports_what_takes_time():
    modules = loaded(STARTS)

    assert "worker.stages.remote" in modules
    assert not modules & HEAVY


def test_a_worker_with_a_helper_does_not_load_what_only_the_helper_needs():
    modules = loaded("import sys, worker.app, worker.stages.remote; print(*sys.modules)")

    assert "worker.pipeline" in modules
    stages = {"worker.stages.stages", "worker.stages.opening", "worker.stages.helper"}
    assert not modules & (stages | {"worker.route.router", "worker.route.model", "worker.route.envelope"})
