"""A confluent-kafka loop: consume a batch, the stages over it, produce; flush and commit once a second.

As confluent-kafka's documentation shows it: "Synchronous commits" of the consumer, delivery reports of the producer.
"""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaException, Message, Producer
from tests.benchmarks.peers import job
from worker.route.envelope import Origin

AT_ONCE = 1_000
COMMIT_S = 1.0


def main() -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": job.BROKER,
            "group.id": job.GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    producer = Producer({"bootstrap.servers": job.BROKER, "enable.idempotence": True, "acks": "all"})
    consumer.subscribe([job.RAW])
    seen: dict[str, str] = {}
    committed = time.monotonic()
    waits = False
    while True:
        messages = consumer.consume(AT_ONCE, timeout=0.1)
        for output in job.outputs(map(_record, messages), seen):
            _produce(producer, output)
        producer.poll(0)
        waits = waits or bool(messages)
        if waits and time.monotonic() - committed >= COMMIT_S:
            producer.flush()
            consumer.commit(asynchronous=False)
            committed, waits = time.monotonic(), False


def _record(message: Message) -> job.Record:
    if message.error():
        raise KafkaException(message.error())
    origin = Origin(message.topic(), message.partition(), message.offset(), message.timestamp()[1])
    return job.Record(message.key(), message.value(), origin)


def _produce(producer: Producer, output: job.Output) -> None:
    while True:
        try:
            producer.produce(
                output.topic, output.value, output.key, headers=output.headers, on_delivery=_delivered
            )
        except BufferError:  # the queue is full: let some of it be delivered
            producer.poll(0.1)
        else:
            return


def _delivered(error: object, _message: Message) -> None:
    if error is not None:
        raise KafkaException(error)


if __name__ == "__main__":
    main()
