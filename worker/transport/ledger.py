"""Which offsets may be committed: the done prefix of the batches that were delivered, partition by partition.

A batch is done when every output of it is confirmed, and batches get done in any order. Committing "the last batch
that is done" would commit over the ones before it that are still in flight; a crash then loses them. So the ledger
keeps the batches of each partition in the order of delivery and lets only the done prefix be committed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)


@dataclass(slots=True, eq=False)
class Delivery(Generic[P]):
    """One delivered batch: the offsets `first` (inclusive) to `end` (exclusive) of a partition."""

    partition: P
    first: int
    end: int
    generation: int
    done: bool = False


@dataclass(slots=True)
class _Account(Generic[P]):
    position: int
    """The next offset to deliver."""
    prefix: int
    """Everything below it is done."""
    committed: int | None
    """What Kafka has confirmed as committed."""
    deliveries: deque[Delivery[P]] = field(default_factory=deque)


class Ledger(Generic[P]):
    """Deliveries of the assigned partitions, and what of them may be committed.

    A *generation* is one assignment; `assign` begins a new one and forgets all deliveries of the last. What gets done
    afterwards but was delivered in an earlier generation is ignored: another worker may own it by now, or this one
    is handed it again.
    """

    def __init__(self) -> None:
        self.generation = 0
        self._accounts: dict[P, _Account[P]] = {}

    def assign(self, positions: Mapping[P, int]) -> None:
        """Begin a new generation: these partitions, each committed and to be read from its position on."""
        self.generation += 1
        self._accounts = {p: _Account(offset, offset, offset) for p, offset in positions.items()}

    def revoke(self) -> None:
        """Forget all partitions and everything in flight."""
        self.assign({})

    def deliver(self, partition: P, first: int, end: int) -> Delivery[P]:
        """Enter a batch of the offsets `first` to `end` (exclusive).

        A gap between the position and `first` holds no record that anybody could still read (the caller has made
        sure); it is committed with the batch.
        """
        account = self._accounts[partition]
        delivery = Delivery(partition, first, end, self.generation)
        account.deliveries.append(delivery)
        account.position = end
        return delivery

    def finish(self, delivery: Delivery[P]) -> bool:
        """Mark a batch done; False if it belongs to an earlier generation and does not count any more."""
        if delivery.generation != self.generation:
            return False
        delivery.done = True
        deliveries = self._accounts[delivery.partition].deliveries
        while deliveries and deliveries[0].done:
            self._accounts[delivery.partition].prefix = deliveries.popleft().end
        return True

    def restart(self, partition: P, position: int) -> None:
        """Read a partition from another position on, because its log was made anew under the old offsets.

        What is in flight of it does not count any more, and the commit goes back with the position.
        """
        self._accounts[partition] = _Account(position, position, None)

    def position(self, partition: P) -> int | None:
        """The next offset to deliver, or None for a partition that is not assigned."""
        account = self._accounts.get(partition)
        return None if account is None else account.position

    def positions(self) -> dict[P, int]:
        """By assigned partition the next offset to deliver."""
        return {p: account.position for p, account in self._accounts.items()}

    def committable(self) -> dict[P, int]:
        """By partition the offset to commit, which is the next one to read; only where Kafka does not have it yet."""
        return {p: a.prefix for p, a in self._accounts.items() if a.prefix != a.committed}

    def committed(self, offsets: Mapping[P, int]) -> None:
        """Note what Kafka has confirmed as committed."""
        for partition, offset in offsets.items():
            if partition in self._accounts:
                self._accounts[partition].committed = offset

    @property
    def in_flight(self) -> int:
        """How many delivered batches are not done yet."""
        return sum(not d.done for a in self._accounts.values() for d in a.deliveries)
