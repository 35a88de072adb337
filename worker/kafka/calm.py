"""Clients of aiokafka that a broker which is away, or silent, holds up no longer than it must.

What aiokafka does by itself:

- While no broker answers, its producer asks for the cluster's metadata again as soon as it could not be had: some
  5,000 refused connections a second, and a core of the machine, for as long as the outage lasts.
- A connection on which nothing comes back any more, as when a firewall has forgotten it, stays in use after metadata
  asked for on it has timed out: whatever is sent next is lost on it too, for another whole request.
- A new connection may take as long as a request, 40 s, and while it does no other is made, to no other broker.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from aiokafka.client import ConnectionGroup
from aiokafka.conn import CloseReason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

_PAUSE_S = 0.25
_SETUP_S = 10.0
"""How long a connection may take until it can be used: as long as Kafka's own clients allow."""


def calm(user: Any) -> None:
    """Make the client of a producer or a consumer, not started yet, pause and give up on connections in time."""
    client = user.client if hasattr(user, "client") else user._client
    client._metadata_update = _paused(client._metadata_update)
    client._get_conn = _Connecting(client)


def _paused(update: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    async def paused(*args: Any) -> bool:
        updated = await update(*args)
        if not updated:
            await asyncio.sleep(_PAUSE_S)
        return updated

    return paused


class _Connecting:
    """Gets connections: each made on its own, within a time, and closed when a request on it has timed out."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._get = client._get_conn
        self._locks: defaultdict[tuple[object, object], asyncio.Lock] = defaultdict(asyncio.Lock)
        # In the place of the one lock of all connections.
        client._get_conn_lock_value = _Open()

    async def __call__(
        self, node_id: object, *, group: object = ConnectionGroup.DEFAULT, no_hint: bool = False
    ) -> Any:
        known = self._client._conns.get((node_id, group))
        if known is not None and known.connected():
            return known
        async with self._locks[node_id, group]:
            try:
                async with asyncio.timeout(_SETUP_S):
                    connection = await self._get(node_id, group=group, no_hint=no_hint)
            except TimeoutError:
                self._client.force_metadata_update()
                return None
        if connection is not None and not isinstance(connection.send, _Sending):
            connection.send = _Sending(connection)
        return connection


class _Sending:
    """`send` of a connection, which closes it when no response comes."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._send = connection.send

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await self._send(*args, **kwargs)
        except TimeoutError:
            self._connection.close(reason=CloseReason.CONNECTION_TIMEOUT)
            raise


class _Open:
    """A lock that is never locked."""

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass
