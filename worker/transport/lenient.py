r"""Record batches whose headers have names that are not UTF-8.

Kafka checks no header's name, and librdkafka sends any bytes; aiokafka gives up on the whole partition at the first
name that does not decode. No headline is lost for that: such bytes are shown escaped (`caf\xe9`), all else is read
as ever. Being pure Python it is slow, and used for such batches only.

Record batches are laid out as in https://kafka.apache.org/documentation/#recordbatch.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = struct.Struct(">i")
_LENGTH_AT = 8
_OVERHEAD = 12
_MAGIC_AT = 16
_FIRST_WITH_HEADERS = 2


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
