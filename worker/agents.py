"""The agents. They move work: take what one fetch brought, call the stage, hand it on.

Nothing may leave an agent's loop as an exception: Faust would acknowledge the event and go on with the next. What
does go wrong here can not be the fault of a record (the stages are total), so the whole worker stops, uncommitted.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from worker.transport import BatchSchema, Handover

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    import faust

    from worker.pipeline import Pipeline


def install(
    app: faust.App,
    pipeline: Pipeline,
    *,
    raw_topic: str,
    in_flight: int,
    fail: Callable[[BaseException], None],
) -> None:
    """Define the agents on an app.

    Args:
        app: the Faust app, with the batch transport plugged in.
        pipeline: what the agents do with it.
        raw_topic: the topic of raw headlines.
        in_flight: as many fetches may be under way.
        fail: ends the worker.
    """
    raw = app.topic(raw_topic, schema=BatchSchema())
    normalized = Handover(app, maxsize=1)
    fingerprinted = Handover(app, maxsize=in_flight)
    routed = Handover(app, maxsize=in_flight)

    @app.agent(raw, concurrency=1)
    async def normalize(stream: Any) -> None:
        async for batches in stream.noack():
            async with _or(fail):
                await normalized.put(pipeline.normalize(batches))

    @app.agent(normalized, concurrency=1)
    async def deduplicate(stream: Any) -> None:
        async for work in stream:
            async with _or(fail):
                await fingerprinted.put(await pipeline.deduplicate(work))

    @app.agent(fingerprinted, concurrency=1)
    async def route(stream: Any) -> None:
        async for work in stream:
            async with _or(fail):
                await routed.put(await pipeline.route(work))

    @app.agent(routed, concurrency=1)
    async def send(stream: Any) -> None:
        async for work in stream:
            async with _or(fail):
                await pipeline.send(work)


@asynccontextmanager
async def _or(fail: Callable[[BaseException], None]) -> AsyncIterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - whatever it is, the worker ends
        fail(error)
        await asyncio.Event().wait()  # the loop must not go on, nor end: either would acknowledge the batch
