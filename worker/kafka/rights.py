"""Asking Kafka what this client may do, instead of finding it out by failing: KIP-430.

A right that is withdrawn from a running client shows in many ways, and in some of them not at all: a topic that may no
longer be read looks like one that has no partitions. So the rights are asked for, at the start and now and then.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from aiokafka.client import ConnectionGroup, CoordinationType
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    KafkaError,
    TopicAuthorizationFailedError,
    for_code,
)
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Bytes, Int16, Int32, Schema, String

from worker.errors import AccessDeniedError, causes
from worker.kafka import any_broker
from worker.rights import Operation, Resource, Right, denied, who

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from worker.config import KafkaSettings

_ANSWER_S: Final = 4.0
_PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 0.1
_NOT_TOLD: Final = -(2**31)
"""What stands for the operations where a broker does not say which are allowed."""


class _MetadataResponse(Response):
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            Array(("node_id", Int32), ("host", String()), ("port", Int32), ("rack", String())),
        ),
        ("cluster_id", String()),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String()),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_authorized_operations", Int32),
    )


class _MetadataStruct(RequestStruct):
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", Array(String())),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class _AllowedOnTopics(Request[_MetadataStruct]):
    API_KEY = 3

    def __init__(self, topics: Collection[str]) -> None:
        self._topics = list(topics)

    def build(self, request_struct_class: type[_MetadataStruct]) -> _MetadataStruct:
        return request_struct_class(self._topics, False, False, True)


class _GroupsResponse(Response):
    API_KEY = 15
    API_VERSION = 3
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "groups",
            Array(
                ("error_code", Int16),
                ("group", String()),
                ("state", String()),
                ("protocol_type", String()),
                ("protocol", String()),
                (
                    "members",
                    Array(
                        ("member_id", String()),
                        ("client_id", String()),
                        ("client_host", String()),
                        ("member_metadata", Bytes),
                        ("member_assignment", Bytes),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
    )


class _GroupsStruct(RequestStruct):
    API_KEY = 15
    API_VERSION = 3
    RESPONSE_TYPE = _GroupsResponse
    SCHEMA = Schema(("groups", Array(String())), ("include_authorized_operations", Boolean))


class _AllowedOnGroup(Request[_GroupsStruct]):
    API_KEY = 15

    def __init__(self, group: str) -> None:
        self._group = group

    def build(self, request_struct_class: type[_GroupsStruct]) -> _GroupsStruct:
        return request_struct_class([self._group], True)


def is_denial(error: BaseException) -> bool:
    """Whether an error came of something that Kafka does not allow this client."""
    return any(isinstance(cause, _DENIALS) for cause in causes(error))


_DENIALS: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)


class Access:
    """The rights that a running worker needs, asked over one of its connections."""

    def __init__(self, client: Any, kafka: KafkaSettings, rights: Collection[Right]) -> None:
        self._client = client
        self._kafka = kafka
        self._rights = rights

    async def check(self) -> None:
        """Ask Kafka for the rights; where it does not say in time, all is well as far as is known.

        Raises:
            AccessDeniedError: naming the rights that are missing.
        """
        try:
            async with asyncio.timeout(_ANSWER_S):
                lacking = await missing(self._client, self._rights)
        except (KafkaError, TimeoutError):
            return
        if lacking:
            raise denied(self._kafka, lacking)

    async def named(self, error: BaseException) -> AccessDeniedError:
        """In place of an error that Kafka denied something by, the one that names the rights that are missing now."""
        try:
            await self.check()
        except AccessDeniedError as naming:
            return naming
        if isinstance(error, AccessDeniedError):
            return error
        # The right is there again, or it was denied for a reason of its own.
        return AccessDeniedError(
            f"Kafka at {self._kafka.bootstrap_servers} did not allow {who(self._kafka)} something ({error!r});"
            " compare its rights with the README's, and start the worker again"
        )


async def missing(client: Any, rights: Iterable[Right]) -> list[Right]:
    """Those of the rights that this client does not have, as far as Kafka says.

    Of a thing that may not even be described, what the other rights are is not known: those that would show it are
    given. A topic that is not there says nothing of rights; neither does a broker before version 2.3.

    Args:
        client: an `AIOKafkaClient`.
        rights: what is needed.

    Raises:
        KafkaError: no answer came.
    """
    needed: dict[tuple[Resource, str], list[Right]] = {}
    for right in rights:
        needed.setdefault((right.resource, right.name), []).append(right)
    try:
        allowed = await _on_topics(client, [name for kind, name in needed if kind is Resource.TOPIC])
        for kind, name in needed:
            if kind is Resource.GROUP:
                allowed[kind, name] = await _on_group(client, name)
    except (IncompatibleBrokerVersion, NotImplementedError):
        return []
    return [right for thing, wanted in needed.items() for right in _lacking(wanted, allowed.get(thing))]


def _lacking(wanted: list[Right], allowed: int | None) -> list[Right]:
    """What is not allowed of what is wanted; `allowed` has a bit for each operation, None where that is not known."""
    if allowed is None or allowed == _NOT_TOLD:
        return []
    if not allowed:
        resource, name = wanted[0].resource, wanted[0].name
        showing = [right for right in wanted if right.operation.describes]
        return showing or [Right(Operation.DESCRIBE, resource, name)]
    return [right for right in wanted if not allowed >> right.operation & 1]


async def _on_topics(client: Any, topics: Collection[str]) -> dict[tuple[Resource, str], int]:
    if not topics:
        return {}
    answer = await any_broker.ask(client, _AllowedOnTopics(topics), patience_s=_PATIENCE_S)
    allowed = {}
    for code, name, _internal, _partitions, operations in answer.topics:
        if code == TopicAuthorizationFailedError.errno:
            allowed[Resource.TOPIC, name] = 0
        elif not code:
            allowed[Resource.TOPIC, name] = operations
    return allowed


async def _on_group(client: Any, group: str) -> int:
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return await _ask_coordinator(client, group)
        except GroupAuthorizationFailedError:
            return 0
        except KafkaError as error:
            # A cluster that never had a group makes a place for their offsets only now.
            if not error.retriable or time.monotonic() > deadline:
                raise
        await asyncio.sleep(_PAUSE_S)


async def _ask_coordinator(client: Any, group: str) -> int:
    coordinator = await client.coordinator_lookup(CoordinationType.GROUP, group)
    answer = await client.send(coordinator, _AllowedOnGroup(group), group=ConnectionGroup.COORDINATION)
    [(code, *_, operations)] = answer.groups
    if code:
        raise for_code(code)(group)
    return int(operations)
