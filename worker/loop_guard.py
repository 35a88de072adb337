"""Ends a process whose event loop no longer runs: what watches from within the loop stands still with it.

A thread can do so as long as it gets the interpreter's lock, which all that waits for something gives up.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_LOOK_S = 1.0
_GRACE_S = 5.0
"""A process that was stopped (SIGSTOP) finds its time over when it goes on, and its loop has to have a turn first."""


class LoopGuard:
    """A thread that asks a loop, as long as the `with` lasts, to show that it runs.

    Args:
        loop: the loop, which runs in another thread.
        patience_s: it may be blocked for so long.
        end: called in this thread when it is blocked for longer; ends the process.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, patience_s: float, end: Callable[[], None]) -> None:
        self._loop = loop
        self._patience_s = patience_s
        self._end = end
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="loop-guard", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_S):
            ran = threading.Event()
            try:
                self._loop.call_soon_threadsafe(ran.set)
            except RuntimeError:  # it is closed
                return
            if not ran.wait(self._patience_s) and not ran.wait(_GRACE_S) and not self._over.is_set():
                self._end()
                return
