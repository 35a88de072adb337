"""Sending a replay: chunks of events to the partitions of their keys, at a rate, until all are confirmed."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from worker.errors import DeliveryError, NewswireError
from worker.outbox import Outgoing, Receipt
from worker.replay.entry import Fault
from worker.replay.feed import Feed
from worker.replay.partition import partitions_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from worker.replay.event import RawEvent
    from worker.replay.plan import Plan, Reading

CHUNKS_UNCONFIRMED: Final = 16
"""So many chunks may be under way before the next one is read: enough for full record batches."""

_PACES_PER_S: Final = 20
_NO_HEADERS: Final[list[tuple[str, bytes]]] = []


class Sink(Protocol):
    """Where records are put; `worker.outbox.Outbox` fits."""

    def put(self, topic: str, partition: int, records: list[Outgoing], receipt: Receipt) -> None:
        """Queue records; the receipt gets one part more to confirm."""


@dataclass(slots=True)
class Tally:
    """How far a replay has come: events sent and confirmed, and lines that could not be one."""

    sent: int = 0
    confirmed: int = 0
    faults: int = 0

    @property
    def unconfirmed(self) -> int:
        """Events whose delivery is not confirmed."""
        return self.sent - self.confirmed


class Replay:
    """One run of a plan. `on_fault` hears of each line that cannot be an event, and may end the run."""

    def __init__(
        self,
        plan: Plan,
        *,
        topic: str,
        partitions: int,
        chunk_records: int,
        rate: float | None = None,
        on_fault: Callable[[Reading], None] = lambda _: None,
    ) -> None:
        """Take the plan and where it goes; `rate` is in events a second, None as fast as it goes."""
        self.tally = Tally()
        self._topic = topic
        self._partitions = partitions
        self._rate = rate
        self._on_fault = on_fault
        if rate is not None:
            chunk_records = max(1, min(chunk_records, int(rate / _PACES_PER_S)))
        self._most_unconfirmed = CHUNKS_UNCONFIRMED * chunk_records
        self._feed = Feed(plan, chunk_records)
        self._stopped = asyncio.Event()
        self._changed = asyncio.Event()
        self._failure: Exception | None = None

    @property
    def stopped(self) -> bool:
        """Whether the run was asked to stop."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Read no further; `run` ends once what was sent is confirmed."""
        self._stopped.set()
        self._changed.set()
        self._feed.end()

    def fail(self, error: Exception) -> None:
        """A delivery has failed for good: `run` ends with it."""
        self._failure = self._failure or error
        self.stop()

    async def run(self, sink: Sink) -> None:
        """Send everything and wait for the confirmations.

        Raises:
            DeliveryError: not every event that was sent could be confirmed.
            UsageError: a document cannot be read; what was sent before is confirmed.
        """
        try:
            await self._send(sink)
        except NewswireError:
            await self._drain()
            raise
        await self._drain()
        if self._failure is not None:
            raise DeliveryError(
                f"{self.tally.unconfirmed} of {self.tally.sent} headlines are not confirmed: {self._failure}"
            ) from self._failure

    async def _drain(self) -> None:
        while self.tally.unconfirmed and self._failure is None:
            await self._change()

    async def _send(self, sink: Sink) -> None:
        started = time.monotonic()
        async for chunk in self._feed.chunks():
            events = []
            try:
                for reading in chunk:
                    if reading.event is not None:
                        events.append(reading.event)
                    else:
                        self.tally.faults += reading.found.lines if isinstance(reading.found, Fault) else 1
                        self._on_fault(reading)
            finally:
                self._put(sink, events)
            if self._rate is not None:
                due = started + self.tally.sent / self._rate
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), max(0.0, due - time.monotonic()))
            while self.tally.unconfirmed > self._most_unconfirmed and not self.stopped:
                await self._change()

    def _put(self, sink: Sink, events: list[RawEvent]) -> None:
        lanes: defaultdict[int, list[Outgoing]] = defaultdict(list)
        for event, partition in zip(
            events, partitions_of([event.key for event in events], self._partitions), strict=True
        ):
            lanes[partition].append(Outgoing(event.key, event.value, _NO_HEADERS))
        self.tally.sent += len(events)
        for partition, records in lanes.items():
            receipt = Receipt(self._confirmation(len(records)))
            sink.put(self._topic, partition, records, receipt)
            receipt.confirm()

    def _confirmation(self, records: int) -> Callable[[], None]:
        def confirm() -> None:
            self.tally.confirmed += records
            self._changed.set()

        return confirm

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
