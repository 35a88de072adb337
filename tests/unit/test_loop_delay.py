"""The delay of the event loop, seen from inside it."""

import asyncio
import time

import pytest
from worker import loop_delay
from worker.metrics import Metrics

TICK_S = 0.01
BLOCK_S = 0.2


@pytest.fixture
async def delays():
    """The delays that are measured, as they come."""
    queue = asyncio.Queue()
    end = loop_delay.measure(queue.put_nowait, TICK_S)
    yield queue
    end()


async def test_a_loop_that_is_blocked_is_late_once_by_as_long_as_it_was_blocked(delays):
    await delays.get()
    time.sleep(BLOCK_S)  # noqa: ASYNC251 - this is what is measured
    late, following = await delays.get(), await delays.get()

    assert late >= BLOCK_S - TICK_S
    assert 0 <= following < late


async def test_it_ends_when_told():
    values = []
    loop_delay.measure(values.append, TICK_S)()
    await asyncio.sleep(5 * TICK_S)

    assert values == []


async def test_the_metric_counts_the_ticks(delays):
    metrics = Metrics()
    values = [await delays.get() for _ in range(3)]
    for value in values:
        metrics.loop_delay.observe(value)

    found = metrics.registry.get_sample_value
    assert found("newswire_event_loop_delay_seconds_count") == 3
    assert found("newswire_event_loop_delay_seconds_sum") == pytest.approx(sum(values))
