"""worker.helper: what comes out does not depend on it, and neither process outlives the other."""

import os
import signal

import psutil
import pytest
from tests.wait import until
from worker.errors import NewswireError, UsageError

from .deployment import said_once_or_the_same

HEADLINES = 6_000


def helper_of(worker):
    """The process that computes for a worker."""
    (found,) = psutil.Process(worker.process.pid).children()
    return found


@pytest.mark.parametrize("helper", ["on", "off"])
def test_with_and_without_a_helper_every_headline_has_its_outcome(deploy, newsroom, helper):
    deployment = deploy(NEWSWIRE_WORKER__HELPER=helper).apply_topics()
    values = [newsroom.event(number) for number in range(40)] + [
        newsroom.copy(number) for number in range(20)
    ]
    positions = deployment.feed([*values, b"not json"], partition=0)
    worker = deployment.start()
    outputs = deployment.wait_until_accounted(len(positions))
    deployment.wait_until_committed()

    assert len(psutil.Process(worker.process.pid).children()) == (helper == "on")
    assert worker.outcomes() == {"routed": 40, "duplicate": 20, "dead_letter": 1}
    assert said_once_or_the_same(outputs).keys() == set(positions)


def test_what_can_not_be_loaded_ends_the_worker_the_same_way_wherever_it_was_to_be_loaded(deploy, tmp_path):
    rules = tmp_path / "rules"
    rules.write_text("business: (rates\n")
    deployment = deploy(NEWSWIRE_ROUTE__RULES=str(rules)).apply_topics()
    workers = [deployment.start(working=False, NEWSWIRE_WORKER__HELPER=helper) for helper in ("on", "off")]

    assert [worker.wait() for worker in workers] == [UsageError.exit_code] * 2
    with_helper, without = ({line["event"] for line in worker.logged(str(rules))} for worker in workers)
    assert with_helper == without != set()
    assert not workers[0].logged("the process that computes the stages failed")


def test_a_helper_that_is_killed_ends_its_worker_and_the_next_one_loses_nothing(deploy, newsroom):
    deployment = deploy(
        NEWSWIRE_WORKER__HELPER="on",
        NEWSWIRE_WORKER__BATCH_RECORDS="100",
        NEWSWIRE_KAFKA__SESSION_TIMEOUT_S="3",
        NEWSWIRE_KAFKA__HEARTBEAT_INTERVAL_S="0.5",
    ).apply_topics()
    positions = deployment.feed([newsroom.event(number) for number in range(HEADLINES)])
    worker = deployment.start(working=False)
    deployment.wait_until_count(500)
    helper_of(worker).send_signal(signal.SIGKILL)

    assert worker.wait() == NewswireError.exit_code
    assert worker.logged("the process that computes the stages failed: it ended by itself")
    assert len({output.position for output in deployment.read()}) < HEADLINES, (
        "it was to be killed in the middle"
    )
    deployment.start()
    deployment.wait_until_accounted(HEADLINES)
    assert said_once_or_the_same(deployment.read()).keys() == set(positions)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_helper_ends_with_its_worker(deploy, how):
    worker = deploy(NEWSWIRE_WORKER__HELPER="on").apply_topics().start()
    helper = helper_of(worker)
    os.kill(worker.process.pid, how)
    worker.wait()

    until(lambda: not helper.is_running() or helper.status() == psutil.STATUS_ZOMBIE, "the helper ends")
