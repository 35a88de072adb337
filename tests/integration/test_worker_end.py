"""How a worker ends: cleanly with everything done, at once when asked twice, by a deadline in any case."""

import os
import signal
import time

import pytest

DRAIN_S = 4
SMALL = {"NEWSWIRE_WORKER__BATCH_RECORDS": "100"}


def test_sigterm_in_mid_stream_leaves_nothing_half_done_and_a_restart_goes_on_without_a_copy(
    deployment, newsroom
):
    positions = deployment.feed([newsroom.event(number) for number in range(12_000)])
    worker = deployment.start(working=False, **SMALL)
    deployment.wait_until_count(1_000)
    assert worker.terminate().wait() == 0
    assert worker.logged("drained and committed")

    came_out = [output.position for output in deployment.read()]
    assert 1_000 <= len(came_out) < len(positions), "it was to end in the middle"
    committed = deployment.committed()
    below = {(p, offset) for p, end in committed.items() for offset in range(end)}
    assert below == set(came_out)

    deployment.start()
    deployment.wait_until_accounted(len(positions))
    deployment.wait_until_committed()
    assert sorted(output.position for output in deployment.read()) == sorted(positions)


@pytest.fixture
def stuck(deploy, own_broker, newsroom):
    """A worker in mid-stream whose broker was taken away; `stuck(how)` says how."""
    deployment = deploy(own_broker, NEWSWIRE_WORKER__DRAIN_DEADLINE_S=str(DRAIN_S), **SMALL).apply_topics()
    deployment.feed([newsroom.event(number) for number in range(20_000)])

    def take_away(how):
        worker = deployment.start(working=False)
        deployment.wait_until_count(500)
        os.kill(own_broker.pid, how)
        return worker

    yield take_away
    if own_broker.running:
        os.kill(own_broker.pid, signal.SIGCONT)


def test_sigterm_while_the_broker_is_gone_ends_by_the_deadline_with_exit_5(stuck):
    worker = stuck(signal.SIGKILL)
    began = time.monotonic()
    assert worker.terminate().wait() == 5
    assert time.monotonic() - began < DRAIN_S + 10
    assert worker.logged("could not end in time")


def test_a_second_signal_ends_the_worker_at_once(stuck):
    worker = stuck(signal.SIGSTOP)
    worker.terminate().wait_for_log("ending: finishing what is in flight")
    assert worker.terminate().wait() == 128 + signal.SIGTERM
    assert worker.logged("second signal")
    assert not worker.logged("could not end in time")
