"""FastStream: a batch subscriber that commits once its handler has returned, and `broker.publish`.

As FastStream's documentation shows it: "Batch Subscriber", "Consuming Acknowledgements" for at least once, and
publishing without waiting for each confirmation; the handler waits for all of them together.
"""

from __future__ import annotations

import asyncio

from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from tests.benchmarks.peers import job
from worker.route.envelope import Origin

broker = KafkaBroker(job.BROKER, enable_idempotence=True, acks="all", logger=None)
app = FastStream(broker, logger=None)
seen: dict[str, str] = {}


async def records_of(message: KafkaMessage) -> object:
    """A decoder: the handler reads the values itself."""
    return message.raw_message


@broker.subscriber(
    job.RAW,
    group_id=job.GROUP,
    batch=True,
    auto_offset_reset="earliest",
    ack_policy=AckPolicy.NACK_ON_ERROR,
    decoder=records_of,
)
async def handle(records) -> None:
    outputs = job.outputs(
        [
            job.Record(
                record.key,
                record.value,
                Origin(record.topic, record.partition, record.offset, record.timestamp),
            )
            for record in records
        ],
        seen,
    )
    under_way = [
        await broker.publish(
            output.value,
            output.topic,
            key=output.key,
            headers={name: value.decode() for name, value in output.headers},
            no_confirm=True,
        )
        for output in outputs
    ]
    await asyncio.gather(*under_way)


if __name__ == "__main__":
    asyncio.run(app.run())
