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
    # One node: nothing can be replicated, and Kafka's own topics need few partitions.
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "5",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "5",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
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


@dataclass(frozen=True, slots=True)
class Node:
    """One Kafka process, broker and controller in one.

    Attributes:
        id: The node's id in its cluster, from 1.
        port: Where clients connect.
        controller_port: Where the quorum's votes go.
    """

    id: int
    port: int
    controller_port: int


def server_properties(node: Node, cluster: Sequence[Node], logs: Path, extra: Mapping[str, str]) -> str:
    """The text of a node's server.properties.

    Args:
        node: The node it is for.
        cluster: All nodes of the cluster, this one too.
        logs: The folder of its partitions.
        extra: Kafka properties that are added, and win over those given here.
    """
    properties = {
        "process.roles": "broker,controller",
        "node.id": str(node.id),
        "controller.quorum.voters": ",".join(f"{n.id}@{HOST}:{n.controller_port}" for n in cluster),
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{HOST}:{node.port},CONTROLLER://{HOST}:{node.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{node.port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": str(logs),
        **DEVELOPMENT,
        **extra,
    }
    return "".join(f"{name}={_escaped(value)}\n" for name, value in properties.items())


def _escaped(value: str) -> str:
    """A value in the syntax of java.util.Properties: what it would read otherwise goes by its code."""
    return "".join(c if "!" <= c <= "~" and c != "\\" else f"\\u{ord(c):04x}" for c in value)
