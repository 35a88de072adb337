"""The guard ends a process whose loop is blocked, and no other."""

import asyncio
import threading
import time

import pytest
from worker import loop_guard
from worker.loop_guard import LoopGuard


@pytest.fixture
def ended(monkeypatch):
    """Set when the guard ends the process; it looks and waits a hundred times as often."""
    monkeypatch.setattr(loop_guard, "_LOOK_S", 0.01)
    monkeypatch.setattr(loop_guard, "_GRACE_S", 0.05)
    return threading.Event()


async def test_a_loop_that_is_blocked_ends_the_process(ended):
    with LoopGuard(asyncio.get_running_loop(), 0.05, ended.set):
        await asyncio.sleep(0.02)
        assert await asyncio.to_thread(lambda: not ended.is_set())
        deadline = time.monotonic() + 10
        while not ended.is_set() and time.monotonic() < deadline:
            time.sleep(0.01)  # noqa: ASYNC251 - what blocks the loop

    assert ended.is_set()


async def test_a_loop_that_runs_is_left_alone(ended):
    with LoopGuard(asyncio.get_running_loop(), 5, ended.set) as guard:
        await asyncio.sleep(0.2)

    assert not ended.is_set()
    await asyncio.to_thread(guard._thread.join, 10)
    assert not guard._thread.is_alive()


def test_a_guard_goes_with_its_loop(ended):
    loop = asyncio.new_event_loop()
    loop.close()
    guard = LoopGuard(loop, 0, ended.set)
    with guard:
        guard._thread.join(10)

        assert not guard._thread.is_alive()
    assert not ended.is_set()
