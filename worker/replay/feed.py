"""Readings in chunks, without ever making the event loop wait for a pipe."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from itertools import islice
from typing import TYPE_CHECKING, Final

from worker.errors import NewswireError
from worker.replay.plan import Plan, Reading, readings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_CHUNKS_AHEAD: Final = 8


class Feed:
    """The readings of a plan, in chunks of at most `size`.

    Files are read as the chunks are asked for. Where a read may have to wait, a thread of its own reads on;
    it hands on what it has before each wait, so that no headline lies around until the next one is written.
    """

    def __init__(self, plan: Plan, size: int) -> None:
        self._plan = plan
        self._size = size
        self._ended = False
        self._queue: asyncio.Queue[list[Reading] | BaseException | None] = asyncio.Queue(_CHUNKS_AHEAD)

    def end(self) -> None:
        """Give no further chunk; may be called while one is waited for."""
        self._ended = True
        with contextlib.suppress(asyncio.QueueFull):  # then nobody waits
            self._queue.put_nowait(None)

    async def chunks(self) -> AsyncIterator[list[Reading]]:
        """Yield chunks until the documents are read or `end` is called.

        Raises:
            UsageError: a document cannot be read.
        """
        async for chunk in self._awaited() if self._plan.waits else self._read():
            if self._ended:
                return
            yield chunk

    async def _read(self) -> AsyncIterator[list[Reading]]:
        found = readings(self._plan)
        while not self._ended and (chunk := list(islice(found, self._size))):
            yield chunk
            await asyncio.sleep(0)

    async def _awaited(self) -> AsyncIterator[list[Reading]]:
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._pump, args=(loop,), name="replay-reader", daemon=True).start()
        while isinstance(chunk := await self._queue.get(), list):
            yield chunk
        if chunk is not None:
            raise chunk

    def _pump(self, loop: asyncio.AbstractEventLoop) -> None:
        chunk: list[Reading] = []

        def hand_on() -> None:
            if chunk:
                self._put(loop, chunk.copy())
                chunk.clear()

        try:
            for reading in readings(self._plan, before_read=hand_on):
                chunk.append(reading)
                if len(chunk) >= self._size:
                    hand_on()
            hand_on()
        except NewswireError as error:
            hand_on()
            self._put(loop, error)
        except BaseException as error:
            self._put(loop, error)
            raise
        else:
            self._put(loop, None)

    def _put(self, loop: asyncio.AbstractEventLoop, item: list[Reading] | BaseException | None) -> None:
        put = self._queue.put(item)
        try:
            asyncio.run_coroutine_threadsafe(put, loop).result()
        except RuntimeError:  # the loop is closed: the replay was ended, nobody reads on
            put.close()
