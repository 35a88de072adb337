"""The rights that newswire needs, what it makes of Kafka's answers about them, and what it says of those it lacks."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    KafkaError,
    TopicAuthorizationFailedError,
)
from tests.integration.guarded import rights_by_command
from worker.config import KafkaSettings, Settings
from worker.errors import AccessDeniedError, DeliveryError
from worker.kafka.rights import Access, is_denial, missing
from worker.rights import (
    Operation,
    Resource,
    Right,
    denied,
    of_dead_letters,
    of_dead_records,
    of_discard,
    of_redrive,
    of_worker,
    who,
)

DENIED = TopicAuthorizationFailedError.errno
UNKNOWN = 3
ALL = -1


def on(topic, *operations):
    return [Right(operation, Resource.TOPIC, topic) for operation in operations]


def bits(*operations):
    return sum(1 << operation for operation in operations)


class Cluster:
    """Answers on rights: by topic an error code and the operations; of any group the operations, or an error."""

    def __init__(self, topics=None, group=ALL):
        self.topics = topics or {}
        self.group = group

    cluster = SimpleNamespace(brokers=lambda: [SimpleNamespace(nodeId=0)])

    async def coordinator_lookup(self, _kind, _group):
        return 1

    async def send(self, node, _request, group=None):
        if node:
            if isinstance(self.group, type):
                raise self.group
            return SimpleNamespace(groups=[(0, "g", "Empty", "", "", [], self.group)])
        if isinstance(self.topics, type):
            raise self.topics
        return SimpleNamespace(
            topics=[(code, name, False, [], operations) for name, (code, operations) in self.topics.items()]
        )


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [
        ((0, bits(Operation.READ, Operation.DESCRIBE_CONFIGS)), [Operation.WRITE]),
        ((0, bits(Operation.DESCRIBE)), [Operation.READ, Operation.WRITE, Operation.DESCRIBE_CONFIGS]),
        ((DENIED, 0), [Operation.READ, Operation.WRITE]),
        ((0, ALL), []),
        ((0, -(2**31)), []),
        ((UNKNOWN, -(2**31)), []),
    ],
    ids=["one", "all but the sight", "even the sight", "nothing", "not told", "no such topic"],
)
async def test_what_is_missing_is_read_off_the_allowed_operations(answer, lacks):
    needed = on("a", Operation.READ, Operation.WRITE, Operation.DESCRIBE_CONFIGS)
    assert await missing(Cluster({"a": answer}), needed) == on("a", *lacks)


async def test_a_topic_that_does_not_show_needs_to_be_described_first():
    found = await missing(Cluster({"a": (DENIED, 0)}), on("a", Operation.DESCRIBE_CONFIGS))
    assert found == on("a", Operation.DESCRIBE)


@pytest.mark.parametrize("answer", [bits(Operation.DESCRIBE), GroupAuthorizationFailedError])
async def test_a_group_that_may_not_be_read_is_missing(answer):
    needed = [Right(Operation.READ, Resource.GROUP, "g")]
    assert await missing(Cluster(group=answer), needed) == needed


async def test_a_broker_that_is_too_old_to_say_is_not_asked_again():
    needed = on("a", Operation.READ)
    assert await missing(Cluster(IncompatibleBrokerVersion), needed) == []


async def test_a_running_worker_goes_on_where_kafka_does_not_say():
    await Access(Cluster(KafkaError), KafkaSettings(), on("a", Operation.READ)).check()


async def test_a_denial_is_told_by_the_rights_that_are_missing_now():
    error = DeliveryError("no")
    error.__cause__ = TopicAuthorizationFailedError("a")
    assert is_denial(error)
    assert not is_denial(KafkaError())
    access = Access(Cluster({"a": (DENIED, 0)}), KafkaSettings(), on("a", Operation.READ))
    assert "Read on topic a" in str(await access.named(error))
    back = Access(Cluster({"a": (0, ALL)}), KafkaSettings(), on("a", Operation.READ))
    assert "did not allow a client without a name" in str(await back.named(error))
    named = AccessDeniedError("Write on topic b")
    assert await back.named(named) is named


def test_alike_topics_are_told_together_each_with_what_is_to_be_done():
    error = denied(
        KafkaSettings(bootstrap_servers="kafka:9092"),
        [*on("a", Operation.READ, Operation.WRITE), *on("b", Operation.WRITE), *on("c", Operation.WRITE)],
    )
    assert str(error) == (
        "Kafka at kafka:9092 does not allow a client without a name (no SASL, no certificate): Read and Write on topic"
        " a; Write on topic b, c; grant it (kafka-acls --add); the README lists under Rights what each command needs"
    )


def test_a_client_is_called_by_its_user_or_by_its_certificate():
    login = {"security_protocol": "SASL_SSL", "sasl_username": "u", "sasl_password": "p"}
    assert who(KafkaSettings(**login)) == "the user u"
    assert who(KafkaSettings(security_protocol="SSL", ssl_certfile="/c.pem")).endswith("certificate /c.pem")


@pytest.mark.parametrize(
    ("needed", "commands"),
    [
        (of_dead_letters, ("deadletters list", "deadletters stats")),
        (of_dead_records, ("deadletters show", "deadletters redrive --dry-run")),
        (of_redrive, ("deadletters redrive",)),
        (of_discard, ("deadletters discard",)),
    ],
)
def test_the_readme_lists_what_a_command_about_dead_letters_asks_for(needed, commands):
    asked = sorted(
        (str(right.operation), right.resource.value, right.name) for right in needed(Settings().topics)
    )
    for command in commands:
        assert sorted(rights_by_command()[command]) == asked


def test_a_worker_needs_no_right_twice_and_writes_to_every_stream():
    needed = of_worker(Settings())
    assert len(needed) == len(set(needed))
    assert sum(right.operation is Operation.WRITE for right in needed) == 21
