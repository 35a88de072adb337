"""Kafka's settings for a local node: the server.properties that it is started with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

HOST = "127.0.0.1"

DEVELOPMENT = {
    # As in production: topics come from their declaration, never from a typing error.
    "auto.create.topics.enable": "false",
    # Kafka's own topics need few partitions on one machine.
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.num.partitions": "5",
    "share.coordinator.state.topic.num.partitions": "5",
    # Nobody waits for more members of a group, and tests may have short sessions.
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    # A broker that was killed comes back once its old session has run out: 9 s by default.
    "broker.session.timeout.ms": "4000",
    "broker.heartbeat.interval.ms": "500",
    # Retention is looked at seldom: a developer's data stays where it is while he looks at it.
    "log.retention.check.interval.ms": "600000",
    # 128 MB of heap by default.
    "log.cleaner.dedupe.buffer.size": "16777216",
    # An index is a sparse file, 10 MB by default, that Linux may bring into memory whole at its first entry: with a
    # hundred partitions seconds of a busy core and a gigabyte. This much indexes 90 MB of a segment, which then rolls.
    "log.index.size.max.bytes": "262144",
}


MOST_REPLICAS = 3


@dataclass(frozen=True, slots=True)
class Proxied:
    """A second listener of a node, for clients that come through a proxy in front of it.

    Attributes:
        port: Where the proxy connects.
        advertised: The proxy's own port, which is what Kafka tells the clients that come this way.
    """

    port: int
    advertised: int


@dataclass(frozen=True, slots=True)
class Node:
    """One Kafka process, broker and controller in one.

    Attributes:
        id: The node's id in its cluster, from 1.
        port: Where clients connect.
        controller_port: Where the quorum's votes go.
        proxied: Where clients connect that come through a proxy, if there is one.
    """

    id: int
    port: int
    controller_port: int
    proxied: Proxied | None = None


def server_properties(node: Node, cluster: Sequence[Node], logs: Path, extra: Mapping[str, str]) -> str:
    """The text of a node's server.properties.

    Args:
        node: The node it is for.
        cluster: All nodes of the cluster, this one too.
        logs: The folder of its partitions.
        extra: Kafka properties that are added, and win over those given here.
    """
    listens, advertised = {"PLAINTEXT": node.port}, {"PLAINTEXT": node.port}
    if node.proxied is not None:
        listens["PROXIED"], advertised["PROXIED"] = node.proxied.port, node.proxied.advertised
    names = [*listens, "CONTROLLER"]
    properties = {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "controller.quorum.voters": ",".join(f"{n.id}@{HOST}:{n.controller_port}" for n in cluster),
        "controller.listener.names": "CONTROLLER",
        "listeners": _listeners({**listens, "CONTROLLER": node.controller_port}),
        "advertised.listeners": _listeners(advertised),
        "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in names),
        # The brokers among themselves never go through a proxy.
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(logs),
        **DEVELOPMENT,
        **replication(len(cluster)),
        **extra,
    }
    return "".join(f"{name}={_escaped(value)}\n" for name, value in properties.items())


def replication(nodes: int) -> dict[str, str]:
    """As many copies as in production, 3 of which 2 must be in sync, or as many as there are nodes."""
    copies = str(min(nodes, MOST_REPLICAS))
    in_sync = "2" if nodes >= MOST_REPLICAS else "1"
    return {
        "default.replication.factor": copies,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": copies,
        "transaction.state.log.replication.factor": copies,
        "transaction.state.log.min.isr": in_sync,
        "share.coordinator.state.topic.replication.factor": copies,
        "share.coordinator.state.topic.min.isr": in_sync,
    }


def _listeners(ports: Mapping[str, int]) -> str:
    return ",".join(f"{name}://{HOST}:{port}" for name, port in ports.items())


def _escaped(value: str) -> str:
    """A value in the syntax of java.util.Properties: what it would read otherwise goes by its code."""
    return "".join(c if "!" <= c <= "~" and c != "\\" else f"\\u{ord(c):04x}" for c in value)
