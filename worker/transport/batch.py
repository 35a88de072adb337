"""A fetched partition batch. An event of the transport is a tuple of them, of different partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faust.types import TP

    from worker.transport.ledger import Delivery


class Record(Protocol):
    """What a batch's records offer; aiokafka's `ConsumerRecord` fits. `timestamp` is in milliseconds since 1970."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class Batch:
    """Records of one partition in the order of their offsets; done when all that comes of them is confirmed."""

    __slots__ = ("_finish", "delivery", "partition", "records", "topic")

    def __init__(
        self,
        tp: TP,
        records: Sequence[Record],
        delivery: Delivery[TP],
        finish: Callable[[Delivery[TP]], bool],
    ) -> None:
        self.topic: str = tp.topic
        self.partition: int = tp.partition
        self.records = records
        self.delivery = delivery
        self._finish = finish

    def __len__(self) -> int:
        return len(self.records)

    def done(self) -> bool:
        """Let the batch's offsets be committed; False if its assignment is over and somebody else answers for it."""
        return self._finish(self.delivery)
