"""The local Apache Kafka itself: it starts, keeps what it should, and leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from worker.broker import LocalBroker, jars
from worker.errors import LocalBrokerError

from .worker_process import until

pytestmark = pytest.mark.broker

DEADLINE_S = 60


def admin(address):
    return AdminClient({"bootstrap.servers": address})


def topics_of(address):
    return set(admin(address).list_topics(timeout=DEADLINE_S).topics)


def create_topic(address, name):
    client = admin(address)
    client.create_topics([NewTopic(name, num_partitions=1)])[name].result(DEADLINE_S)


@pytest.fixture
def command():
    """Starts `newswire broker` on a free port as a shell would; gives its process and address."""
    started = []

    def run(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "worker", "broker", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process, re.search(r" is at (\S+);", process.stdout.readline())[1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def below(process):
    """The processes that a command started: the guard and Java."""
    children = psutil.Process(process.pid).children(recursive=True)
    assert any("java" in child.name() for child in children)
    return children


def all_end(processes):
    return psutil.wait_procs(processes, timeout=DEADLINE_S)[1] == []


def test_it_answers_as_one_broker_of_the_locked_version(broker):
    assert [(b.host, b.port) for b in admin(broker.bootstrap_servers).list_topics().brokers.values()] == [
        ("127.0.0.1", broker.port)
    ]
    assert broker.running
    assert f"Kafka version: {broker.version}" in broker.log_path.read_text()


def test_topics_are_not_made_by_asking_for_them(broker, names):
    asked = admin(broker.bootstrap_servers).list_topics(f"{names}typo", timeout=DEADLINE_S)
    assert asked.topics[f"{names}typo"].error is not None
    assert f"{names}typo" not in topics_of(broker.bootstrap_servers)


def test_a_broker_comes_back_on_its_port_with_its_topics_after_a_stop_and_after_a_kill():
    with LocalBroker() as broker:
        address, first = broker.bootstrap_servers, broker.pid
        create_topic(address, "kept")
        broker.stop()
        assert not psutil.pid_exists(first)
        broker.start()
        broker.kill()
        assert not broker.running
        broker.start()
        assert broker.bootstrap_servers == address
        assert "kept" in topics_of(address)
    assert not broker.data_dir.exists()


def test_a_kept_folder_keeps_topics_and_a_fresh_one_does_not(tmp_path):
    with LocalBroker(tmp_path) as broker:
        create_topic(broker.bootstrap_servers, "kept")
        with pytest.raises(LocalBrokerError, match="is in use by another broker"):
            LocalBroker(tmp_path).start()
    with LocalBroker(tmp_path) as broker:
        assert "kept" in topics_of(broker.bootstrap_servers)
    with LocalBroker(tmp_path, fresh=True) as broker:
        assert topics_of(broker.bootstrap_servers) == set()


def test_a_start_that_fails_shows_what_kafka_said_and_leaves_nothing(tmp_path):
    broker = LocalBroker(tmp_path, properties={"log.segment.bytes": "many"})
    with pytest.raises(LocalBrokerError, match=r"log\.segment\.bytes"), broker:
        pass
    assert not broker.running


def test_a_changed_jar_is_named_and_not_run(broker, tmp_path):
    genuine = jars.default_cache() / f"kafka-{broker.version}"
    cache = tmp_path / "cache" / genuine.name
    cache.mkdir(parents=True)
    for jar in jars.locked_jars():
        (cache / jar.filename).symlink_to(genuine / jar.filename)
    changed = next(cache.glob("kafka-clients-*.jar"))
    content = bytearray(changed.read_bytes())
    content[len(content) // 2] ^= 1
    changed.unlink()
    changed.write_bytes(content)
    with pytest.raises(LocalBrokerError, match=f"{changed.name} is not the jar"):
        LocalBroker(tmp_path / "data", cache_dir=tmp_path / "cache").start()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_the_command_ends_cleanly_and_leaves_no_process(command, number):
    process, address = command()
    children = below(process)
    assert topics_of(address) == set()
    # A terminal sends Ctrl-C to the whole foreground group.
    os.killpg(process.pid, number)
    output, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 0
    assert "no process is left running" in output
    assert all_end(children)


def test_a_killed_command_leaves_no_process_and_no_temporary_folder(command):
    process, _ = command()
    children = below(process)
    folder = Path(next(child.cwd() for child in children if "java" in child.name()))
    process.kill()
    assert all_end(children)
    assert not folder.exists()


def test_the_command_goes_on_without_one_of_three_nodes_and_ends_with_the_last(command):
    process, address = command("--nodes", "3")
    assert len(address.split(",")) == 3
    nodes = [child for child in below(process) if "java" in child.name()]
    assert len(nodes) == 3
    folder = Path(nodes[0].cwd()).parent
    lines = [process.stdout.readline() for _ in nodes]
    pids = [int(re.match(r"Node \d is process (\d+);", line)[1]) for line in lines]
    assert set(pids) == {node.pid for node in nodes}
    os.kill(pids[1], signal.SIGKILL)
    assert "Ctrl-C" in process.stdout.readline()
    assert "Node 2 has ended with exit code 137; the others go on." in process.stdout.readline()
    process.kill()
    assert all_end(nodes)
    until(lambda: not folder.exists(), "the guards have removed the folder")


def test_the_command_fails_with_kafkas_words_when_kafka_dies(command, tmp_path):
    process, _ = command("--data-dir", str(tmp_path))
    next(child for child in below(process) if "java" in child.name()).kill()
    process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1
