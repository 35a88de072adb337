"""What can be seen of a broker from outside: whether a port is free, and whether Kafka answers on it."""

from __future__ import annotations

import socket
import struct

from worker.broker.properties import HOST

TIMEOUT_S = 2.0

_METADATA, _VERSION, _CORRELATION = 3, 4, 1
_CLIENT = b"newswire-probe"
# Header v1 (api key, version, correlation id, client id), then no topics and no auto-creation.
_REQUEST = struct.pack(
    f">hhih{len(_CLIENT)}siB", _METADATA, _VERSION, _CORRELATION, len(_CLIENT), _CLIENT, 0, 0
)


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on now. Another program may take one before it is used."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as one:
        # As Java does: connections of a broker that has just ended do not hold its port.
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((HOST, port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether Kafka on this port answers a metadata request and names at least one broker that serves.

    A broker that is still starting refuses the connection, or answers with no broker.
    """
    try:
        with socket.create_connection((HOST, port), timeout=TIMEOUT_S) as connection:
            connection.sendall(struct.pack(">i", len(_REQUEST)) + _REQUEST)
            with connection.makefile("rb") as stream:
                (size,) = struct.unpack(">i", stream.read(4))
                # Metadata v4: correlation id, throttle time, then the array of brokers.
                correlation, _, brokers = struct.unpack_from(">iii", stream.read(size))
    except (OSError, struct.error):
        return False
    return bool(correlation == _CORRELATION and brokers > 0)
