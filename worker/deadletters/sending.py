"""Records to Kafka, each with the offset that it got: what a redrive sends, and the states."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from worker.replay.partition import partitions_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.outbox import Outgoing


class Carrier(Protocol):
    """What carries record batches; `worker.outbox.Outbox` fits."""

    def open_batch(self) -> Any:  # noqa: ANN401 - aiokafka's builder has no type
        """Open an empty record batch."""

    async def deliver(self, topic: str, partition: int, batch: Any, again: Callable[[], Any]) -> int:  # noqa: ANN401
        """Send a record batch; the offset of its first record once Kafka has confirmed it, or -1."""


class Addressed(NamedTuple):
    """A record to send; `spare` is the partition for one that has no key."""

    record: Outgoing
    spare: int = 0


class Confirmed(NamedTuple):
    """Where a record stands; the offset is None where Kafka had it already and did not say."""

    partition: int
    offset: int | None


class Sent(NamedTuple):
    """What became of records that were sent: where each stands, None for one that is not confirmed, and why not."""

    places: list[Confirmed | None]
    failure: Exception | None


async def send(carrier: Carrier, topic: str, partitions: int, records: Sequence[Addressed]) -> Sent:
    """Send records to the partitions of their keys, in their order, and wait until each is confirmed or refused."""
    places: list[Confirmed | None] = [None] * len(records)
    lanes: defaultdict[int, list[int]] = defaultdict(list)
    for index, partition in enumerate(_partitions(records, partitions)):
        lanes[partition].append(index)

    async def carry(partition: int, indices: list[int]) -> None:
        while indices:
            taken = _fill(carrier.open_batch(), [records[index].record for index in indices])
            batch_of = partial(_batch_of, carrier, [records[index].record for index in indices[:taken]])
            first = await carrier.deliver(topic, partition, batch_of(), batch_of)
            for place, index in enumerate(indices[:taken]):
                places[index] = Confirmed(partition, None if first < 0 else first + place)
            indices = indices[taken:]

    ended = await asyncio.gather(*(carry(*lane) for lane in lanes.items()), return_exceptions=True)
    failures = [failure for failure in ended if isinstance(failure, Exception)]
    return Sent(places, failures[0] if failures else None)


def _partitions(records: Sequence[Addressed], count: int) -> list[int]:
    keyed = iter(
        partitions_of([each.record.key for each in records if each.record.key is not None], count)
        if any(each.record.key is not None for each in records)
        else ()
    )
    return [each.spare % count if each.record.key is None else next(keyed) for each in records]


def _fill(batch: Any, records: Sequence[Outgoing]) -> int:  # noqa: ANN401
    """How many of the records fit into a record batch; it takes any first one."""
    for count, record in enumerate(records):
        if batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers) is None:
            return count
    return len(records)


def _batch_of(carrier: Carrier, records: Sequence[Outgoing]) -> Any:  # noqa: ANN401
    batch = carrier.open_batch()
    _fill(batch, records)
    return batch
