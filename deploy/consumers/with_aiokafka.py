"""Prints every headline of all streams once, as a member of a consumer group, with aiokafka.

    python deploy/consumers/with_aiokafka.py [127.0.0.1:9092 [GROUP]]

Start it twice: the two share the partitions. Kill one, start it again: it goes on where the group is.
"""

import asyncio
import contextlib
import signal
import sys

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError
from worker.reader import Reader, RoutedHeadline


async def main(bootstrap_servers: str = "127.0.0.1:9092", group: str = "desk-aiokafka") -> None:
    """Read until Ctrl-C, which lets what is under way come to its end."""
    reader = Reader()
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap_servers,
        group_id=group,
        enable_auto_commit=False,  # the reader knows what is done; the consumer reads back now and then
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    assignments = Assignments(consumer, reader)
    consumer.subscribe(pattern=r"^news\.", listener=assignments)
    await consumer.start()
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, ended.set)
    try:
        while not ended.is_set():
            fetched = await consumer.getmany(timeout_ms=1000)
            if assignments.failure is not None:
                raise assignments.failure
            # Nothing awaits in here: a rebalance, which commits, can not come between reading and printing.
            for record in (record for records in fetched.values() for record in records):
                event = reader.read(record)
                if isinstance(event, RoutedHeadline):
                    print(event.id, event.topic, event.verdict, event.headline, flush=True)
            if fetched:
                await commit(consumer, reader)
    finally:
        await consumer.stop()


class Assignments(ConsumerRebalanceListener):
    """Tells the reader which partitions this member has, and from where on they are new to the group."""

    def __init__(self, consumer: AIOKafkaConsumer, reader: Reader) -> None:
        self._consumer = consumer
        self._reader = reader
        self.failure: Exception | None = None
        """Why partitions could not be begun; for `main`, since aiokafka only logs what a listener raises."""

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Read back a little, to know what came before."""
        try:
            await self._begin(assigned)
        except Exception as error:  # noqa: BLE001 - whatever it is, main raises it
            self.failure = error

    async def _begin(self, assigned: set[TopicPartition]) -> None:
        self._consumer.pause(*assigned)  # else it fetches from where it thinks best while we ask
        oldest = await self._consumer.beginning_offsets(assigned)
        ends = await self._consumer.end_offsets(assigned)
        for each in assigned:
            committed = await self._consumer.committed(each)
            start = self._reader.begin(*each, committed, oldest=oldest[each], end=ends[each])
            self._consumer.seek(each, start)
        self._consumer.resume(*assigned)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Let whoever gets a partition go on where this member ends."""
        await commit(self._consumer, self._reader)
        for each in revoked:
            self._reader.forget(each.topic, each.partition)


async def commit(consumer: AIOKafkaConsumer, reader: Reader) -> None:
    """What has been printed is done."""
    offsets = {TopicPartition(*place): offset for place, offset in reader.offsets().items()}
    if offsets:
        # Where it comes too late, others have the partitions, and do the last ones again.
        with contextlib.suppress(CommitFailedError):
            await consumer.commit(offsets)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
