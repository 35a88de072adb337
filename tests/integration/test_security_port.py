"""The worker's HTTP port is for this machine alone, unless its settings say otherwise."""

import socket

import pytest
from worker.broker.probe import free_ports

from .worker_process import Worker, until

OTHER = "127.0.0.2"
"""Another address of this machine: under Linux all of 127.0.0.0/8 leads to it."""


@pytest.fixture
def start(tmp_path):
    """Starts a worker that waits for its Kafka, which never comes; its HTTP port is open by then."""
    workers = []

    def start(**settings):
        (silent,) = free_ports(1)
        worker = Worker(
            {
                "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": f"127.0.0.1:{silent}",
                "NEWSWIRE_HTTP__PORT": str(free_ports(1)[0]),
                "NEWSWIRE_LOG__FORMAT": "json",
                **settings,
            },
            tmp_path / "worker.log",
        )
        workers.append(worker)
        until(lambda: worker.get("/livez")[0] == 200, "the port is open")
        return worker

    yield start
    for worker in workers:
        worker.kill().wait()


def others():
    """Addresses of this machine besides the loopback's own."""
    named = {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    return {OTHER, *named} - {"127.0.0.1"}


def answers(address, port):
    try:
        socket.create_connection((address, port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


def test_the_port_is_open_on_the_loopback_alone(start):
    worker = start()
    assert {address: answers(address, worker.port) for address in others()} == dict.fromkeys(others(), False)


def test_the_port_is_open_to_others_where_that_is_said(start):
    worker = start(NEWSWIRE_HTTP__HOST="0.0.0.0")
    assert {address: answers(address, worker.port) for address in others()} == dict.fromkeys(others(), True)
