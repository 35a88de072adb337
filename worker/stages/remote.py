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
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from worker.config import Settings
    from worker.stages.messages import Decided, Opened, Raw, Read, Written

T = TypeVar("T")

_BUFFER_BYTES = 4 * 1024 * 1024
_END_S = 2.0


class Helper:
    """Has the stages computed by a process of its own, request by request, in order.

    The process starts here, and loads what it needs while its worker does the same.

    Args:
        settings: what it loads by.
    """

    _on_failure: Callable[[BaseException], None]

    def __init__(self, settings: Settings) -> None:
        self._waiting: deque[tuple[asyncio.Future[Any], Callable[[bytes], Any]]] = deque()
        self._error: BaseException | None = None
        self._begun = False
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
            # It lies in the socket until there is somebody to read it.
            here.sendall(wire.frame(Ask.LOAD, pickle.dumps(settings)))

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    async def load(self, on_failure: Callable[[BaseException], None]) -> Opened:
        """Wait until it has loaded what the settings name.

        Args:
            on_failure: gets the error when the process ends though nobody told it to, now or later.

        Raises:
            UsageError: what the settings name cannot be used.
            NewswireError: the process has ended.
        """
        self._on_failure = on_failure
        reader, self._writer = await asyncio.open_unix_connection(sock=self._socket, limit=_BUFFER_BYTES)
        opened = self._answer(wire.decode_opened)
        self._reading = asyncio.create_task(self._read_answers(reader))
        return await opened

    async def begin(self, partitions: Mapping[str, int]) -> Helper:
        """Let it compute, with the number of partitions of each output topic."""
        await self._ask(wire.packed(Ask.BEGIN, partitions), wire.decode_nothing)
        self._begun = True
        return self

    def read(self, fetch: int, parts: Sequence[Raw]) -> Awaitable[list[Read]]:
        """`Stages.read`; asked for at once, whoever waits for it."""
        return self._ask(wire.read_request(fetch, parts), wire.decode_reads)

    def write(self, fetch: int, decided: Sequence[Decided]) -> Awaitable[Written]:
        """`Stages.write`; asked for at once, whoever waits for it."""
        return self._ask(wire.write_request(fetch, decided), wire.decode_written)

    async def stop(self) -> None:
        """Let it end; at once where it has not begun, since nothing of it is needed."""
        self._stopping = True
        if not self._begun:
            self._process.kill()
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
        answer = self._answer(decode)
        if self._error is None:
            self._writer.write(request)
        return answer

    def _answer(self, decode: Callable[[bytes], T]) -> asyncio.Future[T]:
        """The answer to what is asked next."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # Whatever waits for it, or nothing any more: the error is told by `on_failure`.
        answer.add_done_callback(_looked_at)
        if self._error is not None:
            answer.set_exception(self._error)
        else:
            self._waiting.append((answer, decode))
        return answer

    async def _read_answers(self, reader: asyncio.StreamReader) -> None:
        error: NewswireError | None = None
        failure = "it ended by itself"
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length, kind = HEADER.unpack(await reader.readexactly(HEADER.size))
                body = await reader.readexactly(length)
                if kind == Answer.REFUSED:
                    error = wire.decode_refused(body)
                    break
                if kind == Answer.FAILED:
                    failure = msgspec.msgpack.decode(body, type=str)
                    break
                answer, decode = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(decode(body))
        self._fail(error or _failed(failure))

    def _fail(self, error: NewswireError) -> None:
        if self._stopping:
            return
        self._error = error
        for answer, _ in self._waiting:
            if not answer.done():
                answer.set_exception(error)
        self._waiting.clear()
        self._on_failure(error)


def _failed(why: str) -> NewswireError:
    return NewswireError(
        f"the process that computes the stages failed: {why.rstrip()}\nnothing is committed that was not"
        " confirmed: start the worker again, and report its log if it recurs"
    )


def _looked_at(answer: asyncio.Future[Any]) -> None:
    if not answer.cancelled():
        answer.exception()
