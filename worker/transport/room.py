"""How many fetches may be under way, and the wait until one more may be."""

from __future__ import annotations

import asyncio


class Room:
    """Room for `most` fetches under way.

    Nothing more is fetched while it is taken: what comes meanwhile gathers in Kafka, and the next fetch brings it as
    one. So fetches grow with the load, and what each of them costs by itself is shared by more headlines.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0
        self._free = asyncio.Event()
        self._free.set()

    async def free(self, timeout_s: float) -> bool:
        """Wait for room, `timeout_s` seconds at most; whether there is any."""
        if not self._free.is_set():
            try:
                async with asyncio.timeout(timeout_s):
                    await self._free.wait()
            except TimeoutError:
                return False
        return True

    def take(self) -> None:
        """One more fetch is under way."""
        self._taken += 1
        if self._taken >= self._most:
            self._free.clear()

    def give_back(self) -> None:
        """A fetch is done."""
        self._taken -= 1
        self._free.set()

    def clear(self) -> None:
        """None is under way any more."""
        self._taken = 0
        self._free.set()
