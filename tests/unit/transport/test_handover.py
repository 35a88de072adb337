"""A handover gives each item once, in order, holds a bounded number, and is left alone by a rebalance."""

import asyncio

import faust
import pytest
from worker.transport import Handover

MOST = 2


@pytest.fixture
def app():
    return faust.App("handover", broker="kafka://127.0.0.1:1", store="memory://", autodiscover=False)


@pytest.fixture
def handover(app):
    return Handover(app, maxsize=MOST)


async def put(handover, item):
    async with asyncio.timeout(10):
        await handover.put(item)


async def taken(stream, count):
    async with asyncio.timeout(10):
        return [await stream.channel.queue.get() for _ in range(count)]


def waiting(stream):
    return stream.channel.queue.qsize()


def listening(handover):
    """A stream as an agent's: it is subscribed to the handover."""
    return handover.stream()


async def test_items_come_out_once_and_in_order(handover):
    stream = listening(handover)

    async def put_all():
        for item in range(10):
            await put(handover, item)

    putting = asyncio.create_task(put_all())

    assert await taken(stream, 10) == list(range(10))
    await putting
    assert waiting(stream) == 0


async def test_a_put_waits_while_it_is_full(handover):
    stream = listening(handover)
    for item in range(MOST):
        await put(handover, item)
    putting = asyncio.create_task(put(handover, "last"))
    for _ in range(20):
        await asyncio.sleep(0)

    assert not putting.done()
    assert waiting(stream) == MOST

    assert await taken(stream, 1) == [0]
    await putting
    assert waiting(stream) == MOST


async def test_a_rebalance_takes_nothing_out_and_lets_puts_and_takes_go_on(app, handover):
    stream = listening(handover)
    await put(handover, "before")
    app.flow_control.suspend()
    app.flow_control.clear()

    assert waiting(stream) == 1
    await put(handover, "during")
    assert await taken(stream, 2) == ["before", "during"]


async def test_a_plain_channel_of_faust_loses_what_waits_in_a_rebalance(app):
    # Why the handover is there: when this begins to fail, it can go.
    channel = app.channel(maxsize=MOST)
    stream = listening(channel)
    app.flow_control.resume()
    await channel.put("before")
    app.flow_control.suspend()
    app.flow_control.clear()

    assert waiting(stream) == 0
