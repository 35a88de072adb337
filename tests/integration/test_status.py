"""`newswire status` against a live Kafka: what is there, what is missing, and how far the group is."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from worker.config import load
from worker.topics import apply, open_cluster, plan

pytestmark = pytest.mark.broker

DEADLINE_S = 60


@pytest.fixture
def settings(environment, monkeypatch):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load()


@pytest.fixture
def status(environment):
    """What `newswire status --json` says, and its exit code."""

    async def status(*arguments):
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "worker", "status", "--json", *arguments],
            capture_output=True,
            timeout=DEADLINE_S,
            check=False,
            env={**os.environ, **environment},
        )
        return done.returncode, json.loads(done.stdout)

    return status


async def test_topics_and_lag_are_shown_without_a_worker(settings, broker, status):
    async with open_cluster(settings.kafka) as cluster:
        await apply(cluster, settings, await plan(cluster, settings))
    raw = TopicPartition(settings.topics.raw, 2)
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers)
    await producer.start()
    for _ in range(10):
        await producer.send_and_wait(raw.topic, b"{}", partition=raw.partition)
    await producer.stop()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap_servers,
        group_id=settings.kafka.group,
        enable_auto_commit=False,
    )
    await consumer.start()
    consumer.assign([raw])
    await consumer.commit({raw: 4})
    await consumer.stop()

    code, found = await status()
    kafka = found["kafka"]
    topics = {topic["name"]: topic for topic in kafka["topics"]}

    assert code == 0
    assert kafka["missing"] == []
    assert len(topics) == 23
    assert (topics[raw.topic]["partitions"], topics[raw.topic]["end"]) == (6, 10)
    assert kafka["lags"][2] == {"partition": 2, "begin": 0, "end": 10, "committed": 4, "lag": 6}
    assert kafka["lags"][1] == {"partition": 1, "begin": 0, "end": 0, "committed": None, "lag": 0}
    assert kafka["lag"] == 6
    assert "no worker answers there" in found["unreached"][f"http://127.0.0.1:{settings.http.port}/metrics"]


async def test_missing_topics_are_named(settings, status):
    code, found = await status()

    assert code == 0
    assert len(found["kafka"]["missing"]) == 23
    assert found["kafka"]["lags"] == []


async def test_without_kafka_it_exits_4_and_says_so(status):
    code, found = await status("-b", "127.0.0.1:1", "--set", "kafka.connect_patience_s=0")

    assert code == 4
    assert found["kafka"] is None
    assert "127.0.0.1:1" in found["unreached"]["kafka"]
