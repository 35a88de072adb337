"""How one agent hands work to the next: a plain bounded queue that a rebalance leaves alone.

Faust's `app.channel` sits behind the app's flow control. A rebalance clears such a queue (batches vanish) and puts
into it sleep until the rebalance ends, which itself waits for the batches.
"""

from __future__ import annotations

from faust.channels import Channel
from mode.utils.queues import FlowControlEvent, ThrowableQueue


class Handover(Channel):
    """A Faust channel for exactly one agent, holding at most `maxsize` items; `put` waits while it is full."""

    _queue: ThrowableQueue | None

    @property
    def queue(self) -> ThrowableQueue:
        """The queue, under a flow control of its own that nobody suspends."""
        if self._queue is None:
            flow = FlowControlEvent(initially_suspended=False)
            self._queue = ThrowableQueue(maxsize=self.maxsize, flow_control=flow)
        return self._queue
