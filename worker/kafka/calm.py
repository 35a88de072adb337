"""Clients of aiokafka that a broker which is away, or silent, holds up no longer than it must.

What aiokafka does by itself:

- While no broker answers, its producer asks for the cluster's metadata again as soon as it could not be had: some
  5,000 refused connections a second, and a core of the machine, for as long as the outage lasts.
- A connection on which nothing comes back any more, as when a firewall has forgotten it, stays in use after metadata
  asked for on it has timed out: whatever is sent next is lost on it too, for another whole request.
- A new connection may take as long as a request, 40 s, and while it does no other is made, to no other broker.
- At its start a client asks one address after the other, and waits for one that is silent as long as for a request.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from aiokafka.client import ConnectionGroup
from aiokafka.conn import CloseReason, collect_hosts, create_conn
from aiokafka.errors import KafkaConnectionError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import TracebackType

_PAUSE_S = 0.25
_SETUP_S = 10.0
"""How long a connection may take until it can be used: as long as Kafka's own clients allow."""


def calm(user: Any) -> None:
    """Make a client, or that of a producer or consumer, pause and give up on connections in time; before its start."""
    client = getattr(user, "client", None) or getattr(user, "_client", user)
    client._metadata_update = _paused(client._metadata_update)
    client._get_conn = _Connecting(client)
    client.bootstrap = _Bootstrapping(client)


def _paused(update: Callable[..., Awaitable[bool]]) -> Callable[..., Awaitable[bool]]:
    async def paused(*args: Any) -> bool:
        updated = await update(*args)
        if not updated:
            await asyncio.sleep(_PAUSE_S)
        return updated

    return paused


class _Bootstrapping:
    """Begins with the address that answers first; where that fails after all, with all of them, as ever."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._bootstrap = client.bootstrap

    async def __call__(self) -> None:
        client = self._client
        everybody = client._bootstrap_servers
        first = await self._first_to_answer(everybody)
        try:
            if first is not None:
                client._bootstrap_servers = [first]
                with contextlib.suppress(KafkaConnectionError):
                    await self._bootstrap()
                    return
                client._bootstrap_servers = everybody
            await self._bootstrap()
        finally:
            client._bootstrap_servers = everybody

    async def _first_to_answer(self, servers: str | list[str]) -> str | None:
        """The address of the first that takes a client; None where there is no choice, or nobody does."""
        addresses = servers.split(",") if isinstance(servers, str) else servers
        if len(addresses) == 1:
            return None
        attempts = {asyncio.create_task(self._connect(address)): address for address in addresses}
        try:
            while attempts:
                done, _ = await asyncio.wait(attempts, return_when=asyncio.FIRST_COMPLETED)
                for attempt in done:
                    address = attempts.pop(attempt)
                    if attempt.exception() is None:
                        return address
        finally:
            for attempt in attempts:
                attempt.cancel()
            await asyncio.gather(*attempts, return_exceptions=True)
        return None

    async def _connect(self, address: str) -> None:
        client = self._client
        [(host, port, _)] = collect_hosts(address)
        connection = await create_conn(
            host,
            port,
            client_id=client._client_id,
            request_timeout_ms=round(_SETUP_S * 1000),
            ssl_context=client._ssl_context,
            security_protocol=client._security_protocol,
            sasl_mechanism=client._sasl_mechanism,
            sasl_plain_username=client._sasl_plain_username,
            sasl_plain_password=client._sasl_plain_password,
        )
        connection.close()


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
