"""When somebody died or was cut off, and what was not committed then: only that may come out once more."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from confluent_kafka import KafkaException

from .load import PARTITIONS

if TYPE_CHECKING:
    from tests.integration.deployment import Deployment


class Cuts:
    """The raw offsets that were there and not committed, by partition, at each cut (`made`)."""

    def __init__(self, deployment: Deployment) -> None:
        self.made: list[dict[int, range]] = []
        self._deployment = deployment
        self._due = 0
        self._buried: set[int] = set()

    def cut(self, times: int = 1) -> None:
        """What is not committed by now may come out so many times more; asked again later where no broker answers."""
        self._due += times
        raw, ends = self._deployment.raw, {}
        with suppress(KafkaException, KeyError):  # no broker answers, or the topic is gone
            committed = self._deployment.committed_now()
            with suppress(KafkaException):
                ends = self._deployment.ends_now([raw])
            missing = {
                partition: range(committed.get(partition, 0), ends.get((raw, partition), sys.maxsize))
                for partition in range(PARTITIONS)
            }
            self.made += [missing] * self._due
            self._due = 0

    def bury(self) -> None:
        """A cut for each worker that has died since the last time; one that ended with 0 had nothing in hand."""
        dead = {each.process.pid for each in self._deployment.workers if each.process.poll() not in {None, 0}}
        new = dead - self._buried
        self._buried |= new
        if new or self._due:
            self.cut(len(new))
