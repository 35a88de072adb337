"""A pause where aiokafka makes none.

While no broker answers, its producer asks for the cluster's metadata again as soon as it could not be had: some
5,000 refused connections a second, and a core of the machine, for as long as the outage lasts.
"""

from __future__ import annotations

import asyncio
from typing import Any

_PAUSE_S = 0.25


def calm(client: Any) -> None:
    """Let a client of aiokafka (a producer's `client`, a consumer's `_client`) pause when metadata cannot be had."""
    update = client._metadata_update

    async def paused(*args: Any) -> bool:
        updated: bool = await update(*args)
        if not updated:
            await asyncio.sleep(_PAUSE_S)
        return updated

    client._metadata_update = paused
