"""The stages in this very process, for whom one processor has to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

    from worker.config import Settings
    from worker.route.rules import RuledRouter
    from worker.stages.messages import Decided, Opened, Raw, Read, Written
    from worker.stages.opening import Loaded
    from worker.stages.stages import Stages

T = TypeVar("T")


class Loader:
    """Loads the stages in this process; as `worker.stages.remote.Helper` does elsewhere."""

    _loaded: Loaded

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def router(self) -> RuledRouter:
        """The router, once it is loaded."""
        return self._loaded.router

    async def load(self) -> Opened:
        """Load what the settings name.

        Raises:
            UsageError: it cannot be used.
        """
        self._loaded = await asyncio.to_thread(_loaded, self._settings)
        return self._loaded.opened

    async def begin(self, partitions: Mapping[str, int]) -> Here:
        """The stages, with the number of partitions of each output topic."""
        return Here(self._loaded.stages(partitions))


class Here:
    """Computes what it is asked for at once."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages

    def read(self, fetch: int, parts: Sequence[Raw]) -> Awaitable[list[Read]]:
        """`Stages.read`."""
        return _done(self._stages.read(fetch, parts))

    def write(self, fetch: int, decided: Sequence[Decided]) -> Awaitable[Written]:
        """`Stages.write`."""
        return _done(self._stages.write(fetch, decided))


def _loaded(settings: Settings) -> Loaded:
    from worker.stages.opening import Loaded

    return Loaded.by(settings)


def _done(result: T) -> asyncio.Future[T]:
    done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    done.set_result(result)
    return done
