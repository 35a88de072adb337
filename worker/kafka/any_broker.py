"""A question that any broker can answer, put to one after the other until one does.

aiokafka asks one at random. A cluster goes on naming a broker that has died until its session is over, 9 s by default,
and the question would fail although all others are there.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Any, Final

from aiokafka.errors import (
    CorrelationIdError,
    KafkaConnectionError,
    NodeNotReadyError,
    RequestTimedOutError,
    StaleMetadata,
)

if TYPE_CHECKING:
    from aiokafka.protocol.api import Request

SILENT: Final = (
    CorrelationIdError,
    KafkaConnectionError,
    NodeNotReadyError,
    RequestTimedOutError,
    StaleMetadata,
)
"""What aiokafka raises when a broker gives no answer."""

_PAUSE_S: Final = 0.25


async def ask(client: Any, request: Request, *, patience_s: float, first: int | None = None) -> Any:
    """The response of the first broker that answers.

    Args:
        client: an `AIOKafkaClient` that has bootstrapped.
        request: it may reach several brokers, or one twice, so it has to be harmless when it comes again.
        patience_s: for so many seconds all brokers are asked again and again.
        first: the id of the broker to ask first, if there is a reason.

    Raises:
        KafkaError: one of `SILENT`, of the last broker asked.
    """
    deadline = time.monotonic() + patience_s
    while True:
        failure: Exception = NodeNotReadyError("the cluster names no broker")
        for node in _nodes(client, first):
            try:
                return await client.send(node, request)
            except SILENT as error:
                failure = error
        if time.monotonic() > deadline:
            raise failure
        await asyncio.sleep(_PAUSE_S)


def _nodes(client: Any, first: int | None) -> list[int]:
    nodes = [broker.nodeId for broker in client.cluster.brokers()]
    random.shuffle(nodes)
    return sorted(nodes, key=lambda node: node != first)
