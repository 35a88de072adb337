"""What a worker asks for before it starts, and what it says when it cannot."""

import asyncio
import json
import socket
from collections import Counter

import pytest
from tests.wait import until

from .deployment import Raw
from .odd_names import produced_with_odd_names


def test_without_its_topics_it_exits_3_with_the_command_that_mends_it(deploy):
    deployment = deploy()
    worker = deployment.start(working=False)
    assert worker.wait() == 3
    (line,) = worker.logged("newswire topics apply")
    assert f"{deployment.raw}: missing" in line["event"]
    deployment.apply_topics().start().stop()


def test_a_setting_that_is_unknown_exits_2_and_suggests_the_right_one(deploy):
    worker = deploy().start(working=False, NEWSWIRE_DEDUP__WINDOWS="60")
    assert worker.wait() == 2
    assert any("did you mean NEWSWIRE_DEDUP__WINDOW_S" in line["event"] for line in worker.log)


def test_a_port_that_is_taken_exits_2_and_names_the_setting(deploy):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        worker = deploy().start(working=False, NEWSWIRE_HTTP__PORT=str(taken.getsockname()[1]))
        assert worker.wait() == 2
    assert worker.logged("NEWSWIRE_HTTP__PORT")


def test_it_says_what_it_waits_for_until_it_is_ready(deployment):
    worker = deployment.start(working=False)

    def not_ready():
        status, body = worker.get("/readyz")
        return json.loads(body) if status == 503 else None

    said = until(not_ready, "it is not ready at first")
    assert said["ready"] is False
    assert said.keys() > {"ready", "phase"}
    assert worker.get("/livez") == (200, "ok\n")
    worker.wait_for_log("working")
    until(lambda: worker.get("/readyz") == (200, '{"ready":true}\n'), "it is ready")
    assert worker.metrics()["newswire_ready"] == 1


@pytest.fixture
def done(deployment, newsroom):
    """A deployment whose worker has processed 40 headlines, ten of them copies, and has ended."""
    values = [newsroom.event(number) for number in range(30)] + [
        newsroom.copy(number) for number in range(10)
    ]
    worker = deployment.start()
    deployment.feed(values)
    deployment.wait_until_accounted(40)
    worker.stop()
    return deployment


def test_a_new_group_on_an_epoch_that_has_begun_is_refused_and_a_new_epoch_processes_everything(done):
    group = {"NEWSWIRE_KAFKA__GROUP": done.environment["NEWSWIRE_KAFKA__GROUP"] + ".again"}
    refused = done.start(working=False, **group)
    assert refused.wait() == 6
    assert refused.logged("begin a new epoch (dedup.epoch)")
    assert len(done.read()) == 40

    done.start(**group, NEWSWIRE_DEDUP__EPOCH="2")
    done.wait_until_count(80)
    outputs = done.read()
    assert set(Counter(output.position for output in outputs).values()) == {2}
    outcomes = Counter((output.position, output.outcome) for output in outputs[40:])
    assert Counter(outcome for _, outcome in outcomes) == {"routed": 30, "duplicate": 10}


def test_the_same_group_goes_on_in_its_epoch(done, newsroom):
    worker = done.start()
    done.feed([newsroom.event(0, id="much-later")])
    outputs = done.wait_until_accounted(41)
    (duplicate,) = [output for output in outputs if output.event["event_id"] == "much-later"]
    assert duplicate.outcome == "duplicate", "the replica holds what was before"
    assert worker.outcomes() == {"duplicate": 1}


def test_what_is_no_frame_in_the_log_is_counted_and_passed_over_by_running_workers_and_at_a_start(
    deployment, newsroom
):
    """Also a record that the client library cannot read at all."""
    log = deployment.environment["NEWSWIRE_TOPICS__FINGERPRINTS"]
    address = deployment.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]
    foreign = [Raw(b"no frame"), Raw(b"nor this", None, (("caf\u00e9", b"1"),)), Raw(b"", b"k")]
    first = deployment.start()
    deployment.feed([newsroom.event(n) for n in range(20)])
    deployment.wait_until_accounted(20)
    asyncio.run(produced_with_odd_names(address, log, foreign, 0))
    until(lambda: first.metrics()["newswire_log_unreadable_frames_total"] == 3, "all three are counted")
    deployment.feed([newsroom.copy(n) for n in range(10)])
    deployment.wait_until_accounted(30)
    assert first.outcomes() == {"routed": 20, "duplicate": 10}
    first.stop()

    asyncio.run(produced_with_odd_names(address, log, foreign, 0))
    second = deployment.start()
    deployment.feed([newsroom.copy(n) for n in range(10, 20)])
    deployment.wait_until_accounted(40)
    assert second.outcomes() == {"duplicate": 10}
