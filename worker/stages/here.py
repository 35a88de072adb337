"""The stages in this very process, for whom one processor has to do."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from worker.stages.messages import Decided, Raw, Read, Written
    from worker.stages.stages import Stages

T = TypeVar("T")


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


def _done(result: T) -> asyncio.Future[T]:
    done: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    done.set_result(result)
    return done
