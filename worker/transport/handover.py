"""How one agent hands work to the next: a plain bounded queue that a rebalance leaves alone.

Faust's `app.channel` sits behind the app's flow control. A rebalance clears such a queue (batches vanish) and puts
into it sleep until the rebalance ends, which itself waits for the batches.
"""

from __future__ import annotations

from typing import Any

from faust.channels import Channel
from mode.utils.queues import FlowControlEvent, ThrowableQueue


class Handover(Channel):
    """A Faust channel for exactly one agent, holding at most `maxsize` items; `put` waits while it is full."""

    @property
    def queue(self) -> ThrowableQueue:
        """The queue, under a flow control of its own that nobody suspends."""
        queue: ThrowableQueue | None = self._queue
        if queue is None:
            flow = FlowControlEvent(initially_suspended=False)
            queue = self._queue = ThrowableQueue(maxsize=self.maxsize, flow_control=flow)
        return queue

    async def put(self, item: Any) -> None:
        """Hand an item on; waits for room."""
        await super().put(item)

    def depth(self) -> int:
        """How many items wait."""
        return sum(subscriber.queue.qsize() for subscriber in (self._root or self)._subscribers)
