"""The stages in this very process, for whom one processor has to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.stages.messages import Decided, Raw, Read, Written
    from worker.stages.stages import Stages


class Here:
    """Computes what it is asked for at once."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages

    async def read(self, fetch: int, parts: Sequence[Raw]) -> list[Read]:
        """`Stages.read`."""
        return self._stages.read(fetch, parts)

    async def write(self, fetch: int, decided: Sequence[Decided]) -> Written:
        """`Stages.write`."""
        return self._stages.write(fetch, decided)
