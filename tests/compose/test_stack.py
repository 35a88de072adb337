"""`docker compose up` from a bare clone: everything comes up, stays up, and keeps what was promised."""

import re

import pytest
from worker.config import load

from .project import REPOSITORY, SEEDS, WORKERS, docker, until

pytestmark = pytest.mark.timeout(480)

ROUTED, DUPLICATES = 60, 2

# Ends newswire and nothing else in the container: what `docker kill` ends is not started again by its policy.
KILL = (
    "import os, pathlib, signal\n"
    "for process in pathlib.Path('/proc').glob('[0-9]*'):\n"
    "    if b'\\0worker\\0' in (process / 'cmdline').read_bytes() and process.name != '1':\n"
    "        os.kill(int(process.name), signal.SIGKILL)\n"
)


def status(containers):
    """How each container is: healthy or not, or the exit code of one that has ended."""
    return [
        state["ExitCode"] if state["Status"] == "exited" else state["Health"]["Status"]
        for state in (each["State"] for each in containers)
    ]


def positions(events):
    """Where the raw records of events stand: partition and offset."""
    return {(event["position"]["partition"], event["position"]["offset"]) for event in events}


def test_everything_is_healthy_and_what_is_done_has_ended_well(stack):
    assert status(stack.containers("kafka")) == ["healthy"]
    assert status(stack.containers("worker")) == ["healthy"] * WORKERS
    assert status(stack.containers("topics")) == status(stack.containers("replay")) == [0]
    until(lambda: status(stack.containers("prometheus")) == ["healthy"], "Prometheus is healthy")


def test_the_seeds_have_come_out_routed_but_for_the_two_that_say_the_same(stack):
    assert len(stack.routed) == len({event["id"] for event in stack.routed}) == ROUTED
    assert len(stack.duplicates) == DUPLICATES
    assert {event["duplicate_of"] for event in stack.duplicates} <= {event["id"] for event in stack.routed}
    assert len(positions(stack.routed + stack.duplicates)) == SEEDS


def test_prometheus_scrapes_every_worker(stack):
    until(
        lambda: list(stack.query('up{job="newswire"}').values()) == [1] * WORKERS,
        f"{WORKERS} workers are up",
    )
    until(
        lambda: sum(stack.query('sum(newswire_records_total{job="newswire"})').values()) == SEEDS,
        "every headline is counted",
    )


def test_ports_are_published_on_the_loopback_only_and_none_of_a_worker(stack):
    published = {
        (each["Config"]["Labels"]["com.docker.compose.service"], binding["HostIp"])
        for each in stack.containers()
        for bindings in (each["HostConfig"]["PortBindings"] or {}).values()
        for binding in bindings
    }
    assert published == {("kafka", "127.0.0.1"), ("prometheus", "127.0.0.1")}


def test_every_container_is_bounded_and_may_not_become_more_than_it_is(stack):
    for each in stack.containers():
        host = each["HostConfig"]
        assert host["Memory"] > 0, each["Name"]
        assert host["CapDrop"] == ["ALL"], each["Name"]
        assert host["SecurityOpt"] == ["no-new-privileges:true"], each["Name"]
        assert each["Config"]["User"] not in {"", "root", "0"}, each["Name"]


def test_a_worker_has_the_time_and_the_memory_that_its_settings_ask_for(stack):
    settings = load({})
    for each in stack.containers("worker"):
        assert each["Config"]["StopTimeout"] > settings.worker.drain_deadline_s
        assert each["HostConfig"]["Memory"] > 370_000_000 + 300 * settings.dedup.max_entries
        assert each["HostConfig"]["ReadonlyRootfs"]


def test_a_program_of_this_machine_reaches_kafka_where_its_port_is_published(stack):
    assert "headlines.raw" in stack.admin().list_topics(timeout=30).topics


def test_the_tools_of_kafka_that_the_runbooks_call_are_there_and_see_every_worker(stack):
    pages = "".join(page.read_text() for page in (REPOSITORY / "deploy/runbooks").glob("*.md"))
    called = set(re.findall(r"kafka-[a-z-]+\.sh", pages))
    assert called <= set(stack.compose("exec", "-T", "kafka", "ls", "/opt/kafka/bin").split())

    members = ("kafka-consumer-groups.sh", "--describe", "--group", "newswire", "--members")
    assert stack.kafka_tool(*members).count("newswire-") == WORKERS
    assert stack.kafka_tool("kafka-topics.sh", "--describe", "--under-replicated-partitions").strip() == ""


def test_a_killed_worker_comes_back_and_every_headline_has_one_outcome(stack):
    before = stack.sent()
    sending = stack.popen(
        "run", "--rm", "--no-deps", "-T", "replay", "replay", "--repeat", "80", "--rate", "400"
    )
    until(lambda: stack.sent() - before > 20 * SEEDS, "headlines come in")
    killed = stack.containers("worker")[-1]
    docker("exec", killed["Id"], "python", "-c", KILL)
    said, errors = sending.communicate()
    assert sending.returncode == 0, said + errors

    def back():
        (found,) = [each for each in stack.containers("worker") if each["Id"] == killed["Id"]]
        return found["RestartCount"] == killed["RestartCount"] + 1 and status([found]) == ["healthy"]

    until(back, "the killed worker is healthy again")
    assert stack.sent() == before + 80 * SEEDS
    stack.wait_until_done()
    until(
        lambda: list(stack.query('up{job="newswire"}').values()) == [1] * WORKERS,
        "Prometheus scrapes it again",
    )

    # What counts is what is in the topics: the counters of a worker that was killed began anew.
    raw = {
        (lag["partition"], offset)
        for lag in stack.kafka()["lags"]
        for offset in range(lag["begin"], lag["end"])
    }
    routed, duplicates = positions(stack.events()), positions(stack.events("duplicates"))
    assert stack.events("deadletter") == []
    assert routed | duplicates == raw
    assert not routed & duplicates
    assert len(routed) == ROUTED, "the same headlines again are duplicates"


def test_workers_that_are_stopped_finish_and_a_second_up_on_kept_volumes_makes_duplicates_only(stack):
    sent = stack.sent()
    stack.compose("stop")
    assert status(stack.containers("worker")) == [0] * WORKERS
    stack.compose("down")
    assert stack.containers() == []

    stack.up(workers=WORKERS)
    stack.wait_until_done()
    assert stack.sent() == sent + SEEDS
    assert len(positions(stack.events())) == ROUTED
    assert len(positions(stack.events("duplicates"))) == sent + SEEDS - ROUTED
