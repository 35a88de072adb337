"""Looking for a broker, and what is made of Kafka's answers; the requests themselves are tested on a live Kafka."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from types import SimpleNamespace

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from structlog.testing import capture_logs
from worker.broker.probe import free_ports
from worker.config import KafkaSettings
from worker.errors import BrokerUnavailableError, NewswireError, TopicDriftError
from worker.topics import cluster
from worker.topics.cluster import wait_for_broker

UNKNOWN = UnknownTopicOrPartitionError.errno
NO_LEADER = -1


@pytest.fixture
async def listening():
    """The port of something that takes connections."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()


@pytest.fixture
def silent() -> int:
    """A port that nobody listens on."""
    (port,) = free_ports(1)
    return port


async def test_one_broker_that_takes_connections_is_enough(listening, silent):
    servers = f"127.0.0.1:{silent},127.0.0.1:{listening}"
    with capture_logs() as lines:
        await wait_for_broker(KafkaSettings(bootstrap_servers=servers, connect_patience_s=0))
    assert not lines


async def test_without_patience_a_broker_that_is_not_there_is_told_at_once_with_address_and_cause(silent):
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{silent}", connect_patience_s=0)
    with pytest.raises(BrokerUnavailableError) as told:
        await wait_for_broker(kafka)
    assert f"127.0.0.1:{silent} (waited 0 s: Connection refused)" in str(told.value)


async def test_a_broker_that_comes_late_is_waited_for_and_that_is_told_once(silent, monkeypatch):
    look = cluster._refusal
    looks = []

    async def look_and_come_after_the_second(kafka):
        looks.append(await look(kafka))
        if len(looks) == 2:
            await servers.enter_async_context(
                await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", silent)
            )
        return looks[-1]

    monkeypatch.setattr(cluster, "_refusal", look_and_come_after_the_second)
    async with AsyncExitStack() as servers:
        with capture_logs() as lines:
            await wait_for_broker(
                KafkaSettings(bootstrap_servers=f"127.0.0.1:{silent}", connect_patience_s=30)
            )
    assert looks == ["Connection refused", "Connection refused", None]
    assert [line["event"] for line in lines] == ["waiting for Kafka"]


async def test_a_name_that_nobody_knows_is_told_in_the_resolvers_words():
    with pytest.raises(BrokerUnavailableError, match=r"no-such-host\.invalid:9092 \(waited 0 s: \w+"):
        await wait_for_broker(
            KafkaSettings(bootstrap_servers="no-such-host.invalid:9092", connect_patience_s=0)
        )


def metadata(**topics):
    """An answer on metadata: by topic its error code, and error code and leader of each partition."""
    return SimpleNamespace(
        topics=[
            (
                code,
                name,
                False,
                [(error, number, leader, [], []) for number, (error, leader) in enumerate(parts)],
            )
            for name, (code, parts) in topics.items()
        ]
    )


@pytest.mark.parametrize(
    ("raw", "leaderless"),
    [
        ((0, [(0, 1), (0, 2)]), []),
        ((0, [(0, 1), (5, NO_LEADER)]), ["raw"]),
        ((0, [(0, 1), (0, NO_LEADER)]), ["raw"]),
        ((0, [(0, 1)]), ["raw"]),
        ((UNKNOWN, []), ["raw"]),
    ],
    ids=["both led", "an election", "no leader", "one partition unknown", "topic unknown"],
)
def test_a_topic_is_led_when_all_partitions_that_it_should_have_are(raw, leaderless):
    answer = metadata(raw=raw, other=(0, [(0, 0)]))
    assert cluster._leaderless(answer, {"raw": 2, "other": 1}) == leaderless


def test_a_topic_that_the_answer_leaves_out_has_no_leader():
    assert cluster._leaderless(metadata(), {"raw": 1}) == ["raw"]


def test_every_topic_that_kafka_refused_is_named_with_its_reason():
    with pytest.raises(TopicDriftError) as told:
        cluster._refuse("create", [("a", 0, None), ("b", 38, "Replication factor: 3"), ("c", 29, None)])
    assert str(told.value).splitlines() == [
        "Kafka refused to create b: Replication factor: 3",
        "  c: TopicAuthorizationFailedError",
    ]


def test_what_kafka_did_not_refuse_is_no_error():
    cluster._refuse("create", [("a", 0, None)])
    cluster._require(0, "describe topic a")


def test_what_may_not_be_looked_at_is_told_with_the_right_that_is_missing():
    with pytest.raises(NewswireError, match=r"could not describe topic a: Topic\w+; the user needs Describe"):
        cluster._require(TopicAuthorizationFailedError.errno, "describe topic a")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RequestTimedOutError(), "RequestTimedOutError"),
        (
            KafkaConnectionError("the cluster names no broker"),
            "KafkaConnectionError: the cluster names no broker",
        ),
        (TimeoutError(), "TimeoutError"),
        (OSError("no route"), "OSError: no route"),
    ],
)
def test_an_error_is_named_once(error, text):
    named = cluster._name(error)
    assert named.count(type(error).__name__) == 1
    assert text in named
