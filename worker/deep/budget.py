"""How much time the deep tier may take: a share of one core, averaged over seconds."""

from __future__ import annotations

from typing import Final

AVERAGED_OVER_S: Final = 2.0
"""What was not used in so long is lost, so that a pause is no licence to be late for long."""


class Budget:
    """A token bucket (as in RFC 2697) of seconds of one core, which may be overdrawn.

    Args:
        share: of one core; 1.5 is one and a half.
        now: seconds by any clock that only goes forward.
    """

    def __init__(self, share: float, now: float) -> None:
        self._share = share
        self._most = share * AVERAGED_OVER_S
        self._left = self._most
        self._now = now

    def left(self, now: float) -> float:
        """The seconds that may be spent; below zero after more was spent than there was."""
        self._left = min(self._most, self._left + self._share * (now - self._now))
        self._now = now
        return self._left

    def spend(self, seconds: float) -> None:
        """Takes away what was used."""
        self._left -= seconds
