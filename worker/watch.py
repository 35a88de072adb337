"""Whether the worker gets on: asks the broker now and then, and notices a standstill.

A silent stall is the worst that a stream worker can do to its operators. Lag and no progress for too long ends the
process, so that a supervisor starts it again; an idle topic or a long catch-up does not.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.errors import BrokerUnavailableError, NewswireError, StalledError
from worker.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

log = get_logger(__name__)

_PROBE_S = 5.0
_REMIND_S = 15.0
_TICK_S = 1.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """How far the worker is: it stands still when `progress` is the same again while something is `waiting`."""

    waiting: int
    progress: Hashable


class Watch:
    """Looks at a worker every second.

    Args:
        probe: asks the broker anything; True if it answered. What it raises ends `run`.
        pulse: how far the worker is.
        crash: the error that Faust has ended itself with, if it has.
        outage_patience_s: the broker may be silent for so long.
        watchdog_s: the worker may stand still for so long.
        fail: ends the worker.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        *,
        probe: Callable[[], Awaitable[bool]],
        pulse: Callable[[], Pulse],
        crash: Callable[[], BaseException | None],
        outage_patience_s: float,
        watchdog_s: float,
        fail: Callable[[BaseException], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._probe = probe
        self._pulse = pulse
        self._crash = crash
        self._outage_patience_s = outage_patience_s
        self._watchdog_s = watchdog_s
        self._fail = fail
        self._clock = clock
        self._answered = clock()
        self._asked = -_PROBE_S
        self._progress: Hashable = None
        self._progressed = clock()
        self._silent = False
        self._told = 0.0

    @property
    def broker_answers(self) -> bool:
        """Whether the last question to the broker was answered."""
        return not self._silent

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_TICK_S)

    async def look(self) -> None:
        """Look once; ends the worker when that is due."""
        crash = self._crash()
        if crash is not None:
            self._fail(crash)
            return
        await self._ask()
        error = self._outage() or self._standstill()
        if error is not None:
            self._fail(error)

    async def _ask(self) -> None:
        if self._clock() - self._asked < _PROBE_S:
            return
        self._asked = self._clock()
        answered = await self._probe()
        if answered:
            self._answered = self._clock()
        if answered == self._silent:
            self._silent = not answered
            self._told = self._clock()
            if self._silent:
                log.warning("Kafka does not answer; waiting for it", up_to_s=self._outage_patience_s)
            else:
                log.info("Kafka answers again")
        elif self._silent and self._clock() - self._told >= _REMIND_S:
            self._told = self._clock()
            silent_s = self._told - self._answered
            log.warning(
                "Kafka still does not answer; waiting for it",
                silent_s=round(silent_s),
                still_up_to_s=round(max(0.0, self._outage_patience_s - silent_s)),
            )

    def _outage(self) -> NewswireError | None:
        silent_s = self._clock() - self._answered
        # Between two questions nobody knows; only one that was not answered makes it an outage.
        if not self._silent or silent_s <= self._outage_patience_s:
            return None
        return BrokerUnavailableError(
            f"Kafka has not answered for {silent_s:.0f} s, which is more than kafka.outage_patience_s; "
            "nothing is committed that was not confirmed: start the worker again once Kafka is back"
        )

    def _standstill(self) -> NewswireError | None:
        pulse = self._pulse()
        # While the broker is away nothing can move; the outage has a patience of its own.
        if not pulse.waiting or self._silent or pulse.progress != self._progress:
            self._progress = pulse.progress
            self._progressed = self._clock()
            return None
        still_s = self._clock() - self._progressed
        if still_s <= self._watchdog_s:
            return None
        return StalledError(
            f"no progress for {still_s:.0f} s with {pulse.waiting} records or batches waiting; "
            "nothing is committed that was not confirmed: start the worker again, and report its log if it recurs"
        )
