"""The proxy makes the weather that it is asked for, and good weather otherwise."""

import contextlib
import socket
import threading
import time

import pytest

from .proxy import Proxy

TIMEOUT_S = 10
LARGE = 300_000


class Server:
    """Answers each line: a number with so many bytes, anything else with itself; notes how connections ended."""

    def __init__(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.ends = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=self._answer, args=(self._socket.accept()[0],), daemon=True).start()

    def _answer(self, connection):
        try:
            with connection, connection.makefile("rb") as lines:
                for line in lines:
                    connection.sendall(b"x" * int(line) if line.strip().isdigit() else line)
            self.ends.append("closed")
        except OSError:
            self.ends.append("reset")

    def close(self):
        self._socket.close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def proxy(server):
    with Proxy(server.port) as proxy:
        yield proxy


@pytest.fixture
def connect(proxy):
    opened = []

    def make():
        opened.append(socket.create_connection(("127.0.0.1", proxy.port), TIMEOUT_S))
        return opened[-1]

    yield make
    for connection in opened:
        connection.close()


def ask(connection, line=b"hello\n"):
    connection.sendall(line)
    return connection.recv(1000)


def read_all(connection):
    """All bytes until the end, and what the end was."""
    received = 0
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return received, "reset"
        if not piece:
            return received, "closed"
        received += len(piece)


def read(connection, size):
    while size:
        size -= len(connection.recv(size))


def until(condition):
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def timed(deed):
    begun = time.monotonic()
    deed()
    return time.monotonic() - begun


def test_in_good_weather_all_bytes_pass_and_ends_do(connect, server):
    connection = connect()
    assert ask(connection) == b"hello\n"
    connection.sendall(b"%d\n" % (20 * LARGE))
    connection.shutdown(socket.SHUT_WR)
    time.sleep(0.3)  # both ways have ended by then, with much that is not read yet
    assert read_all(connection) == (20 * LARGE, "closed")
    until(lambda: server.ends == ["closed"])


def first_byte(port):
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        return connection.recv(1)


def test_without_a_broker_behind_it_a_client_is_reset():
    # In the middle of its connecting, if that takes long enough.
    with Proxy() as proxy, pytest.raises(ConnectionResetError):
        first_byte(proxy.port)


def test_without_a_broker_behind_it_and_with_bytes_that_vanish_a_client_hears_nothing():
    with Proxy() as proxy:
        proxy.drop()
        with socket.create_connection(("127.0.0.1", proxy.port), 0.3) as connection:
            connection.sendall(b"hello\n")
            with pytest.raises(TimeoutError):
                connection.recv(1)


def test_a_delay_counts_on_each_way_and_holds_up_the_first_byte_only(proxy, connect):
    connection = connect()
    ask(connection)
    proxy.delay(150)
    assert timed(lambda: ask(connection)) >= 0.3
    # Many chunks are under way at once: as much passes as before.
    connection.sendall(b"%d\n" % (40 * LARGE))
    assert 0.3 <= timed(lambda: read(connection, 40 * LARGE)) < 3
    proxy.heal()
    assert timed(lambda: ask(connection)) < 0.15


def test_what_is_dropped_vanishes_and_the_connection_stays_deaf_after_it(proxy, connect, server):
    connection, idle = connect(), connect()
    ask(connection)
    ask(idle)
    proxy.drop()
    connection.settimeout(0.3)
    with pytest.raises(TimeoutError):
        ask(connection)
    silent = connect()
    silent.settimeout(0.3)
    with pytest.raises(TimeoutError):
        ask(silent)
    assert proxy.open == 3
    proxy.heal()
    with pytest.raises(TimeoutError):
        ask(connection, b"still there?\n")
    connection.close()
    assert ask(idle) == ask(connect()) == b"hello\n"
    assert server.ends == []


def test_a_proxy_that_refuses_lets_nobody_in_and_keeps_who_is_there(proxy, connect):
    connection = connect()
    ask(connection)
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        connect()
    assert ask(connection) == b"hello\n"
    proxy.heal()
    assert ask(connect()) == b"hello\n"


def test_a_reset_is_one_for_both_sides_and_for_those_of_now_only(proxy, connect, server):
    connection = connect()
    ask(connection)
    proxy.reset()
    assert read_all(connection) == (0, "reset")
    until(lambda: server.ends == ["reset"])
    assert ask(connect()) == b"hello\n"


def test_a_reset_comes_in_the_middle_of_an_answer_of_each_connection_until_it_heals(proxy, connect):
    before = connect()
    before.sendall(b"%d\n" % LARGE)
    read(before, LARGE)
    proxy.reset(after_bytes=100_001)
    for connection in (before, connect(), connect()):
        connection.sendall(b"%d\n" % LARGE)
        assert read_all(connection) == (100_001, "reset")
    proxy.heal()
    connection = connect()
    connection.sendall(b"%d\n" % LARGE)
    read(connection, LARGE)


def test_a_throttle_is_for_all_connections_together(proxy, connect):
    first, second = connect(), connect()
    proxy.throttle(LARGE)
    for connection in (first, second):
        connection.sendall(b"%d\n" % (LARGE // 2))
    taken = timed(lambda: (read(first, LARGE // 2), read(second, LARGE // 2)))
    assert 0.8 <= taken < 3
    proxy.heal()
    first.sendall(b"%d\n" % LARGE)
    assert timed(lambda: read(first, LARGE)) < 0.5


def test_what_is_not_read_holds_its_sender_up(proxy, connect):
    connection = connect()
    connection.settimeout(0.5)
    # Sent back and read by nobody: sockets and the queue of the proxy fill up.
    lines = (b"line " * 20_000 + b"\n") * 1000
    with pytest.raises(TimeoutError):
        connection.sendall(lines)


def test_the_end_of_a_proxy_is_a_reset_and_leaves_no_thread(server):
    threads = threading.active_count()
    proxy = Proxy(server.port)
    with socket.create_connection(("127.0.0.1", proxy.port), TIMEOUT_S) as connection:
        ask(connection)
        proxy.close()
        proxy.close()
        assert read_all(connection) == (0, "reset")
    until(lambda: threading.active_count() <= threads)
