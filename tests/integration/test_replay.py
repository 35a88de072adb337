"""`newswire replay` against a live Kafka: what arrives, what a second time gives, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.new_topic import NewTopic
from aiokafka.partitioner import murmur2
from worker.broker import LocalBroker

pytestmark = pytest.mark.broker

DEADLINE_S = 60
PARTITIONS = 6


async def make_topic(address, name):
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1)])
    await admin.close()


@pytest.fixture
async def raw(broker, environment):
    """The raw topic of this test."""
    name = environment["NEWSWIRE_TOPICS__RAW"]
    await make_topic(broker.bootstrap_servers, name)
    return name


@pytest.fixture
def start(environment):
    """Starts `newswire replay` as a shell would."""
    started = []

    def start(*arguments, **variables):
        process = subprocess.Popen(
            [sys.executable, "-m", "worker", "replay", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment, **variables},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def replay(start):
    """Runs it to its end: exit code, summary, and what was said on standard error."""

    def replay(*arguments, stdin=None, **variables):
        process = start(*arguments, **variables)
        out, err = process.communicate(stdin, timeout=DEADLINE_S)
        return process.returncode, out, err

    return replay


@pytest.fixture
async def arrived(broker, raw):
    """Reads what the raw topic holds; with `least` it waits until so many are there."""
    consumer = AIOKafkaConsumer(bootstrap_servers=broker.bootstrap_servers, enable_auto_commit=False)
    await consumer.start()
    parts = [TopicPartition(raw, number) for number in range(PARTITIONS)]
    consumer.assign(parts)

    async def arrived(least=0):
        deadline = time.monotonic() + DEADLINE_S
        while sum((ends := await consumer.end_offsets(parts)).values()) < least:
            assert time.monotonic() < deadline, f"{least} records have not arrived"
        for part in parts:
            consumer.seek(part, 0)
        records = []
        while len(records) < sum(ends.values()):
            assert time.monotonic() < deadline
            fetched = await consumer.getmany(timeout_ms=500)
            records += [record for part in fetched.values() for record in part]
        return records

    yield arrived
    await consumer.stop()


async def test_the_seeds_arrive_whole_under_their_ids_on_the_partitions_of_kafka_s_partitioner(
    replay, arrived
):
    code, said, _ = replay()
    records = await arrived()
    events = [json.loads(record.value) for record in records]

    assert code == 0
    assert said.startswith("62 headlines of the seeds to ")
    assert "; 62 confirmed; " in said
    assert len(records) == len({event["id"] for event in events}) == 62
    assert [record.key.decode() for record in records] == [event["id"] for event in events]
    assert {event["source"] for event in events} == {"newswire-replay"}
    assert [record.partition for record in records] == [
        (murmur2(record.key) & 0x7FFFFFFF) % PARTITIONS for record in records
    ]


async def test_a_second_replay_sends_the_same_ids_and_bytes(replay, arrived):
    replay()
    once = sorted(record.value for record in await arrived())
    replay()
    replay("--repeat", "2")

    assert sorted(record.value for record in await arrived()) == sorted(4 * once)


async def test_20_000_headlines_are_each_confirmed_and_there_once(replay, arrived, tmp_path):
    path = tmp_path / "many.txt"
    path.write_text("\n".join(f"Storm number {number} reaches the coast" for number in range(20_000)))
    code, said, _ = replay(str(path))
    headlines = {json.loads(record.value)["headline"] for record in await arrived(20_000)}

    assert code == 0
    assert "; 20,000 confirmed; " in said
    assert len(headlines) == len(await arrived()) == 20_000


async def test_source_limit_and_start_time_are_in_the_events(replay, arrived):
    replay("--source", "wire", "--limit", "3", "--start-time", "2026-02-01T00:00:00Z", "--rate", "10")
    events = [json.loads(record.value) for record in await arrived(3)]

    assert {event["source"] for event in events} == {"wire"}
    assert {event["published_at"] for event in events} == {
        "2026-02-01T00:00:00Z",
        "2026-02-01T00:00:00.100000Z",
        "2026-02-01T00:00:00.200000Z",
    }


async def test_ctrl_c_ends_cleanly_and_says_how_far_it_came(start, arrived):
    process = start("--rate", "20")
    await arrived(5)
    process.send_signal(signal.SIGINT)
    said, err = process.communicate(timeout=DEADLINE_S)
    count = len(await arrived())

    assert process.returncode == 130
    assert 5 <= count < 62
    assert said.startswith(f"interrupted: {count} headlines of the seeds to ")
    assert f"; {count} confirmed; " in said
    assert "stopping" in err
    assert "Traceback" not in err


async def test_lines_that_cannot_be_events_are_shown_with_their_place_and_the_rest_is_sent(replay, arrived):
    code, said, err = replay("-", stdin='{"headline":"Rain"}\nnonsense\n{"headline":"Snow"}\n')

    assert code == 0
    assert "; 2 confirmed; 1 line skipped; " in said
    assert "skipped standard input:2: not JSON" in err
    assert len(await arrived()) == 2


async def test_strict_stops_at_the_first_one_and_what_came_before_is_sent(replay, arrived):
    code, said, err = replay("-", "--strict", stdin='{"headline":"Rain"}\nnonsense\n{"headline":"Snow"}\n')

    assert code == 2
    assert "; 1 confirmed; " in said
    assert "error: standard input:2: not JSON" in err
    assert [json.loads(record.value)["headline"] for record in await arrived()] == ["Rain"]


async def test_an_input_without_any_headline_exits_1_and_names_the_fields_that_it_has(replay, arrived):
    code, said, err = replay("-", stdin='{"title":"Rain"}\n{"title":"Snow"}\n')

    assert code == 1
    assert said.startswith("0 headlines of standard input to ")
    assert "error: no headline found, 2 lines skipped; the first: standard input:1: no headline" in err
    assert "its fields are title: name the one that holds the headline with --field headline=NAME" in err
    assert await arrived() == []


def test_an_empty_input_exits_0(replay, raw):
    assert replay("-", stdin="")[0] == 0


async def test_lines_that_an_unclosed_quote_took_are_sent(replay, arrived, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('id,headline\n2,"Rain\n' + "".join(f"{line},Storm {line}\n" for line in range(3, 9_003)))
    code, said, err = replay(str(path))

    assert code == 0
    assert "; 9,000 confirmed; 1 line skipped; " in said
    assert f"skipped {path}:2: not a row: it takes lines 2 to " in err
    assert len(await arrived(9_000)) == 9_000


async def test_a_line_written_to_a_pipe_is_sent_while_the_pipe_stays_open(start, arrived):
    process = start("-")
    for number, text in enumerate(("Rain", "Snow"), 1):
        process.stdin.write(text + "\n")
        process.stdin.flush()
        assert json.loads((await arrived(number))[-1].value)["source"] == "newswire-replay"
    process.send_signal(signal.SIGINT)

    assert process.wait(DEADLINE_S) == 130


def test_a_topic_that_is_missing_is_named_with_what_makes_it(replay, broker):
    code, _, err = replay("--topic", "no-such-topic")

    assert code == 3
    assert "there is no topic no-such-topic" in err
    assert "newswire topics apply" in err


def test_without_a_broker_it_gives_up_in_time_with_exit_4(replay):
    code, _, err = replay(
        NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS="127.0.0.1:1", NEWSWIRE_KAFKA__CONNECT_PATIENCE_S="0.5"
    )

    assert code == 4
    assert "127.0.0.1:1" in err


async def test_what_a_dead_broker_did_not_confirm_is_counted_and_exits_1(start):
    with LocalBroker() as broker:
        await make_topic(broker.bootstrap_servers, "headlines.raw")
        process = start(
            "--rate",
            "20",
            NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS=broker.bootstrap_servers,
            NEWSWIRE_KAFKA__OUTAGE_PATIENCE_S="3",
            NEWSWIRE_TOPICS__RAW="headlines.raw",
        )
        consumer = AIOKafkaConsumer(
            "headlines.raw", bootstrap_servers=broker.bootstrap_servers, auto_offset_reset="earliest"
        )
        await consumer.start()
        await consumer.getone()
        await consumer.stop()
        broker.kill()
        said, err = process.communicate(timeout=DEADLINE_S)

    assert process.returncode == 1
    assert " NOT confirmed; " in said
    assert "are not confirmed" in err
    assert "Traceback" not in err


async def test_a_feed_is_sent_with_what_its_items_say_and_its_faults_are_shown(replay, arrived, tmp_path):
    feed = tmp_path / "coast.xml"
    feed.write_text(
        "<rss version='2.0'><channel><title>Coast</title><language>en</language>\n"
        "<item><title>Rain &amp; snow</title><guid>g-1</guid><link>https://coast.example/1</link>"
        "<pubDate>Fri, 09 Jan 2026 10:00:00 GMT</pubDate></item>\n"
        "<item><guid>g-2</guid></item>\n"
        "<item><title>Cut"
    )
    notes = tmp_path / "notes.json"
    notes.write_text('{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 7, "title": "Hail"}]}')
    code, said, err = replay("--source", "wire", str(feed), str(notes))
    records = {record.key: json.loads(record.value) for record in await arrived(2)}

    assert code == 0
    assert "; 2 confirmed; 2 lines skipped; " in said
    assert "coast.xml:3: no headline: the item has no title" in err
    assert "coast.xml:4: not well-formed XML: it breaks off" in err
    assert records == {
        b"g-1": {
            "id": "g-1",
            "source": "Coast",
            "headline": "Rain & snow",
            "published_at": "2026-01-09T10:00:00Z",
            "url": "https://coast.example/1",
            "language": "en",
        },
        b"7": {"id": "7", "source": "wire", "headline": "Hail"},
    }
