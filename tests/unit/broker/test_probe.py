import socket
import struct
import threading

import pytest
from worker.broker.probe import answers, free_ports, is_free


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def port_of(server):
    return server.getsockname()[1]


def answering(server, *, brokers):
    """Answers one metadata request as Kafka would; returns what was asked."""
    asked = []

    def serve():
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as stream:
            asked.append(stream.read(*struct.unpack(">i", stream.read(4))))
            body = struct.pack(">iii", struct.unpack(">i", asked[0][4:8])[0], 0, brokers)
            connection.sendall(struct.pack(">i", len(body)) + body)

    threading.Thread(target=serve, daemon=True).start()
    return asked


def hang_up(server):
    server.accept()[0].close()


def test_free_ports_are_different_and_free():
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert all(map(is_free, ports))


def test_a_port_that_somebody_listens_on_is_not_free(listener):
    assert not is_free(port_of(listener))


def test_nobody_answers_on_a_free_port():
    assert not answers(free_ports(1)[0])


def test_a_broker_that_names_itself_answers(listener):
    asked = answering(listener, brokers=1)
    assert answers(port_of(listener))
    assert asked[0][:4] == struct.pack(">hh", 3, 4)


def test_a_broker_that_names_no_broker_yet_does_not_answer(listener):
    answering(listener, brokers=0)
    assert not answers(port_of(listener))


def test_a_server_that_hangs_up_does_not_answer(listener):
    threading.Thread(target=hang_up, args=(listener,), daemon=True).start()
    assert not answers(port_of(listener))
