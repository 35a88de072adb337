"""A TCP proxy in front of a broker, which makes the faults of a network between it and its clients.

    with Proxy() as proxy, LocalBroker(proxy_port=proxy.port) as broker:
        proxy.upstream = broker.nodes[0].proxied_port
        ...
        proxy.delay(200)

Clients that connect to `proxy.port` stay behind the proxy, since the broker names its port to them. Each control is in
force for what is forwarded once it has returned, on connections old and new, until `heal`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import TracebackType
    from typing import Any

HOST = "127.0.0.1"
CHUNK = 64 * 1024
DEPTH = 256
"""So many chunks wait on a connection and way, then no more is read: what is not read holds its sender up."""
SLICES_PER_S = 20
DEADLINE_S = 10
TO_BROKER, TO_CLIENT = "to the broker", "to the client"
LINGER_NOT = struct.pack("ii", 1, 0)
"""A close with this SO_LINGER is a reset."""
DELIVERY_S = 0.02
"""Time for what was written to reach the other side before a reset overtakes it."""


@dataclass
class Weather:
    """What the network is like.

    Attributes:
        delay_s: how much later each byte arrives, on each way.
        dropping: whether bytes vanish.
        bytes_per_s: how much passes on each way, over all connections together; None is no limit.
        reset_after: bytes of answers that a connection gets before it is reset; None is never.
    """

    delay_s: float = 0.0
    dropping: bool = False
    bytes_per_s: float | None = None
    reset_after: int | None = None


class Streams(NamedTuple):
    """Both ways of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Proxy:
    """A proxy that listens from the start on, in an event loop and a thread of its own."""

    def __init__(self, upstream: int = 0) -> None:
        """Listen on a free port; `upstream` is where the broker listens, and may be told later."""
        self.upstream = upstream
        self.port = 0
        self.weather = Weather()
        self.connections: set[Connection] = set()
        self.free_at = {TO_BROKER: 0.0, TO_CLIENT: 0.0}
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._listen())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- controls

    def delay(self, ms: float) -> None:
        """Everything arrives so much later, on each way; as much passes as before."""
        self._do(self._set(delay_s=ms / 1000))

    def throttle(self, bytes_per_s: float) -> None:
        """So much passes in a second, on each way, over all connections together."""
        self._do(self._set(bytes_per_s=bytes_per_s))

    def drop(self) -> None:
        """Bytes vanish, both ways, and connections stay open: half-open ones.

        A connection that has lost bytes stays so: nothing comes through it any more after a `heal` either, since what
        followed would not fit what went before. Only new connections do. With nobody behind the proxy it is as if the
        machine were off: connections come up, and are silent.
        """
        self._do(self._set(dropping=True))

    def refuse(self) -> None:
        """Nobody listens any more. Connections stay."""
        self._do(self._refuse())

    def reset(self, after_bytes: int | None = None) -> None:
        """Reset (RST) every connection, once; or each, old and new, when it has got so many more bytes of answers."""
        self._do(self._reset(after_bytes))

    def heal(self) -> None:
        """Good weather again."""
        self._do(self._heal())

    @property
    def open(self) -> int:
        """How many connections there are."""
        return len(self.connections)

    def close(self) -> None:
        """Reset what is open, and end."""
        if self._thread.is_alive():
            self._do(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(DEADLINE_S)
            self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(DEADLINE_S)

    # -- in the loop

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, HOST, self.port, limit=CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _set(self, **weather: Any) -> None:
        for name, value in weather.items():
            setattr(self.weather, name, value)

    async def _refuse(self) -> None:
        if self._server is not None:
            # `wait_closed` would wait for the connections too.
            self._server.close()
            self._server = None

    async def _reset(self, after_bytes: int | None) -> None:
        self.weather.reset_after = after_bytes
        for connection in list(self.connections):
            if after_bytes is None:
                connection.reset()
            else:
                connection.count_from_now()

    async def _heal(self) -> None:
        self.weather = Weather()
        if self._server is None:
            await self._listen()

    async def _end(self) -> None:
        await self._refuse()
        for connection in list(self.connections):
            connection.reset()
        ours = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in ours:
            task.cancel()
        await asyncio.gather(*ours, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = Streams(reader, writer)
        try:
            server = Streams(*await asyncio.open_connection(HOST, self.upstream, limit=CHUNK))
        except OSError:
            if self.weather.dropping:
                await _swallow(reader)
            # The nearest to a refusal: the client is connected already.
            _reset(client)
            return
        connection = Connection(self, client, server)
        self.connections.add(connection)
        # Cancelled when the proxy ends; asyncio would take that for a fault of this callback.
        with contextlib.suppress(asyncio.CancelledError):
            await connection.run()
        self.connections.discard(connection)


class Connection:
    """A client's connection, and the one to the broker that stands behind it."""

    def __init__(self, proxy: Proxy, client: Streams, server: Streams) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._answered = 0
        self._lost = False

    async def run(self) -> None:
        """Forward until both sides have ended, or one of them, or the weather, has reset it."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forward(self._client.reader, self._server.writer, TO_BROKER))
                group.create_task(self._forward(self._server.reader, self._client.writer, TO_CLIENT))
        except* OSError:
            self.reset()
        # What is still to be written is, unless it was reset.
        self._client.writer.close()
        self._server.writer.close()

    def reset(self) -> None:
        """Reset both sides."""
        _reset(self._client)
        _reset(self._server)

    def count_from_now(self) -> None:
        """Count the bytes of answers anew."""
        self._answered = 0

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str) -> None:
        queue: asyncio.Queue[tuple[float, bytes | None]] = asyncio.Queue(DEPTH)
        reading = asyncio.create_task(self._read(reader, queue))
        try:
            while True:
                due, data = await queue.get()
                await _sleep_until(due)
                if self._lost or self._proxy.weather.dropping:
                    # Its end vanishes too: the other side hears of nothing.
                    self._lost = True
                elif data is None:
                    raise ConnectionResetError
                elif not data:
                    writer.write_eof()
                    return
                else:
                    await self._write(writer, data, way)
        finally:
            reading.cancel()

    async def _read(
        self, reader: asyncio.StreamReader, queue: asyncio.Queue[tuple[float, bytes | None]]
    ) -> None:
        """Queue what comes, with when it is due; `b""` for the end of it, None for a reset."""
        data: bytes | None = b"more"
        while data:
            try:
                data = await reader.read(CHUNK)
            except OSError:
                data = None
            await queue.put((_now() + self._proxy.weather.delay_s, data))

    async def _write(self, writer: asyncio.StreamWriter, data: bytes, way: str) -> None:
        while data:
            piece = data[: await self._allowance(len(data), way)]
            data = data[len(piece) :]
            if way == TO_CLIENT:
                piece = self._up_to_the_reset(piece)
                self._answered += len(piece)
            writer.write(piece)
            await writer.drain()
            limit = self._proxy.weather.reset_after
            if limit is not None and self._answered >= limit:
                await asyncio.sleep(DELIVERY_S)
                self.reset()
                raise ConnectionResetError

    def _up_to_the_reset(self, piece: bytes) -> bytes:
        limit = self._proxy.weather.reset_after
        return piece if limit is None else piece[: max(0, limit - self._answered)]

    async def _allowance(self, wanted: int, way: str) -> int:
        """How many bytes may pass now; waits until it is their turn."""
        rate = self._proxy.weather.bytes_per_s
        if rate is None:
            return wanted
        allowed = max(1, min(wanted, int(rate / SLICES_PER_S)))
        turns = self._proxy.free_at
        turn = max(_now(), turns[way])
        turns[way] = turn + allowed / rate
        await _sleep_until(turns[way])
        return allowed


async def _swallow(reader: asyncio.StreamReader) -> None:
    """Let what is sent vanish, until the sender has had enough."""
    with contextlib.suppress(OSError, asyncio.CancelledError):
        while await reader.read(CHUNK):
            pass


def _reset(streams: Streams) -> None:
    transport = streams.writer.transport
    with contextlib.suppress(OSError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    transport.abort()


async def _sleep_until(due: float) -> None:
    if (left := due - _now()) > 0:
        await asyncio.sleep(left)


def _now() -> float:
    return asyncio.get_running_loop().time()
