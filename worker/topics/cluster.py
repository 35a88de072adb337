"""The cluster's topics by Kafka's own protocol: read, create, change, and wait until they can be used.

aiokafka's admin client is not used: asking it about one topic creates that topic where the broker allows it,
and it cannot change one configuration without replacing all.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from contextlib import asynccontextmanager
from itertools import chain
from typing import TYPE_CHECKING, Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)
from aiokafka.protocol.admin import CreatePartitionsRequest, CreateTopicsRequest, DescribeConfigsRequest
from aiokafka.protocol.metadata import MetadataRequest

from worker.errors import BrokerUnavailableError, NewswireError, TopicDriftError
from worker.kafka import any_broker
from worker.kafka import rights as ask
from worker.kafka.calm import calm
from worker.kafka.greeting import explain, wait_for_broker
from worker.rights import Operation, Resource, Right, denied
from worker.topics.alter import IncrementalAlterConfigs
from worker.topics.drift import ClusterTopic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from aiokafka.protocol.api import Request, Response

    from worker.config import KafkaSettings
    from worker.topics.declaration import TopicSpec

_TOPIC_RESOURCE: Final = 2
_BOOTSTRAP_S: Final = 5.0
_BOOTSTRAP_RETRY_S: Final = 1.0
_POLL_S: Final = 0.05


@asynccontextmanager
async def open_cluster(kafka: KafkaSettings) -> AsyncIterator[Cluster]:
    """A connection to the cluster, for the time of the `with`; waits `connect_patience_s` for a broker.

    Raises:
        BrokerUnavailableError: no broker answers or lets us in, or it went away in between.
        NewswireError: Kafka refused a request.
    """
    await wait_for_broker(kafka)
    client = AIOKafkaClient(
        **kafka.client_kwargs(),
        client_id=f"{kafka.client_id}-topics",
        request_timeout_ms=round(kafka.request_timeout_s * 1000),
    )
    calm(client)
    try:
        await _bootstrap(client, min(kafka.connect_patience_s, _BOOTSTRAP_S))
        yield Cluster(client, kafka)
    except (*any_broker.SILENT, TimeoutError, OSError) as error:
        # The cluster's own names for its brokers may lead to where the certificate or the port is another one.
        await explain(kafka, [(broker.host, broker.port) for broker in client.cluster.brokers()])
        raise BrokerUnavailableError(
            f"Kafka at {kafka.bootstrap_servers} could be reached, but gave no answer ({_name(error)});"
            " check kafka.security_protocol, the SASL and ssl settings, and the broker's log"
        ) from error
    except KafkaError as error:
        raise NewswireError(f"Kafka at {kafka.bootstrap_servers} refused: {_name(error)}") from error
    finally:
        await client.close()


class Cluster:
    """Topics of a cluster. Made by `open_cluster`."""

    def __init__(self, client: AIOKafkaClient, kafka: KafkaSettings) -> None:
        self._client = client
        self._kafka = kafka
        self._timeout_ms = round(kafka.request_timeout_s * 1000)
        self._patience_s = kafka.connect_patience_s

    async def require(self, rights: Iterable[Right]) -> None:
        """Go on only with these rights, where Kafka checks access.

        Raises:
            AccessDeniedError: naming all that are missing.
        """
        if missing := await ask.missing(self._client, rights):
            raise denied(self._kafka, missing)

    async def partitions(self, names: Iterable[str]) -> dict[str, int]:
        """How many partitions the topics of these names have, by name; without those that do not exist."""
        return {name: len(replicas) for name, replicas in (await self._replicas(names)).items()}

    async def describe(self, names: Iterable[str]) -> dict[str, ClusterTopic]:
        """The topics of these names that exist, by name, with their effective configurations."""
        found = await self._replicas(names)
        configs = await self._configs(found)
        return {
            name: ClusterTopic(name, len(replicas), min(replicas, default=0), configs[name])
            for name, replicas in found.items()
        }

    async def _replicas(self, names: Iterable[str]) -> dict[str, list[int]]:
        """The number of replicas of each partition, by topic; without topics that do not exist."""
        metadata = await self._ask(MetadataRequest(list(names), allow_auto_topic_creation=False))
        found = {}
        for code, name, _internal, partitions in metadata.topics:
            if code != UnknownTopicOrPartitionError.errno:
                self._require(code, Operation.DESCRIBE, name)
                found[name] = [len(partition[3]) for partition in partitions]
        return found

    async def create(self, specs: Iterable[TopicSpec]) -> None:
        """Create topics; one that someone else created meanwhile is left as it is.

        Raises:
            TopicDriftError: naming each topic that could not be created, and why.
            AccessDeniedError: the right to it is missing.
        """
        requests: list[tuple[object, ...]] = [
            (spec.name, spec.partitions, spec.replication_factor, [], list(spec.configs.items()))
            for spec in specs
        ]
        response = await self._ask_controller(CreateTopicsRequest(requests, self._timeout_ms, False))
        self._refuse(
            Operation.CREATE,
            "create",
            [
                (name, code, message)
                for name, code, message in response.topic_errors
                if code != TopicAlreadyExistsError.errno
            ],
        )

    async def set_configs(self, configs: Mapping[str, Mapping[str, str]]) -> None:
        """Set configurations: values by name by topic; what is not named stays.

        Raises:
            TopicDriftError: naming each topic whose configuration was refused, and why.
            AccessDeniedError: the right to it is missing.
        """
        response = await self._ask_controller(IncrementalAlterConfigs(configs))
        answers = [(name, code, message) for code, message, _type, name in response.responses]
        self._refuse(Operation.ALTER_CONFIGS, "configure", answers)

    async def add_partitions(self, totals: Mapping[str, int]) -> None:
        """Raise the number of partitions to `totals`, by topic.

        Raises:
            TopicDriftError: naming each topic whose partitions could not be added, and why.
            AccessDeniedError: the right to it is missing.
        """
        requests: list[tuple[str, tuple[int, None]]] = [
            (name, (total, None)) for name, total in totals.items()
        ]
        response = await self._ask_controller(CreatePartitionsRequest(requests, self._timeout_ms, False))
        # The request may have come twice, where the first broker that was asked died before it answered.
        there = await self.partitions(totals)
        refused = [error for error in response.topic_errors if there.get(error[0]) != totals[error[0]]]
        self._refuse(Operation.ALTER, "add partitions to", refused)

    async def wait_for_leaders(self, partitions: Mapping[str, int]) -> None:
        """Wait until every broker that answers knows a leader for each of these topics' partitions.

        A topic just created has none for a moment, and a send to it then fails. A broker that is named and does not
        answer has just died, and misleads nobody.

        Raises:
            BrokerUnavailableError: a partition had no leader within `request_timeout_s`.
        """
        deadline = time.monotonic() + self._timeout_ms / 1000
        request = MetadataRequest(list(partitions), allow_auto_topic_creation=False)
        while leaderless := await self._leaderless(request, partitions):
            if time.monotonic() > deadline:
                raise BrokerUnavailableError(
                    f"no leader within {self._timeout_ms / 1000:g} s for {', '.join(leaderless)};"
                    " check the brokers' logs"
                )
            await asyncio.sleep(_POLL_S)

    async def _leaderless(self, request: Request, partitions: Mapping[str, int]) -> list[str]:
        """The topics of which some broker does not know every partition's leader, or none answers."""
        answers = []
        for broker in self._client.cluster.brokers():
            with contextlib.suppress(*any_broker.SILENT):
                answers.append(_leaderless(await self._client.send(broker.nodeId, request), partitions))
        return list(dict.fromkeys(chain.from_iterable(answers or [partitions])))

    async def _configs(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        resources: list[tuple[int, str, None]] = [(_TOPIC_RESOURCE, name, None) for name in names]
        if not resources:
            return {}
        response = await self._ask(DescribeConfigsRequest(resources))
        configs = {}
        for code, message, _type, name, entries in response.resources:
            self._require(code, Operation.DESCRIBE_CONFIGS, name, message)
            configs[name] = {entry[0]: entry[1] for entry in entries if entry[1] is not None}
        return configs

    def _require(self, code: int, operation: Operation, topic: str, message: str | None = None) -> None:
        """Raise what a topic's error code stands for, if it is one; `operation` is what was tried."""
        if code == TopicAuthorizationFailedError.errno:
            raise denied(self._kafka, [Right(operation, Resource.TOPIC, topic)])
        if code:
            raise NewswireError(
                f"Kafka does not describe topic {topic}: {message or for_code(code).__name__}"
            )

    def _refuse(
        self, operation: Operation, verb: str, results: Iterable[tuple[str, int, str | None]]
    ) -> None:
        """One error that names each topic which Kafka refused to change, if there is any."""
        refused = [each for each in results if each[1]]
        if all(code == TopicAuthorizationFailedError.errno for _, code, _ in refused) and refused:
            raise denied(self._kafka, [Right(operation, Resource.TOPIC, name) for name, _, _ in refused])
        if refused:
            reasons = [f"{name}: {message or for_code(code).__name__}" for name, code, message in refused]
            raise TopicDriftError(f"Kafka refused to {verb} " + "\n  ".join(reasons))

    async def _ask(self, request: Request) -> Response:
        return await any_broker.ask(self._client, request, patience_s=self._patience_s)

    async def _ask_controller(self, request: Request) -> Response:
        """Ask the controller; under KRaft every broker passes the request on, so any will do."""
        controller = self._client.cluster.controller
        return await any_broker.ask(
            self._client,
            request,
            patience_s=self._patience_s,
            first=controller.nodeId if controller else None,
        )


async def _bootstrap(client: AIOKafkaClient, patience_s: float) -> None:
    """Learn the cluster's brokers; one that has only just started may know none yet."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            await client.bootstrap()
        except KafkaConnectionError:
            if time.monotonic() > deadline:
                raise
        if client.cluster.brokers():
            return
        if time.monotonic() > deadline:
            raise KafkaConnectionError("the cluster names no broker")
        await asyncio.sleep(_BOOTSTRAP_RETRY_S)


def _leaderless(metadata: Response, partitions: Mapping[str, int]) -> list[str]:
    """The topics of which a broker does not know every partition's leader."""
    led = {
        name: sum(code == 0 and partition[2] >= 0 for partition in found)
        for code, name, _internal, found in metadata.topics
    }
    return [name for name, wanted in partitions.items() if led.get(name, 0) < wanted]


def _name(error: BaseException) -> str:
    text = str(error)
    kind = type(error).__name__
    # aiokafka's errors begin with their own name.
    return text if kind in text else f"{kind}: {text}".removesuffix(": ")
