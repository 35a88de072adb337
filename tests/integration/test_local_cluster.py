"""The local cluster of three: it starts, keeps what it should, and goes on while one node is away."""

import socket
from functools import partial

import psutil
import pytest
from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient
from worker.broker import LocalBroker, LocalCluster
from worker.broker.probe import brokers
from worker.errors import LocalBrokerError

from .worker_process import until

pytestmark = pytest.mark.broker

DEADLINE_S = 60
TOPIC = "headlines.raw"
REPLICATED = {"NEWSWIRE_TOPICS__REPLICATION_FACTOR": "3", "NEWSWIRE_TOPICS__MIN_INSYNC_REPLICAS": "2"}


def partitions(cluster, topic):
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap_servers})
    return admin.list_topics(topic, timeout=DEADLINE_S).topics[topic].partitions.values()


def produce(cluster, records):
    """Send records with acks=all; what was not confirmed, by its errors."""
    refused = []
    producer = Producer({"bootstrap.servers": cluster.bootstrap_servers, "acks": "all", "log_level": 0})
    for number in range(records):
        producer.produce(
            TOPIC, b"%d" % number, on_delivery=lambda error, _: error and refused.append(str(error))
        )
    assert producer.flush(DEADLINE_S) == 0
    return refused


def test_a_cluster_of_three_loses_a_node_and_gets_it_back(deploy, tmp_path):
    with LocalCluster(tmp_path / "kafka", nodes=3) as cluster:
        assert cluster.running
        assert all(brokers(node.port) == {1, 2, 3} for node in cluster.nodes)
        assert sum(psutil.Process(node.pid).memory_info().rss for node in cluster.nodes) < 1.5e9
        topics = {"NEWSWIRE_TOPICS__RAW": TOPIC, **REPLICATED}
        deployment = deploy(cluster, **topics)
        assert deployment.newswire("topics", "apply").returncode == 0
        assert {len(partition.replicas) for partition in partitions(cluster, TOPIC)} == {3}
        assert deployment.newswire("topics", "check").returncode == 0

        lost = cluster.nodes[0]
        lost.kill()
        assert not lost.running
        assert produce(cluster, 1_000) == []

        address = lost.port
        lost.start()
        assert lost.port == address
        until(
            lambda: all(len(partition.isrs) == 3 for partition in partitions(cluster, TOPIC)),
            "the node's copies are in sync again",
        )
        with pytest.raises(LocalBrokerError, match="node-1 is in use by another broker"):
            LocalCluster(tmp_path / "kafka", nodes=3).start()
        with pytest.raises(LocalBrokerError, match="holds a cluster of 3 and not of 1"):
            LocalBroker(tmp_path / "kafka").start()
    with LocalCluster(tmp_path / "kafka", nodes=3) as cluster:
        assert {len(partition.replicas) for partition in partitions(cluster, TOPIC)} == {3}


def named_at(port):
    """The ports of the brokers that Kafka names to who comes in here; none if it gives no answer at once."""
    # A client that asks again asks the broker that it was named, and no proxy listens there.
    admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0})
    try:
        return [each.port for each in admin.list_topics(timeout=3).brokers.values()]
    except KafkaException:
        return []


def test_who_comes_through_a_proxy_stays_there_and_who_comes_directly_does_not():
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        port = proxy.getsockname()[1]
        with LocalBroker(proxy_port=port) as broker:
            told = {}
            for name, entrance in ("direct", broker.port), ("proxied", broker.nodes[0].proxied_port):
                told[name] = until(partial(named_at, entrance), f"Kafka answers at the {name} entrance")
            assert told == {"direct": [broker.port], "proxied": [port]}
