"""What can be seen of a broker from outside: whether a port is free, and which brokers Kafka on it names."""

from __future__ import annotations

import socket
import struct

from worker.broker.properties import HOST
from worker.errors import LocalBrokerError

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


def refuse_taken(port: int) -> None:
    """Does nothing on a port that is free.

    Raises:
        LocalBrokerError: Another program listens there.
    """
    if not is_free(port):
        raise LocalBrokerError(
            f"{HOST}:{port} is taken by another program; "
            "end it, or choose another port with --port (0 takes a free one)"
        )


def brokers(port: int) -> frozenset[int]:
    """The ids of the brokers that serve, as Kafka on this port says; none where it does not answer.

    A broker that is still starting refuses the connection, or answers with no broker.
    """
    try:
        with socket.create_connection((HOST, port), timeout=TIMEOUT_S) as connection:
            connection.sendall(struct.pack(">i", len(_REQUEST)) + _REQUEST)
            with connection.makefile("rb") as stream:
                (size,) = struct.unpack(">i", stream.read(4))
                return _ids(stream.read(size))
    except (OSError, struct.error):
        return frozenset()


def _ids(metadata: bytes) -> frozenset[int]:
    """The ids in a response of version 4: correlation id, throttle time, then the array of brokers."""
    correlation, _, count = struct.unpack_from(">iii", metadata)
    if correlation != _CORRELATION:
        return frozenset()
    ids, at = set(), 12
    for _ in range(count):
        # Id, host, port, and a rack that may be null: its length is -1 then.
        node, length = struct.unpack_from(">ih", metadata, at)
        (rack,) = struct.unpack_from(">h", metadata, at + 6 + length + 4)
        ids.add(node)
        at += 6 + length + 4 + 2 + max(rack, 0)
    return frozenset(ids)
