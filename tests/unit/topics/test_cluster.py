"""What is made of Kafka's answers; the requests themselves are tested on a live Kafka."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    NodeNotReadyError,
    RequestTimedOutError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from worker.config import KafkaSettings
from worker.errors import AccessDeniedError, BrokerUnavailableError, TopicDriftError
from worker.rights import Operation
from worker.topics import cluster
from worker.topics.cluster import Cluster

UNKNOWN = UnknownTopicOrPartitionError.errno
NO_LEADER = -1


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


class Brokers:
    """Brokers by id: what each answers to the questions in turn, the last for good; None is no answer."""

    def __init__(self, *answers):
        self._answers = {node: list(each) for node, each in enumerate(answers, 1)}
        named = [SimpleNamespace(nodeId=node) for node in self._answers]
        self.cluster = SimpleNamespace(brokers=lambda: named)

    async def send(self, node, _request):
        answers = self._answers[node]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer is None:
            raise NodeNotReadyError
        return answer


LED, UNLED = metadata(raw=(0, [(0, 1)])), metadata(raw=(0, [(0, NO_LEADER)]))


async def led(*answers, request_timeout_s=31.0):
    kafka = KafkaSettings(request_timeout_s=request_timeout_s, session_timeout_s=1, heartbeat_interval_s=0.3)
    await Cluster(Brokers(*answers), kafka).wait_for_leaders({"raw": 1})


async def test_leaders_are_waited_for_until_every_broker_knows_them(monkeypatch):
    monkeypatch.setattr(cluster, "_POLL_S", 0)
    await led([LED], [UNLED, UNLED, LED])
    with pytest.raises(BrokerUnavailableError, match=r"no leader within 1\.1 s for raw"):
        await led([LED], [UNLED], request_timeout_s=1.1)


async def test_a_broker_that_has_died_is_not_waited_for_where_another_answers():
    await led([None], [LED])


async def test_where_no_broker_answers_none_has_said_that_there_is_a_leader(monkeypatch):
    monkeypatch.setattr(cluster, "_POLL_S", 0)
    await led([None, None, LED], [None])
    with pytest.raises(BrokerUnavailableError, match="no leader"):
        await led([None], request_timeout_s=1.1)


@pytest.fixture
def refusing():
    return Cluster(None, KafkaSettings())


def test_every_topic_that_kafka_refused_is_named_with_its_reason(refusing):
    with pytest.raises(TopicDriftError) as told:
        refusing._refuse(
            Operation.CREATE, "create", [("a", 0, None), ("b", 38, "Replication factor: 3"), ("c", 36, None)]
        )
    assert str(told.value).splitlines() == [
        "Kafka refused to create b: Replication factor: 3",
        "  c: TopicAlreadyExistsError",
    ]


def test_what_kafka_did_not_refuse_is_no_error(refusing):
    refusing._refuse(Operation.CREATE, "create", [("a", 0, None)])
    refusing._require(0, Operation.DESCRIBE, "a")


def test_what_is_not_allowed_is_told_with_the_right_that_is_missing(refusing):
    denied = TopicAuthorizationFailedError.errno
    with pytest.raises(AccessDeniedError, match=r": Describe on topic a; grant it"):
        refusing._require(denied, Operation.DESCRIBE, "a")
    with pytest.raises(AccessDeniedError, match=r": Create on topic a, b; grant it"):
        refusing._refuse(Operation.CREATE, "create", [("a", denied, None), ("b", denied, None)])


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
