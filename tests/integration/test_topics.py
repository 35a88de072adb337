from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.admin.new_topic import NewTopic
from worker.broker import LocalBroker
from worker.config import load
from worker.errors import BrokerUnavailableError, TopicDriftError
from worker.topics import (
    Action,
    Severity,
    apply,
    check_at_start,
    declaration,
    open_cluster,
    plan,
)

DAY_MS = 86_400_000


@pytest.fixture
def settings(environment, monkeypatch):
    """The settings of a deployment of the test's own, in this process's environment too."""
    monkeypatch.setenv("NEWSWIRE_TOPICS__OUTPUT_PARTITIONS", "1")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load()


@pytest.fixture
async def admin(broker):
    """Somebody else's view of the cluster: aiokafka's own admin client."""
    client = AIOKafkaAdminClient(bootstrap_servers=broker.bootstrap_servers)
    await client.start()
    yield client
    await client.close()


async def applied(settings, **options):
    async with open_cluster(settings.kafka) as cluster:
        return await apply(cluster, settings, await plan(cluster, settings, **options))


async def planned(settings, **options):
    async with open_cluster(settings.kafka) as cluster:
        return await plan(cluster, settings, **options)


async def eventually(holds):
    """Wait until `holds()` is true: a broker learns of a change a moment after it was accepted."""
    deadline = time.monotonic() + 30
    while not await holds():
        assert time.monotonic() < deadline, "the broker did not show the change in 30 s"
        await asyncio.sleep(0.02)


async def created(admin, **partitions):
    """Create topics as somebody else might, without a configuration."""
    await admin.create_topics([NewTopic(name, count, 1) for name, count in partitions.items()])

    async def known():
        described = await admin.describe_topics(list(partitions))
        return all(topic["error_code"] == 0 for topic in described)

    await eventually(known)


async def alter(admin, spec, **configs):
    """Configure a declared topic otherwise, as somebody else might."""
    wanted = {name.value: value for name, value in spec.configs.items()} | configs
    (response,) = await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, spec.name, wanted)])
    assert [resource[0] for resource in response.resources] == [0]

    async def shown():
        return wanted.items() <= (await config_of(admin, spec.name)).items()

    await eventually(shown)


async def config_of(admin, topic):
    (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for entry in response.resources[0][4]}


async def test_apply_makes_every_topic_as_declared_and_has_nothing_to_do_the_second_time(settings, admin):
    todo = await planned(settings)
    assert {each.action for each in todo} == {Action.CREATE}
    assert len(todo) == 23
    assert await applied(settings) == ()
    assert await planned(settings) == ()
    for spec in declaration(settings):
        (described,) = await admin.describe_topics([spec.name])
        assert len(described["partitions"]) == spec.partitions
        configs = await config_of(admin, spec.name)
        assert {name.value: configs[name] for name in spec.configs} == dict(spec.configs)


async def test_every_partition_has_a_leader_when_apply_returns(settings, admin):
    await applied(settings)
    described = await admin.describe_topics([spec.name for spec in declaration(settings)])
    leaders = [partition["leader"] for topic in described for partition in topic["partitions"]]
    assert len(leaders) == sum(spec.partitions for spec in declaration(settings))
    assert min(leaders) >= 0


async def test_apply_changes_only_what_differs_and_keeps_what_others_have_set(settings, admin):
    await applied(settings)
    raw = declaration(settings)[0]
    await alter(admin, raw, **{"message.timestamp.type": "CreateTime", "segment.ms": "3600000"})
    (found,) = await planned(settings)
    assert (found.what, found.actual, found.severity) == (
        "message.timestamp.type",
        "CreateTime",
        Severity.BREAKING,
    )
    assert await applied(settings) == ()
    configs = await config_of(admin, raw.name)
    assert configs["message.timestamp.type"] == "LogAppendTime"
    assert configs["segment.ms"] == "3600000"


async def test_defaults_of_the_broker_count_as_the_values_in_force(settings, admin):
    await created(admin, **{settings.topics.raw: 6})
    found = {each.what for each in await planned(settings) if each.topic == settings.topics.raw}
    # By default Kafka stamps by the producer's clock and takes 12 bytes more; the rest is as declared.
    assert found == {"message.timestamp.type", "max.message.bytes"}
    assert await applied(settings) == ()


async def test_partitions_are_added_but_never_taken_away(settings, admin):
    await created(admin, **{settings.topics.raw: 2, settings.topics.duplicates: 5})
    left = await applied(settings)
    assert [(each.topic, each.what, each.action) for each in left] == [
        (settings.topics.duplicates, "partitions", Action.LEFT)
    ]
    (raw,) = await admin.describe_topics([settings.topics.raw])
    assert len(raw["partitions"]) == settings.topics.raw_partitions


async def test_a_longer_retention_is_lowered_only_when_asked(settings, admin):
    await applied(settings)
    await alter(admin, declaration(settings)[0], **{"retention.ms": str(30 * DAY_MS)})
    (left,) = await applied(settings)
    assert (left.what, left.action, left.severity) == ("retention.ms", Action.LEFT, Severity.WARNING)
    assert (await config_of(admin, settings.topics.raw))["retention.ms"] == str(30 * DAY_MS)
    assert await applied(settings, lower_retention=True) == ()
    assert (await config_of(admin, settings.topics.raw))["retention.ms"] == str(7 * DAY_MS)


async def test_a_replication_that_the_cluster_cannot_give_is_told_with_kafkas_reason(settings, monkeypatch):
    monkeypatch.setenv("NEWSWIRE_TOPICS__REPLICATION_FACTOR", "3")
    with pytest.raises(
        TopicDriftError, match=r"refused to create[\s\S]*headlines\.raw[\s\S]*replication"
    ) as told:
        await applied(load())
    assert str(told.value).count("\n") == 22


async def test_the_worker_does_not_start_on_missing_topics_and_is_told_the_command(settings):
    with pytest.raises(TopicDriftError, match="newswire topics apply") as told:
        await check_at_start(settings)
    assert f"{settings.topics.raw}: missing" in str(told.value)


async def test_the_worker_starts_on_topics_as_declared(settings):
    await applied(settings)
    assert await check_at_start(settings) == ()


@pytest.mark.parametrize(
    ("role", "name", "value"),
    [
        ("raw", "cleanup.policy", "compact"),
        ("raw", "message.timestamp.type", "CreateTime"),
        ("fingerprints", "retention.ms", "3600000"),
        ("fingerprints", "retention.bytes", "1048576"),
        ("fingerprints", "unclean.leader.election.enable", "true"),
        ("deadletter", "max.message.bytes", "1048576"),
    ],
)
async def test_the_worker_does_not_start_on_drift_that_breaks_a_promise(settings, admin, role, name, value):
    await applied(settings)
    topic = getattr(settings.topics, role)
    (spec,) = [spec for spec in declaration(settings) if spec.name == topic]
    await alter(admin, spec, **{name: value})
    with pytest.raises(TopicDriftError, match=f"{topic}: {name} is {value}, should be {spec.configs[name]}"):
        await check_at_start(settings)


async def test_a_log_of_two_partitions_stops_the_worker_and_apply_says_that_it_cannot_help(settings, admin):
    await created(admin, **{settings.topics.fingerprints: 2})
    (left,) = await applied(settings)
    assert (left.what, left.action, left.severity) == ("partitions", Action.LEFT, Severity.BREAKING)
    with pytest.raises(TopicDriftError, match="partitions is 2, should be 1"):
        await check_at_start(settings)


async def test_drift_that_breaks_nothing_is_returned_for_a_warning(settings, monkeypatch):
    await applied(settings)
    monkeypatch.setenv("NEWSWIRE_TOPICS__RAW_PARTITIONS", "12")
    (found,) = await check_at_start(load())
    assert (found.what, found.actual, found.declared) == ("partitions", "6", "12")


async def test_a_broker_that_is_not_there_is_waited_for_and_then_named(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS", address)
    monkeypatch.setenv("NEWSWIRE_KAFKA__CONNECT_PATIENCE_S", "0.5")
    began = time.monotonic()
    with pytest.raises(BrokerUnavailableError, match=f"no Kafka broker answers at {address}"):
        await check_at_start(load())
    assert time.monotonic() - began >= 0.5


async def test_something_that_is_no_kafka_is_not_waited_for_without_end(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS", f"127.0.0.1:{silent.getsockname()[1]}")
        monkeypatch.setenv("NEWSWIRE_KAFKA__CONNECT_PATIENCE_S", "0")
        monkeypatch.setenv("NEWSWIRE_KAFKA__REQUEST_TIMEOUT_S", "1.5")
        monkeypatch.setenv("NEWSWIRE_KAFKA__SESSION_TIMEOUT_S", "1")
        monkeypatch.setenv("NEWSWIRE_KAFKA__HEARTBEAT_INTERVAL_S", "0.3")
        with pytest.raises(BrokerUnavailableError, match="what is there gave no answer"):
            await check_at_start(load())


async def test_looking_at_topics_creates_none_where_the_broker_would_allow_it(monkeypatch):
    with LocalBroker(properties={"auto.create.topics.enable": "true"}) as generous:
        monkeypatch.setenv("NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS", generous.bootstrap_servers)
        assert {each.action for each in await planned(load())} == {Action.CREATE}
        client = AIOKafkaAdminClient(bootstrap_servers=generous.bootstrap_servers)
        await client.start()
        try:
            # aiokafka's own look creates what it looks for; it came later, so ours would show as well.
            await client.describe_topics(["looked-for"])
            await eventually(client.list_topics)
            assert await client.list_topics() == ["looked-for"]
        finally:
            await client.close()


def newswire(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "worker", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_goes_from_plan_to_apply_to_check(environment):
    before = newswire(environment, "topics", "check")
    assert before.returncode == 3
    assert "error: 23 differences, 23 of which break a promise" in before.stderr
    assert newswire(environment, "topics", "plan").returncode == 0
    assert newswire(environment, "topics", "check").returncode == 3, "a plan changes nothing"
    done = newswire(environment, "topics", "apply", "--json")
    assert done.returncode == 0
    assert (len(json.loads(done.stdout)["done"]), json.loads(done.stdout)["left"]) == (23, [])
    assert "nothing to do" in newswire(environment, "topics", "apply").stdout
    assert newswire(environment, "topics", "check").returncode == 0


def test_check_and_apply_exit_3_on_a_log_that_has_no_one_order(environment):
    environment = environment | {
        "NEWSWIRE_TOPICS__FINGERPRINTS": environment["NEWSWIRE_TOPICS__RAW"] + ".log"
    }
    swapped = environment | {
        "NEWSWIRE_TOPICS__RAW": environment["NEWSWIRE_TOPICS__FINGERPRINTS"],
        "NEWSWIRE_TOPICS__FINGERPRINTS": environment["NEWSWIRE_TOPICS__RAW"],
    }
    assert newswire(environment, "topics", "apply").returncode == 0
    # Names swapped by mistake: the log now names a topic of six partitions.
    ended = newswire(swapped, "topics", "apply", "--json")
    assert ended.returncode == 3
    assert "partitions" in {each["what"] for each in json.loads(ended.stdout)["left"]}
    assert "error:" in ended.stderr


def test_the_command_exits_4_when_kafka_is_not_there(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
    ended = newswire({}, "topics", "plan", "-b", address, "--set", "kafka.connect_patience_s=0")
    assert ended.returncode == 4
    assert ended.stderr == (
        f"error: no Kafka broker answers at {address} (waited 0 s: Connection refused);"
        " start one with `newswire broker`, or set kafka.bootstrap_servers\n"
    )
