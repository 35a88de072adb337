"""A Kafka in memory that takes record batches of so many records."""

from collections import defaultdict

from worker.errors import DeliveryError
from worker.outbox import Outgoing


class Batch(list):
    def __init__(self, capacity):
        super().__init__()
        self._capacity = capacity

    def append(self, *, timestamp, key, value, headers):
        if len(self) == self._capacity:
            return None
        super().append(Outgoing(key, value, headers))
        return self


class Carrier:
    """`refuses` are partitions that take so many batches, `after`, and none from there on."""

    def __init__(self, capacity=100, silent=False, refuses=(), after=0, topic=None):
        self.log = defaultdict(list)
        self.refuses = set(refuses)
        self._capacity = capacity
        self._silent = silent
        self._after = after
        self._topic = topic
        self._batches = defaultdict(int)

    def open_batch(self):
        return Batch(self._capacity)

    async def deliver(self, topic, partition, batch, again):
        assert list(again()) == list(batch), "a batch of the same records can be made again"
        self._batches[topic, partition] += 1
        if (
            self._topic in {None, topic}
            and partition in self.refuses
            and self._batches[topic, partition] > self._after
        ):
            raise DeliveryError(f"{topic}-{partition}: Kafka refuses a record batch")
        log = self.log[topic, partition]
        log += batch
        return -1 if self._silent else len(log) - len(batch)
