"""Prints every headline of all streams once, as a member of a consumer group, with confluent-kafka.

    python deploy/consumers/with_confluent.py [127.0.0.1:9092 [GROUP]]

Start it twice: the two share the partitions. Kill one, start it again: it goes on where the group is.
"""

import contextlib
import signal
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition
from worker.reader import Reader, RoutedHeadline

COMMIT_EVERY_S = 1


def main(bootstrap_servers: str = "127.0.0.1:9092", group: str = "desk-confluent") -> None:
    """Read until Ctrl-C, which lets what is under way come to its end."""
    reader = Reader()
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": group,
            "enable.auto.commit": False,  # the reader knows what is done; the consumer reads back now and then
            "auto.offset.reset": "earliest",
        }
    )

    def assigned(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for each in (found := consumer.committed(partitions, timeout=30)):
            oldest, end = consumer.get_watermark_offsets(each, timeout=30)
            each.offset = reader.begin(each.topic, each.partition, each.offset, oldest=oldest, end=end)
        consumer.assign(found)

    def revoked(consumer: Consumer, partitions: list[TopicPartition]) -> None:
        # Where it comes too late, others have the partitions, and do the last ones again.
        with contextlib.suppress(KafkaException):
            commit(consumer, reader, wait=True)
        lost(consumer, partitions)

    def lost(_: Consumer, partitions: list[TopicPartition]) -> None:
        for each in partitions:
            reader.forget(each.topic, each.partition)

    consumer.subscribe([r"^news\..*"], on_assign=assigned, on_revoke=revoked, on_lost=lost)
    ended = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    due = 0.0
    while not ended.is_set():
        message = consumer.poll(COMMIT_EVERY_S)
        if message is not None:
            if message.error():
                raise KafkaException(message.error())
            event = reader.read(message)
            if isinstance(event, RoutedHeadline):
                print(event.id, event.topic, event.verdict, event.headline, flush=True)
        if time.monotonic() > due:
            commit(consumer, reader, wait=False)
            due = time.monotonic() + COMMIT_EVERY_S
    # Gives the partitions back, which commits. Not after an error: what failed is not done.
    consumer.close()


def commit(consumer: Consumer, reader: Reader, *, wait: bool) -> None:
    """What has been printed is done."""
    offsets = [TopicPartition(*place, offset) for place, offset in reader.offsets().items()]
    if offsets:
        consumer.commit(offsets=offsets, asynchronous=not wait)


if __name__ == "__main__":
    main(*sys.argv[1:])
