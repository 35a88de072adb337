"""How long a broker gathers records before it answers a fetch: the busier the worker, the longer."""

from __future__ import annotations

_CALM, _BUSY = 0.3, 0.8
"""Shares of a core up to which a broker gathers for the shortest, and from which for the longest time."""
_SHORTEST = 0.06
"""The shortest time, as a share of the longest."""
_MEMORY_S = 0.5
"""Of how busy the worker is, so much time counts as much as all before it."""


class Pace:
    """Weighs latency against what fetches cost.

    A fetch costs some milliseconds of CPU whatever it brings: every output partition gets a record batch of its own.
    A worker with time to spare takes records as they come. One that has none takes fewer and larger fetches, which
    leaves it more time, so the two settle.

    Args:
        longest_ms: how long a broker may gather, milliseconds.
    """

    def __init__(self, longest_ms: float) -> None:
        self._longest_ms = longest_ms
        self._busy = 0.0

    def wait_ms(self, cpu_s: float, passed_s: float) -> int:
        """How long the broker shall gather for the next fetch, in milliseconds.

        Args:
            cpu_s: CPU time of this process since the last fetch, in seconds.
            passed_s: wall time since then, in seconds.
        """
        if passed_s > 0:
            weight = passed_s / (passed_s + _MEMORY_S)
            self._busy += (cpu_s / passed_s - self._busy) * weight
        share = min(1.0, max(_SHORTEST, (self._busy - _CALM) / (_BUSY - _CALM)))
        return max(1, round(self._longest_ms * share))
