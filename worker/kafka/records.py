"""Record batches, built in bytes.

A record's key, value and headers are joined where it is made, while they are at hand; its record batch only adds its
length and its place. That costs half of what aiokafka's builder takes for the same bytes, and one object a record is
kept until Kafka has confirmed it, not eight.

Layout: https://kafka.apache.org/documentation/#recordbatch (magic 2).
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.record.util import calc_crc32c

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HEAD: Final = struct.Struct(">qiibI")
"""Base offset, length of what follows it, leader epoch, magic, checksum of what follows that."""
_STATE: Final = struct.Struct(">hiqqqhii")
"""Attributes, last offset, first and last timestamp, the producer's id, epoch and sequence, number of records."""
_BEFORE_LENGTH: Final = 12
_NO_LEADER: Final = -1
_MAGIC: Final = 2
_NONE: Final = b"\x01"
"""The length -1: no bytes at all."""

_CODECS: Final[dict[str | None, tuple[int, Callable[[bytes], bytes] | None]]] = {
    None: (0, None),
    "gzip": (1, gzip_encode),
    "snappy": (2, snappy_encode),
    "lz4": (3, lz4_encode),
    "zstd": (4, zstd_encode),
}


def _varint(number: int) -> bytes:
    """A number from 0 on as Kafka's varint: zigzag, 7 bits a byte, the lowest first."""
    number <<= 1
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


_FEW: Final = 1 << 13
_VARINTS: Final = [_varint(number) for number in range(_FEW)]
"""Those of the lengths that records have and of the places in a record batch; up to two bytes each."""
_PLACES: Final = [b"\0\0" + place for place in _VARINTS]
"""No attributes, the record batch's own timestamp, and the place in it."""
_MOST_AROUND: Final = 12
"""Most that a record batch adds to a record: its length (5), attributes, timestamp, and its place (5)."""


def varint(number: int) -> bytes:
    """A length or count as a record holds it; from 0 on."""
    return _VARINTS[number] if number < _FEW else _varint(number)


def sized(content: bytes | None) -> bytes:
    """Bytes, or none, behind their length: a key, a value, and each half of a header."""
    return _NONE if content is None else varint(len(content)) + content


def header(name: str, content: bytes | None) -> bytes:
    """A header as a record holds it."""
    return sized(name.encode()) + sized(content)


def encoded(
    key: bytes | None, value: bytes | None, headers: Sequence[tuple[str, bytes | None]] = ()
) -> bytes:
    """A record as a record batch holds it, from the key on."""
    parts = [sized(key), sized(value), varint(len(headers))]
    parts += [header(name, content) for name, content in headers]
    return b"".join(parts)


class Packing(NamedTuple):
    """How records are put into record batches."""

    max_bytes: int = 768 * 1024
    """Most bytes of one, before compression; a record that alone is larger has one to itself."""
    compression: str | None = None

    @property
    def room(self) -> int:
        """Bytes of it for records."""
        return self.max_bytes - _HEAD.size - _STATE.size


def fitting(records: Sequence[bytes], room: int) -> int:
    """How many of the first records fit into so many bytes."""
    for count, record in enumerate(records):
        room -= len(record) + _MOST_AROUND
        if room < 0:
            return count
    return len(records)


def size(records: Sequence[bytes]) -> int:
    """Most bytes that these records take in a record batch."""
    return sum(map(len, records)) + _MOST_AROUND * len(records)


class RecordBatch:
    """A whole record batch, for `AIOKafkaProducer.send_batch`: by the interface of aiokafka's `BatchBuilder`.

    Args:
        records: what `encoded` gave, one or more.
        compression: by aiokafka's names; not used where it would make the records no smaller.
    """

    def __init__(self, records: Sequence[bytes], compression: str | None = None) -> None:
        self._count = len(records)
        self._codec, self._compress = _CODECS[compression]
        self._timestamp_ms = int(time.time() * 1000)
        self._records = _placed(records)
        self._producer = -1, -1, 0
        self._built: bytes | None = None

    def record_count(self) -> int:
        """How many records it holds."""
        return self._count

    def closed(self) -> bool:
        """Whether it takes no further record, which is so from the beginning."""
        return True

    def close(self) -> None:
        """Nothing: it is closed."""

    def _set_producer_state(self, producer_id: int, epoch: int, sequence: int) -> None:
        self._producer = producer_id, epoch, sequence

    def _build(self) -> bytes:
        # A resend of the producer sends the very bytes of the first try.
        if self._built is None:
            self._built = self._bytes()
            self._records = b""
        return self._built

    def _bytes(self) -> bytes:
        records, attributes = self._records, 0
        if self._compress is not None:
            compressed = self._compress(records)
            if len(compressed) < len(records):
                records, attributes = compressed, self._codec
        stamp = self._timestamp_ms
        state = _STATE.pack(attributes, self._count - 1, stamp, stamp, *self._producer, self._count)
        content = state + records
        length = _HEAD.size + len(content) - _BEFORE_LENGTH
        return _HEAD.pack(0, length, _NO_LEADER, _MAGIC, calc_crc32c(content)) + content


def _placed(records: Sequence[bytes]) -> bytes:
    """Records one behind the other, each with its length and its place before it."""
    count = len(records)
    places = _PLACES if count <= _FEW else [b"\0\0" + varint(place) for place in range(count)]
    lengths = [len(record) + len(place) for record, place in zip(records, places, strict=False)]
    pieces: list[bytes] = [b""] * (3 * count)
    pieces[0::3] = [_VARINTS[length] if length < _FEW else _varint(length) for length in lengths]
    pieces[1::3] = places[:count]
    pieces[2::3] = records
    return b"".join(pieces)
