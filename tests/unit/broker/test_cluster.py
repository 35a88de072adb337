import socket
from contextlib import contextmanager

import pytest
from worker.broker import LocalCluster
from worker.broker.probe import is_free
from worker.errors import LocalBrokerError


def test_the_nodes_take_consecutive_ports_and_all_are_named():
    cluster = LocalCluster(nodes=3, port=9092)
    assert cluster.ports == (9092, 9093, 9094)
    assert cluster.bootstrap_servers == "127.0.0.1:9092,127.0.0.1:9093,127.0.0.1:9094"


def test_a_taken_port_of_any_node_is_told_before_anything_is_fetched_or_written(tmp_path):
    with taken_behind_a_free_one() as port:
        cluster = LocalCluster(tmp_path / "data", nodes=3, port=port - 1, cache_dir=tmp_path / "cache")
        with pytest.raises(LocalBrokerError, match=rf"127\.0\.0\.1:{port} is taken by another program"):
            cluster.start()
    assert list(tmp_path.iterdir()) == []


@contextmanager
def taken_behind_a_free_one():
    """A port that is listened on, while nobody listens on the one before it."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            if is_free(port - 1):
                yield port
                return


def test_a_folder_of_one_node_is_refused_before_anything_is_fetched(tmp_path):
    (tmp_path / "cluster.id").write_text("an-id")
    with pytest.raises(LocalBrokerError, match="holds a cluster of 1 and not of 3"):
        LocalCluster(tmp_path, nodes=3, cache_dir=tmp_path / "cache").start()
    assert not (tmp_path / "cache").exists()


def test_each_node_needs_a_proxy_of_its_own():
    with pytest.raises(ValueError, match="3 nodes, but 2 proxies"):
        LocalCluster(nodes=3, proxy_ports=(7000, 7001))


def test_a_node_is_started_for_the_first_time_by_its_cluster(tmp_path):
    cluster = LocalCluster(tmp_path, nodes=3)
    cluster.nodes[0].stop()
    cluster.nodes[0].kill()
    with pytest.raises(LocalBrokerError, match="by its cluster"):
        cluster.nodes[0].start()
