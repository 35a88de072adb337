"""How old what is read now is: the lag in seconds, where a lag in records says nothing of its age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

P = TypeVar("P", bound="Hashable")


class BacklogAge(Generic[P]):
    """Estimates the age of what is still to read, from the timestamps of what was taken in.

    Where a partition has records still to read, they follow the last one that was taken in, so that one's age bounds
    theirs from above; and they came after the partition was last seen without any, which bounds it closer where the
    partition was idle. Of a partition that nothing was taken of yet, their age is at least the time since they were
    first seen. Times are in seconds since 1970, timestamps in milliseconds, like Kafka's.
    """

    def __init__(self) -> None:
        self._taken_ms: dict[P, int] = {}
        self._level: dict[P, float] = {}
        self._waiting: dict[P, float] = {}

    def take(self, partition: P, timestamp_ms: int) -> None:
        """Note the Kafka timestamp of the last record that was taken in of a partition."""
        self._taken_ms[partition] = timestamp_ms

    def forget(self) -> None:
        """Begin another assignment."""
        self._taken_ms.clear()
        self._level.clear()
        self._waiting.clear()

    def seconds(self, lags: Mapping[P, int], now: float) -> float:
        """The age of the oldest backlog of all partitions, by their lags in records; 0 without lag."""
        return max((self._age(partition, lag, now) for partition, lag in lags.items()), default=0.0)

    def _age(self, partition: P, lag: int, now: float) -> float:
        if not lag:
            self._level[partition] = now
            self._waiting.pop(partition, None)
            return 0.0
        taken_ms = self._taken_ms.get(partition)
        level = self._level.get(partition)
        bounds = [] if level is None else [now - level]
        if taken_ms is not None:
            bounds.append(now - taken_ms / 1000)
        if not bounds:
            bounds.append(now - self._waiting.setdefault(partition, now))
        return max(0.0, min(bounds))
