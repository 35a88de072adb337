"""Record batches are, byte for byte, what aiokafka's own builder makes of the same records."""

import struct

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st
from worker.kafka.records import Packing, RecordBatch, encoded, fitting, size

CODECS = {None: 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
NOW_MS = 1_700_000_000_123
CREATED = struct.Struct(">qq")
CREATED_AT = 27
EMPTY = 61

bytes_or_none = st.none() | st.binary(max_size=300)
headers = st.lists(st.tuples(st.text(max_size=40), bytes_or_none), max_size=9)
records = st.lists(st.tuples(bytes_or_none, bytes_or_none, headers), min_size=1, max_size=70)


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    monkeypatch.setattr("worker.kafka.records.time.time", lambda: NOW_MS / 1000)


def ours(given_records, compression=None, state=(4711, 3, 99)):
    batch = RecordBatch([encoded(*record) for record in given_records], compression)
    batch._set_producer_state(*state)
    return bytes(batch._build())


def theirs(given_records, compression=None, state=(4711, 3, 99)):
    batch = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=CODECS[compression],
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=1 << 30,
    )
    for place, (key, value, of_record) in enumerate(given_records):
        batch.append(place, NOW_MS, key=key, value=value, headers=of_record)
    batch.set_producer_state(*state)
    return bytes(batch.build())


def read(built):
    batch = MemoryRecords(built).next_batch()
    assert batch.validate_crc()
    return [(record.offset, record.timestamp, record.key, record.value, record.headers) for record in batch]


@given(records)
def test_a_record_batch_is_that_of_aiokafka(some):
    assert ours(some) == theirs(some)


@pytest.mark.parametrize("count", [1, 63, 64, 65, 8192, 8193])
def test_places_of_any_width_are_written(count):
    some = [(b"k", b"v", [])] * count

    assert ours(some) == theirs(some)


@pytest.mark.parametrize("length", [0, 63, 64, 8000, 8191, 8192, 2_000_000])
def test_lengths_of_any_width_are_written(length):
    some = [(b"k" * length, b"v" * length, [("h" * length, b"w" * length), ("none", None)])]

    assert ours(some) == theirs(some)


@pytest.mark.parametrize("compression", [None, "gzip", "snappy", "lz4", "zstd"])
@pytest.mark.parametrize("value", [b"many times the same " * 40, b"\x07"])
def test_compressed_it_is_what_consumers_read_and_left_as_it_is_where_that_is_smaller(compression, value):
    some = [(b"k", value, [("name", b"content")])]

    built = ours(some, compression)

    assert read(built) == read(theirs(some, compression)) == [(0, NOW_MS, *some[0])]
    assert len(built) == min(len(theirs(some, compression)), len(theirs(some)))


def test_it_is_built_once_and_a_resend_has_the_same_bytes():
    batch = RecordBatch([encoded(b"k", b"v")])
    batch._set_producer_state(1, 2, 3)
    built = bytes(batch._build())

    batch._set_producer_state(7, 8, 9)

    assert batch._build() == built


def test_the_interface_is_that_which_the_producer_uses():
    batch = RecordBatch([encoded(b"k", b"v")] * 5)
    batch.close()

    assert batch.record_count() == 5
    assert batch.closed()
    assert {"record_count", "closed", "close", "_set_producer_state", "_build"} <= set(dir(BatchBuilder))


@given(records, st.integers(0, 3000))
def test_what_fits_stays_within_the_room_and_what_is_left_over_would_not_surely_have(some, room):
    encoded_records = [encoded(*record) for record in some]
    packing = Packing(EMPTY + room)

    count = fitting(encoded_records, packing.room)

    assert len(ours(some[:count])) <= packing.max_bytes or not count
    assert count == len(some) or size(encoded_records[: count + 1]) > room
