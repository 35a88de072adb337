"""How late the event loop runs what is due: the first sign of a loop that something blocks or overloads."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

TICK_S: Final = 0.1


def measure(observe: Callable[[float], None], tick_s: float = TICK_S) -> Callable[[], None]:
    """Call `observe` every `tick_s` with the seconds by which the running loop was late for it.

    A loop that is blocked for ten ticks gives one value, the whole delay, not ten. Returns what ends it.
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def wait() -> None:
        nonlocal timer
        due = loop.time() + tick_s
        timer = loop.call_at(due, tick, due)

    def tick(due: float) -> None:
        # The loop runs a timer early by at most its clock's resolution.
        observe(max(0.0, loop.time() - due))
        wait()

    def end() -> None:
        timer.cancel()

    wait()
    return end
