"""Ctrl-C that ends cleanly: the first one asks, the second one insists."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Within the `with`, SIGINT and SIGTERM call `stop` once; the next one cancels the task that entered it.

    The cancellation ends with the `with`; `seen` tells afterwards that there was an interrupt.
    """

    def __init__(self, *stop: Callable[[], None]) -> None:
        self.seen = False
        self._stop = stop
        self._forced = False

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        for number in _SIGNALS:
            asyncio.get_running_loop().remove_signal_handler(number)
        return self._forced and kind is asyncio.CancelledError

    def _on_signal(self) -> None:
        if not self.seen:
            self.seen = True
            for stop in self._stop:
                stop()
        elif not self._forced and self._task is not None:
            self._forced = True
            self._task.cancel()
