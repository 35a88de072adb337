"""When a deployment is over a disturbance: by what comes out, or by what each raw partition gets done.

Both compare with what a partition's leader tells first *after* the disturbance. What was there before must not count,
also where a leader is away and the next one tells of it much later.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException

from .load import PARTITIONS

if TYPE_CHECKING:
    from tests.integration.deployment import Deployment


class OutAgain:
    """Something comes out again, in any output partition."""

    what = "something came out"

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._first: dict[tuple[str, int], int] = {}

    def over(self) -> bool:
        """Whether an output partition has grown since it told its end for the first time."""
        with suppress(KafkaException):
            ends = self._deployment.ends_now(self._deployment.output_topics)
            return any(end > self._first.setdefault(tp, end) for tp, end in ends.items())
        return False


class AllGoOn:
    """Each raw partition is worked on: for a disturbance that stops some of them only.

    All that was fed before has to be done and committed, and of what was fed since at least one record.
    """

    what = "each raw partition was worked on"

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._first: dict[int, int] = {}

    def over(self) -> bool:
        """Whether the group has committed beyond the end that each raw partition told first, or all there is."""
        with suppress(KafkaException):
            told = self._deployment.ends_now([self._deployment.raw])
            ends = {partition: end for (_, partition), end in told.items()}
            for partition, end in ends.items():
                self._first.setdefault(partition, end)
            if len(ends) < PARTITIONS:
                return False
            committed = self._deployment.committed_now()
            return all(
                committed.get(partition, 0) >= min(self._first[partition] + 1, end)
                for partition, end in ends.items()
            )
        return False
