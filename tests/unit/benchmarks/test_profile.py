"""Samples of stacks go to the part of the work that they belong to, and share out what their thread took."""

import pytest
from tests.benchmarks import cpu_profile
from tests.benchmarks.profile_parts import LOOP, OTHER, PARTS, Profile, part_of, table
from tests.benchmarks.system import ROOT

START = "_run_module_as_main (<frozen runpy>:198);main (worker/cli/__init__.py:114);run (worker/app.py:77)"
TURN = "BaseEventLoop.run_forever (asyncio/base_events.py:607);BaseEventLoop._run_once (asyncio/base_events.py:1922)"
RUN = f"{TURN};Handle._run (asyncio/events.py:80)"
MAIN = f"thread (11): MainThread;{START};{RUN}"
TAIL = "FingerprintLog._apply_next (worker/fingerprints.py:337);Replica.apply (worker/deduplicate/replica.py:126)"

CONSUMER = "thread (12): Thread-1;Thread._bootstrap (threading.py:1002);WorkerThread.run (mode/threads.py:62)"
RECEIVER = "thread (22): Thread-1;Thread.run (threading.py:982);_receive (worker/stages/helper.py:83)"

WORKER = f"""
{MAIN};{TAIL};Index.flush (worker/deduplicate/index.py:140) 30
{MAIN};{TAIL};judge (worker/deduplicate/match/judge.py:72);compare (worker/deduplicate/match/compare.py:53) 10
{MAIN};_Lane.send (worker/outbox.py:12);BatchBuilder.build (aiokafka/producer/message_accumulator.py:9) 20
{MAIN};_SelectorSocketTransport._read_ready (asyncio/selector_events.py:862) 10
thread (11): MainThread;{START};{TURN};EpollSelector.select (selectors.py:468) 900
{CONSUMER};{RUN};_proc (aiokafka/client.py:1) 5
thread (13): pool;_worker (concurrent/futures/thread.py:81) 700
"""
READ = "_answer (worker/stages/helper.py:77);Stages.read (worker/stages/stages.py:97)"
HELPER = f"""
thread (21): MainThread;{READ};Normalizer.normalize (worker/normalize/batch.py:55);Column.of (worker/tokens.py:105) 60
thread (21): MainThread;{READ} 20
thread (21): MainThread;_answer (worker/stages/helper.py:75) 400
{RECEIVER};_exactly (worker/stages/helper.py:125) 9
"""


def stack(*files):
    return [("f", file) for file in files]


@pytest.mark.parametrize(
    ("frames", "part"),
    [
        (stack("worker/fingerprints.py", "worker/deduplicate/replica.py", "numpy/core/x.py"), "window"),
        (stack("worker/deduplicate/index.py", "worker/deduplicate/match/judge.py"), "judge"),
        (stack("worker/stages/stages.py", "worker/deduplicate/match/keys.py"), "blocking keys"),
        (stack("worker/stages/stages.py", "worker/normalize/batch.py", "worker/tokens.py"), "normalize"),
        (stack("worker/stages/stages.py", "worker/route/router.py"), "route"),
        (stack("worker/stages/stages.py", "worker/route/envelope.py"), "encode"),
        (stack("worker/stages/helper.py"), "wire to the helper"),
        (stack("aiokafka/conn.py"), "Kafka's protocol"),
        (stack("json/decoder.py"), OTHER),
    ],
)
def test_a_stack_belongs_to_the_innermost_part(frames, part):
    assert part_of(frames) == part


def test_what_a_loop_runs_is_not_what_started_the_loop():
    loop = [("run", "worker/app.py"), ("BaseEventLoop._run_once", "asyncio/base_events.py")]
    assert part_of([*loop, ("step", "asyncio/tasks.py")]) == LOOP
    assert (
        part_of([*loop, ("Handle._run", "asyncio/events.py"), ("getmany", "aiokafka/consumer/x.py")])
        == "fetch"
    )


def test_a_thread_shares_out_what_it_took_and_waiting_counts_for_nothing():
    found = Profile.of(WORKER.splitlines(), {11: 14.0, 12: 0.5, 13: 0.25, 14: 0.25})
    assert found.parts == pytest.approx(
        {
            "window": 6.0,
            "judge": 2.0,
            "send": 4.0,
            LOOP: 2.0,
            "Kafka's protocol": 0.5,
            OTHER: 0.5,  # of the threads that did nothing but wait, or were never seen
        }
    )
    assert found.functions["Index.flush (worker/deduplicate/index.py)"] == pytest.approx(6.0)
    assert found.us == pytest.approx(15.0)
    assert found.samples == 75


def test_the_table_has_processes_beside_each_other_and_sums():
    profiles = {
        "worker": Profile.of(WORKER.splitlines(), {11: 14.0, 12: 1.0}),
        "helper": Profile.of(HELPER.splitlines(), {21: 20.0, 22: 1.0}),
    }
    text = table(profiles)
    assert "| us a headline | worker | helper | together | share |" in text
    assert "| normalize | 0.0 | 15.0 | 15.0 | 42% |" in text
    assert "| wire to the helper | 0.0 | 1.0 | 1.0 | 3% |" in text
    assert "| all | 15.0 | 21.0 | 36.0 | |" in text
    assert "| Column.of (worker/tokens.py) | 15.0 |" in text
    assert "| route |" not in text


@pytest.mark.parametrize("line", ["no number", "thread (1): a 3", "f (worker/app.py:1) 3", "17"])
def test_what_is_no_stack_is_refused(line):
    with pytest.raises(ValueError, match="no stack of py-spy"):
        Profile.of([line], {1: 1.0})


def test_parts_are_of_files_that_are_there():
    files = [file for files in PARTS.values() for file in files if file.startswith("worker/")]
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []


def test_a_program_that_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(SystemExit, match="pip install py-spy"):
        cpu_profile.found_spy(str(tmp_path / "py-spy"))


def test_a_program_that_can_not_look_is_told_with_what_it_said(tmp_path, monkeypatch):
    spy = tmp_path / "py-spy"
    spy.write_text("#!/bin/sh\necho 'Permission denied' >&2\nexit 1\n")
    spy.chmod(0o755)
    monkeypatch.setattr(cpu_profile, "LOGS", tmp_path)
    assert cpu_profile.found_spy(str(spy)) == str(spy)
    with pytest.raises(SystemExit, match=r"Permission denied\n.*ptrace_scope"):
        cpu_profile._looked_at(str(spy), {"worker": cpu_profile.psutil.Process()}, 1, 10)


def test_settings_are_given_as_to_the_bench():
    assert cpu_profile._options(["--set", "worker.helper=off"]).set == [("NEWSWIRE_WORKER__HELPER", "off")]
