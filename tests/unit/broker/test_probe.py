import socket
import struct
import threading

import pytest
from worker.broker.probe import brokers, free_ports, is_free


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def port_of(server):
    return server.getsockname()[1]


def named(node, host=b"127.0.0.1", rack=None):
    """A broker in a metadata response."""
    told = struct.pack(">h", -1) if rack is None else struct.pack(">h", len(rack)) + rack
    return struct.pack(">ih", node, len(host)) + host + struct.pack(">i", 9092) + told


def answering(server, *names, correlation=None):
    """Answers one metadata request as Kafka would; returns what was asked."""
    asked = []

    def serve():
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as stream:
            asked.append(stream.read(*struct.unpack(">i", stream.read(4))))
            given = struct.unpack(">i", asked[0][4:8])[0] if correlation is None else correlation
            body = struct.pack(">iii", given, 0, len(names)) + b"".join(names)
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
    assert not brokers(free_ports(1)[0])


def test_every_broker_that_is_named_is_told_with_a_rack_and_without(listener):
    asked = answering(listener, named(1), named(3, b"localhost", b"attic"), named(20))
    assert brokers(port_of(listener)) == {1, 3, 20}
    assert asked[0][:4] == struct.pack(">hh", 3, 4)


def test_a_broker_that_names_no_broker_yet_does_not_answer(listener):
    answering(listener)
    assert not brokers(port_of(listener))


def test_an_answer_to_another_question_is_none(listener):
    answering(listener, named(1), correlation=77)
    assert not brokers(port_of(listener))


def test_a_server_that_hangs_up_does_not_answer(listener):
    threading.Thread(target=hang_up, args=(listener,), daemon=True).start()
    assert not brokers(port_of(listener))
