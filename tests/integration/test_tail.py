"""`newswire tail` against a live Kafka: streams from the beginning and live, committed records only."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from aiokafka import AIOKafkaProducer
from worker.config import load
from worker.topics import apply, open_cluster, output_topics, plan

from .deployment import Raw
from .odd_names import produced_with_odd_names

pytestmark = pytest.mark.broker

DEADLINE_S = 60


@pytest.fixture
async def streams(environment, monkeypatch):
    """The topics of a deployment of this test's own, by short name."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load()
    async with open_cluster(settings.kafka) as cluster:
        await apply(cluster, settings, await plan(cluster, settings))
    outputs = {name.rpartition(".")[2]: name for name in output_topics(settings.topics)}
    return {**outputs, "deadletter": settings.topics.deadletter}


@pytest.fixture
async def producer(broker):
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers)
    await producer.start()
    yield producer
    await producer.stop()


@pytest.fixture
def start(environment):
    """Starts `newswire tail` as a shell would."""
    started = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "worker", "tail", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **environment},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def tail(start):
    """Runs it to its end and gives the headlines of its JSON lines."""

    async def tail(*arguments):
        process = start("--json", "--no-follow", *arguments)
        out, err = await asyncio.to_thread(process.communicate, timeout=DEADLINE_S)
        assert (process.returncode, err) == (0, b"")
        return [json.loads(line)["headline"] for line in out.splitlines()]

    return tail


def event(headline):
    return json.dumps({"headline": headline, "topic": "sport", "confidence": 0.5}).encode()


async def first_line(process, producer, topic):
    """The first line that a following tail prints of what is sent once it listens."""
    line = asyncio.ensure_future(asyncio.to_thread(process.stdout.readline))
    deadline = time.monotonic() + DEADLINE_S
    while not line.done():
        assert time.monotonic() < deadline, "the tail shows nothing"
        await producer.send_and_wait(topic, event("Live"))
        await asyncio.wait([line], timeout=0.2)
    return await line


async def test_from_the_beginning_all_that_is_there_is_shown_and_it_ends(streams, producer, tail):
    for number in range(20):
        await producer.send_and_wait(streams["sport"], event(f"Match {number}"), partition=number % 3)
    await producer.send_and_wait(streams["weather"], event("Rain ends drought"))

    matches = [f"Match {number}" for number in range(20)]
    assert sorted(await tail("sport", "--from-beginning")) == sorted(matches)
    assert len(await tail("--from-beginning")) == 21
    assert await tail("economy", "--from-beginning") == []
    assert len(await tail("sport", "--from-beginning", "-n", "5")) == 5


async def test_the_newest_of_all_streams_are_shown_in_their_order(streams, producer, tail):
    for number in range(12):
        topic = streams["sport" if number % 2 else "weather"]
        await producer.send_and_wait(topic, event(f"Match {number}"), partition=number % 3)
        await asyncio.sleep(0.002)  # two records of one millisecond have no order

    assert await tail("--last", "5") == [f"Match {number}" for number in range(7, 12)]
    assert await tail("weather", "--last", "2") == ["Match 8", "Match 10"]
    assert await tail("--last", "5", "-n", "2") == ["Match 7", "Match 8"]
    assert len(await tail("--last", "50")) == 12


@pytest.fixture
async def told(streams, producer):
    """Events of two feeds on two streams, each a second younger by Kafka's time; the time of the first, seconds."""
    began = int(time.time()) - 100
    events = [
        (
            "sport",
            {"headline": "Cup goes north", "source": "agency", "verdict": "original", "confidence": 0.9},
        ),
        ("sport", {"headline": "Cup goes south", "source": "agency", "verdict": "update", "confidence": 0.4}),
        ("crime", {"headline": "Bank robbed", "source": "paper", "verdict": "original", "confidence": 0.7}),
        (
            "crime",
            {"headline": "Bank not robbed", "source": "paper", "verdict": "update", "language": "en-GB"},
        ),
    ]
    for index, (stream, fields) in enumerate(events):
        value, at = json.dumps(fields).encode(), 1000 * (began + index)
        await producer.send_and_wait(streams[stream], value, partition=0, timestamp_ms=at)
    return began


async def test_filters_show_what_they_ask_for_and_the_newest_are_those_of_them(told, tail):
    shown = {
        "--from-beginning --source agency": ["Cup goes north", "Cup goes south"],
        "--from-beginning --source agency --source paper --verdict original": [
            "Bank robbed",
            "Cup goes north",
        ],
        "--from-beginning --verdict update crime": ["Bank not robbed"],
        "--from-beginning --min-confidence 0.7": ["Bank robbed", "Cup goes north"],
        "--from-beginning --language en": ["Bank not robbed"],
        "--last 1 --source agency": ["Cup goes south"],
        "--last 2 --verdict original": ["Bank robbed", "Cup goes north"],
    }
    found = await asyncio.gather(*(tail(*arguments.split()) for arguments in shown))

    assert dict(zip(shown, map(sorted, found), strict=True)) == shown


async def test_it_begins_at_a_time(told, tail):
    at = datetime.fromtimestamp(told + 1, UTC).isoformat()
    shown = {
        f"--since {at}": ["Bank not robbed", "Bank robbed", "Cup goes south"],
        "--since 30000d": ["Bank not robbed", "Bank robbed", "Cup goes north", "Cup goes south"],
        "--since 10s": [],
        f"--since {at} --last 2": ["Bank not robbed", "Bank robbed"],
        f"--since {at} --last 2 --source agency": ["Cup goes south"],
    }
    found = await asyncio.gather(*(tail(*arguments.split()) for arguments in shown))

    assert dict(zip(shown, map(sorted, found), strict=True)) == shown


async def test_a_reader_that_has_seen_enough_ends_it_while_more_comes(streams, producer, environment):
    batch = [producer.send(streams["sport"], event(f"Match {number}")) for number in range(20_000)]
    for each in batch:
        await each
    await producer.flush()
    command = f"{sys.executable} -m worker tail --json --from-beginning | head -1; exit ${{PIPESTATUS[0]}}"
    run = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )
    out, err = await asyncio.wait_for(run.communicate(), DEADLINE_S)

    assert (run.returncode, err, len(out.splitlines())) == (0, b"", 1)


async def test_behind_the_newest_it_goes_on_with_what_comes(streams, producer, start):
    await producer.send_and_wait(streams["sport"], event("Old"))
    process = start("sport", "--json", "--last", "1", "-n", "2")
    assert json.loads(await asyncio.to_thread(process.stdout.readline))["headline"] == "Old"
    await producer.send_and_wait(streams["sport"], event("New"))
    out, _ = await asyncio.to_thread(process.communicate, timeout=DEADLINE_S)
    assert json.loads(out)["headline"] == "New"


async def test_only_committed_records_are_shown_and_control_records_do_not_hold_it_up(streams, broker, tail):
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers, transactional_id=streams["sport"])
    await producer.start()
    async with producer.transaction():
        await producer.send(streams["sport"], event("Committed"), partition=0)
    await producer.begin_transaction()
    await producer.send_and_wait(streams["sport"], event("Aborted"), partition=0)
    await producer.abort_transaction()
    await producer.stop()

    assert await tail("sport", "--from-beginning") == ["Committed"]


async def test_what_comes_is_shown_at_once_and_ctrl_c_ends_it(streams, producer, start):
    process = start("sport", "--json")
    assert json.loads(await first_line(process, producer, streams["sport"]))["headline"] == "Live"

    process.send_signal(signal.SIGINT)
    assert await asyncio.to_thread(process.wait, DEADLINE_S) == 130
    told = process.stderr.read()
    assert b"Traceback" not in told
    assert b"pipe" not in told.lower()


async def test_a_closed_pipe_ends_it_even_if_nothing_comes(streams, producer, start):
    process = start("sport", "--json")
    await first_line(process, producer, streams["sport"])

    process.stdout.close()
    assert await asyncio.to_thread(process.wait, DEADLINE_S) == 0
    told = process.stderr.read()
    assert b"Traceback" not in told
    assert b"pipe" not in told.lower()
    process.stdout = None


async def test_a_dead_letter_shows_its_cause(streams, producer, start):
    headers = [("newswire.reason", b"not_json"), ("newswire.offset", b"5")]
    await producer.send_and_wait(streams["deadletter"], b"\xffnonsense", headers=headers)
    process = start("deadletter", "--json", "--no-follow", "--from-beginning")
    out, _ = await asyncio.to_thread(process.communicate, timeout=DEADLINE_S)

    assert json.loads(out)["reason"] == "not_json"
    assert json.loads(out)["value"] == "\\xffnonsense"


async def test_before_the_topics_are_made_it_says_how_to_make_them(start):
    process = start("sport")
    _, err = await asyncio.to_thread(process.communicate, timeout=DEADLINE_S)

    assert process.returncode == 3
    assert b"newswire topics apply" in err


async def test_a_record_whose_header_the_client_library_cannot_read_is_shown_like_any_other(
    streams, producer, broker, start
):
    await producer.send_and_wait(streams["sport"], b'{"headline":"before"}', partition=0)
    odd = [Raw(b'{"headline":"odd"}', None, (("caf\u00e9", b"1"),)), Raw(b'{"headline":"behind"}')]
    await produced_with_odd_names(broker.bootstrap_servers, streams["sport"], odd, 0)
    await producer.send_and_wait(streams["sport"], b'{"headline":"elsewhere"}', partition=1)
    process = start("sport", "--json", "--from-beginning", "--no-follow")
    shown, _ = await asyncio.to_thread(process.communicate, timeout=DEADLINE_S)

    assert process.returncode == 0
    found = sorted(json.loads(line)["headline"] for line in shown.splitlines())
    assert found == ["before", "behind", "elsewhere", "odd"]
