"""The worker's side of its helper."""

from __future__ import annotations

import asyncio
import pickle
import socket
import subprocess
import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from worker.errors import NewswireError
from worker.stages import wire
from worker.stages.wire import HEADER, Answer, Ask

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from worker.stages.helper import Setup
    from worker.stages.messages import Decided, Raw, Read, Written

T = TypeVar("T")

_BUFFER_BYTES = 4 * 1024 * 1024
_END_S = 2.0


class Helper:
    """Has the stages computed by a process of its own, request by request, in order.

    Args:
        on_failure: gets the error when the helper has ended though nobody told it to.
    """

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        self._on_failure = on_failure
        self._waiting: deque[tuple[asyncio.Future[Any], Callable[[bytes], Any]]] = deque()
        self._error: BaseException | None = None
        self._stopping = False
        here, there = socket.socketpair()
        self._socket = here
        with there:
            # A fresh interpreter: nothing of this process, which has threads and connections, is to be there again.
            self._process = subprocess.Popen(
                [sys.executable, "-m", "worker.stages.helper", str(there.fileno())],
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL,
            )

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    async def start(self, setup: Setup) -> None:
        """Tell it what to compute by, and wait until it is ready."""
        reader, self._writer = await asyncio.open_unix_connection(sock=self._socket, limit=_BUFFER_BYTES)
        self._reading = asyncio.create_task(self._read_answers(reader))
        await self._ask(wire.frame(Ask.SETUP, pickle.dumps(setup)), wire.decode_nothing)

    def read(self, fetch: int, parts: Sequence[Raw]) -> Awaitable[list[Read]]:
        """`Stages.read`; asked for at once, whoever waits for it."""
        return self._ask(wire.read_request(fetch, parts), wire.decode_reads)

    def write(self, fetch: int, decided: Sequence[Decided]) -> Awaitable[Written]:
        """`Stages.write`; asked for at once, whoever waits for it."""
        return self._ask(wire.write_request(fetch, decided), wire.decode_written)

    async def stop(self) -> None:
        """Let it end."""
        self._stopping = True
        if hasattr(self, "_writer"):
            self._writer.close()
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        else:
            self._socket.close()
        try:
            await asyncio.to_thread(self._process.wait, _END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, request: bytes, decode: Callable[[bytes], T]) -> asyncio.Future[T]:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # Whatever waits for it, or nothing any more: the error is told by `on_failure`.
        answer.add_done_callback(_looked_at)
        if self._error is not None:
            answer.set_exception(self._error)
        else:
            self._waiting.append((answer, decode))
            self._writer.write(request)
        return answer

    async def _read_answers(self, reader: asyncio.StreamReader) -> None:
        failure = "it ended by itself"
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length, kind = HEADER.unpack(await reader.readexactly(HEADER.size))
                body = await reader.readexactly(length)
                if kind == Answer.FAILED:
                    failure = msgspec.msgpack.decode(body, type=str)
                    break
                answer, decode = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(decode(body))
        self._fail(failure)

    def _fail(self, failure: str) -> None:
        if self._stopping:
            return
        error = self._error = NewswireError(
            f"the process that computes the stages failed: {failure.rstrip()}\nnothing is committed that was not"
            " confirmed: start the worker again, and report its log if it recurs"
        )
        for answer, _ in self._waiting:
            if not answer.done():
                answer.set_exception(error)
        self._waiting.clear()
        self._on_failure(error)


def _looked_at(answer: asyncio.Future[Any]) -> None:
    if not answer.cancelled():
        answer.exception()
