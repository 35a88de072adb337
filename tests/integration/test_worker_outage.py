"""A broken broker costs only time: at the start, and in the middle."""

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from tests.wait import until
from worker.broker import LocalBroker

from .deployment import said_once_or_the_same


def test_a_broker_that_is_down_at_the_start_is_waited_for(deploy, own_broker, newsroom):
    deployment = deploy(own_broker).apply_topics()
    deployment.feed([newsroom.event(number) for number in range(20)])
    own_broker.stop()
    worker = deployment.start(working=False).wait_for_log("waiting for Kafka")
    assert worker.get("/livez")[0] == 200
    assert worker.get("/readyz")[0] == 503
    own_broker.start()
    worker.wait_for_log("working")
    assert len(deployment.wait_until_accounted(20)) == 20


def test_a_broker_that_does_not_come_within_the_patience_ends_the_worker_with_exit_4(deploy):
    never_started = LocalBroker(port=1)
    worker = deploy(never_started, NEWSWIRE_KAFKA__CONNECT_PATIENCE_S="1").start(working=False)
    assert worker.wait() == 4
    assert worker.logged("no Kafka broker answers at 127.0.0.1:1")


@pytest.fixture
def interrupted(deploy, own_broker, newsroom):
    """A worker whose broker is killed in mid-stream."""
    deployment = deploy(own_broker, NEWSWIRE_WORKER__BATCH_RECORDS="200").apply_topics()
    positions = deployment.feed([newsroom.event(number) for number in range(12_000)])
    worker = deployment.start(working=False)
    deployment.wait_until_count(1_000)
    own_broker.kill()
    return deployment, worker, positions


def test_a_broker_killed_and_started_again_costs_time_and_no_record(interrupted, own_broker, newsroom):
    deployment, worker, positions = interrupted
    worker.wait_for_log("Kafka does not answer; waiting for it")
    assert worker.get("/readyz")[0] == 503
    own_broker.start()
    worker.wait_for_log("Kafka answers again")
    positions += deployment.feed([newsroom.event(number) for number in range(12_000, 13_000)])
    deployment.wait_until_accounted(len(positions))
    deployment.wait_until_committed()
    assert said_once_or_the_same(deployment.read()).keys() == set(positions)
    until(lambda: worker.get("/readyz")[0] == 200, "the worker is ready again")
    # Faust and aiokafka alone say 110 lines a second of an outage.
    assert len(worker.log) < 400


def test_an_outage_longer_than_the_patience_ends_the_worker_with_exit_4(deploy, own_broker):
    worker = deploy(own_broker).apply_topics().start(NEWSWIRE_KAFKA__OUTAGE_PATIENCE_S="1")
    own_broker.kill()
    assert worker.wait() == 4
    assert worker.logged("start the worker again once Kafka is back")


@pytest.fixture
def take_outputs_up_to(deployment):
    """Sets the largest record batch that Kafka takes of the outputs, in bytes."""

    def alter(size):
        entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
        resources = [
            ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
            for topic in deployment.output_topics
        ]
        for future in deployment.cluster.incremental_alter_configs(resources).values():
            future.result(30)

        def shown():
            asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in deployment.output_topics]
            answers = deployment.cluster.describe_configs(asked).values()
            return {answer.result(30)["max.message.bytes"].value for answer in answers} == {str(size)}

        until(shown, "the brokers know")

    return alter


def test_what_kafka_refuses_ends_the_worker_with_exit_1_and_is_not_committed_over(
    deployment, newsroom, take_outputs_up_to
):
    worker = deployment.start()
    take_outputs_up_to(100)
    positions = deployment.feed([newsroom.event(number) for number in range(500)])
    assert worker.wait() == 1
    assert worker.logged("Kafka refuses a record batch")
    # What is done is committed at the end, so nothing was.
    assert sum(deployment.committed().values()) == deployment.count() == 0

    take_outputs_up_to(2_097_152)
    deployment.start()
    outputs = deployment.wait_until_accounted(len(positions))
    assert {output.position for output in outputs} == set(positions)
