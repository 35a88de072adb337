r"""Record batches whose headers have names that are not UTF-8.

Kafka checks no header's name, and librdkafka sends any bytes; aiokafka gives up on the whole partition at the first
name that does not decode. No headline is lost for that: such bytes are shown escaped (`caf\xe9`), all else is read
as ever. Being pure Python it is slow, and used for such batches only.

Record batches are laid out as in https://kafka.apache.org/documentation/#recordbatch.
"""

from __future__ import annotations

import asyncio
import struct
from itertools import islice
from typing import TYPE_CHECKING, Any

from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import KafkaError, OffsetOutOfRangeError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

from worker.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aiokafka import TopicPartition

log = get_logger(__name__)

_LENGTH = struct.Struct(">i")
_LENGTH_AT = 8
_OVERHEAD = 12
_MAGIC_AT = 16
_FIRST_WITH_HEADERS = 2
_RETRY_S = 0.5
_PREFERRED_REPLICA = 11
"""The version of a fetch response from which a broker may name another replica to read from."""


async def getmany(
    consumer: Any, positions: Mapping[TopicPartition, int], *, timeout_ms: int
) -> dict[TopicPartition, list[Any]]:
    """`AIOKafkaConsumer.getmany`, of headers with any names.

    Args:
        consumer: the consumer.
        positions: where each of its partitions is to be read on, as far as its reader has come.
        timeout_ms: as there.

    Raises:
        OffsetOutOfRangeError: a partition does not hold its position.
    """
    try:
        fetched: dict[TopicPartition, list[Any]] = await consumer.getmany(timeout_ms=timeout_ms)
    except UnicodeDecodeError:
        # What it had fetched may be torn; all of it is fetched again.
        return await fetch(consumer, positions)
    return fetched


async def fetch(consumer: Any, positions: Mapping[TopicPartition, int]) -> dict[TopicPartition, list[Any]]:
    """Fetch once from these positions with any header names, and let the consumer go on behind what came.

    Nothing comes where Kafka does not answer: the next fetch begins where this one did.

    Raises:
        OffsetOutOfRangeError: a partition does not hold its position.
    """
    log.warning("a record has a header whose name is not UTF-8; reading on with the name escaped")
    for partition, position in positions.items():
        consumer.seek(partition, position)
    fetched = {}
    try:
        for partition, position in positions.items():
            records, following = await _fetch(consumer, partition, position)
            consumer.seek(partition, following)
            if records:
                fetched[partition] = records
    except OffsetOutOfRangeError:
        raise
    except KafkaError as error:
        log.warning("the fetch failed", error=repr(error))
        await asyncio.sleep(_RETRY_S)
    return fetched


async def _fetch(consumer: Any, partition: TopicPartition, position: int) -> tuple[list[Any], int]:
    client, fetcher = consumer._client, consumer._fetcher
    wanted = [(partition.topic, [(partition.partition, position, fetcher._max_partition_fetch_bytes)])]
    request = FetchRequest(0, 0, fetcher._fetch_max_bytes, fetcher._isolation_level, wanted)
    response = await client.send(client.cluster.leader_for_partition(partition), request)
    [(_, [(_, code, _, *rest)])] = response.topics
    if code:
        raise for_code(code)(str(partition))
    # Behind the last stable offset stand, depending on the version: the log's start, aborted transactions,
    # a replica to prefer, and last the records.
    aborted = rest[-3] if response.API_VERSION >= _PREFERRED_REPLICA else rest[-2]
    records = PartitionRecords(
        partition, LenientRecords(rest[-1]), aborted, position, None, None, True, fetcher._isolation_level
    )
    most = consumer._max_poll_records
    return list(records if most is None else islice(records, most)), records.next_fetch_offset


class LenientRecords:
    """What a fetch brought of one partition, by the interface of aiokafka's `MemoryRecords`."""

    def __init__(self, fetched: bytes) -> None:
        self._batches = list(_record_batches(fetched))
        self._batches.reverse()

    def has_next(self) -> bool:
        """Whether a whole record batch is left."""
        return bool(self._batches)

    def next_batch(self) -> Any:
        """Take the next record batch."""
        batch = self._batches.pop()
        if batch[_MAGIC_AT] >= _FIRST_WITH_HEADERS:
            return _LenientBatch(batch)
        return MemoryRecords(batch).next_batch()


def _record_batches(fetched: bytes) -> Iterator[bytes]:
    """The record batches that are whole; Kafka cuts off the last one where the fetch is full."""
    start = 0
    while start + _MAGIC_AT < len(fetched):
        (length,) = _LENGTH.unpack_from(fetched, start + _LENGTH_AT)
        end = start + _OVERHEAD + length
        if end > len(fetched):
            return
        yield fetched[start:end]
        start = end


class _LenientBatch(_DefaultRecordBatchPy):
    """A record batch in aiokafka's pure Python, which decompresses and checks it; only its records are read here."""

    _pos: int

    def _read_msg(self) -> Any:
        _, at = decode_varint(self._buffer, self._pos)
        _, at = decode_varint(self._buffer, at)  # attributes: none are defined
        delta_ms, at = decode_varint(self._buffer, at)
        delta, at = decode_varint(self._buffer, at)
        key, at = self._bytes(at)
        value, at = self._bytes(at)
        count, at = decode_varint(self._buffer, at)
        headers = []
        for _ in range(count):
            name, at = self._bytes(at)
            content, at = self._bytes(at)
            headers.append(((name or b"").decode(errors="backslashreplace"), content))
        self._pos = at
        by_broker = self.timestamp_type == self.LOG_APPEND_TIME
        timestamp = self.max_timestamp if by_broker else self.first_timestamp + delta_ms
        return _DefaultRecordPy(self.base_offset + delta, timestamp, self.timestamp_type, key, value, headers)

    def _bytes(self, at: int) -> tuple[bytes | None, int]:
        length, at = decode_varint(self._buffer, at)
        if length < 0:
            return None, at
        return bytes(self._buffer[at : at + length]), at + length
