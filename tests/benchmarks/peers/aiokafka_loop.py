"""An aiokafka loop: getmany, the stages over what came, send, wait for every delivery, commit.

As aiokafka's documentation shows it: "Manual commit" of the consumer, and `send`; with BENCH_SEND=batches its "Batch
producer" instead, which builds the record batch of each partition itself.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from tests.benchmarks.peers import job
from worker.route.envelope import Origin

AT_ONCE = 5_000
IN_BATCHES = os.environ.get("BENCH_SEND") == "batches"


async def main() -> None:
    consumer = AIOKafkaConsumer(
        job.RAW,
        bootstrap_servers=job.BROKER,
        group_id=job.GROUP,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    producer = AIOKafkaProducer(bootstrap_servers=job.BROKER, enable_idempotence=True, acks="all")
    seen: dict[str, str] = {}
    async with consumer, producer:
        send = _send_batches if IN_BATCHES else _send_each
        while True:
            fetched = await consumer.getmany(timeout_ms=1000, max_records=AT_ONCE)
            records = [
                job.Record(
                    record.key,
                    record.value,
                    Origin(record.topic, record.partition, record.offset, record.timestamp),
                )
                for records in fetched.values()
                for record in records
            ]
            if records:
                await asyncio.gather(*await send(producer, job.outputs(records, seen)))
                await consumer.commit()


async def _send_each(producer: AIOKafkaProducer, outputs: list[job.Output]) -> list[asyncio.Future]:
    return [
        await producer.send(output.topic, output.value, output.key, headers=output.headers)
        for output in outputs
    ]


async def _send_batches(producer: AIOKafkaProducer, outputs: list[job.Output]) -> list[asyncio.Future]:
    lanes: defaultdict[str, list[job.Output]] = defaultdict(list)
    for output in outputs:
        lanes[output.topic].append(output)
    under_way = []
    for topic, of_topic in lanes.items():
        partitions = len(await producer.partitions_for(topic))
        parts: list[list[job.Output]] = [[] for _ in range(partitions)]
        for output in of_topic:
            # The key of a routed headline or a duplicate is its id, a hash in hex already.
            parts[int(output.key[:8], 16) % partitions if partitions > 1 else 0].append(output)
        for partition, part in enumerate(parts):
            batch = producer.create_batch()
            for output in part:
                record = {"key": output.key, "value": output.value, "headers": output.headers}
                if batch.append(timestamp=None, **record) is None:  # full
                    under_way.append(await producer.send_batch(batch, topic, partition=partition))
                    batch = producer.create_batch()
                    batch.append(timestamp=None, **record)
            if batch.record_count():
                under_way.append(await producer.send_batch(batch, topic, partition=partition))
    return under_way


if __name__ == "__main__":
    asyncio.run(main())
