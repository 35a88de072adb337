"""A record batch joined from bytes is the one that a client's own builder makes."""

from __future__ import annotations

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from tests.benchmarks.record_batch import header, record_batch, varint

NOW_MS = 1_768_000_000_000
HEADERS = [("ce_specversion", b"1.0"), ("ce_id", b"0" * 32), ("empty", b""), ("long", b"x" * 300)]


@pytest.mark.parametrize("count", [1, 2, 64, 65, 500])
def test_it_is_byte_for_byte_what_aiokafka_builds(count: int):
    records = [(b"k%d" % number, b"v" * (number * 7), HEADERS[: number % 5]) for number in range(count)]
    theirs = DefaultRecordBatchBuilder(2, 0, False, -1, -1, -1, 10_000_000)
    for offset, (key, value, headers) in enumerate(records):
        theirs.append(offset, NOW_MS, key, value, headers)
    ours = record_batch(
        [
            (key, value, len(headers), b"".join(header(name, text) for name, text in headers))
            for key, value, headers in records
        ],
        NOW_MS,
    )
    assert ours == bytes(theirs.build())


def test_its_checksum_holds_and_what_was_put_in_comes_out():
    batch = MemoryRecords(record_batch([(b"key", b"value", 1, header("name", b"text"))], NOW_MS)).next_batch()
    assert batch.validate_crc()
    (record,) = batch
    assert (record.key, record.value, record.headers) == (b"key", b"value", [("name", b"text")])
    assert record.timestamp == NOW_MS


@pytest.mark.parametrize(
    ("number", "encoded"),
    [(0, b"\0"), (-1, b"\1"), (1, b"\2"), (63, b"\x7e"), (64, b"\x80\1"), (300, b"\xd8\4")],
)
def test_varints_are_zigzag(number: int, encoded: bytes):
    assert varint(number) == encoded
