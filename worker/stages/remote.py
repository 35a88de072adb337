"""The worker's side of its helper."""

from __future__ import annotations

import asyncio
import pickle
import socket
import subprocess
import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from worker.errors import NewswireError
from worker.stages import wire
from worker.stages.wire import HEADER, Answer, Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.stages.helper import Setup
    from worker.stages.messages import Decided, Raw, Read, Written

_BUFFER_BYTES = 4 * 1024 * 1024
_END_S = 2.0


class Helper:
    """Has the stages computed by a process of its own, request by request, in order.

    Args:
        on_failure: gets the error when the helper has ended though nobody told it to.
    """

    def __init__(self, on_failure: Callable[[BaseException], None]) -> None:
        self._on_failure = on_failure
        self._waiting: deque[asyncio.Future[bytes]] = deque()
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
        await self._ask(wire.frame(Ask.SETUP, pickle.dumps(setup)))

    async def read(self, fetch: int, parts: Sequence[Raw]) -> list[Read]:
        """`Stages.read`."""
        return wire.decode_reads(await self._ask(wire.read_request(fetch, parts)))

    async def write(self, fetch: int, decided: Sequence[Decided]) -> Written:
        """`Stages.write`."""
        return wire.decode_written(await self._ask(wire.write_request(fetch, decided)))

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

    async def _ask(self, request: bytes) -> bytes:
        if self._error is not None:
            raise self._error
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._writer.write(request)
        return await answer

    async def _read_answers(self, reader: asyncio.StreamReader) -> None:
        failure = "it ended by itself"
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length, kind = HEADER.unpack(await reader.readexactly(HEADER.size))
                body = await reader.readexactly(length)
                if kind == Answer.FAILED:
                    failure = msgspec.msgpack.decode(body, type=str)
                    break
                answer = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(body)
        self._fail(failure)

    def _fail(self, failure: str) -> None:
        if self._stopping:
            return
        error = self._error = NewswireError(
            f"the process that computes the stages failed: {failure.rstrip()}\nnothing is committed that was not"
            " confirmed: start the worker again, and report its log if it recurs"
        )
        for answer in self._waiting:
            if not answer.done():
                answer.set_exception(error)
        self._waiting.clear()
        self._on_failure(error)
