"""Records with headers whose names are not UTF-8, which no Python client will make, and librdkafka will."""

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy


class NotUtf8(str):
    """A header's name of bytes that are no text; what it looks like decoded is the string itself."""

    __slots__ = ()

    def encode(self, *_):
        return super().encode("latin-1")


async def produced_with_odd_names(address, topic, records, partition):
    """Produce records as a client does that checks no header's name, in one record batch; their positions."""
    async with AIOKafkaProducer(bootstrap_servers=address) as producer:
        batch = BatchBuilder(1 << 20, 0)
        batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 1 << 20)
        for record in records:
            headers = [(NotUtf8(name), value) for name, value in record.headers]
            assert batch.append(timestamp=None, key=record.key, value=record.value, headers=headers)
        metadata = await (await producer.send_batch(batch, topic, partition=partition))
    return [(partition, metadata.offset + index) for index in range(len(records))]
