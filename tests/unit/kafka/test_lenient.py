"""The lenient reader gives what aiokafka's own gives, and reads on where that one gives up."""

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given
from hypothesis import strategies as st
from worker.kafka.lenient import LenientRecords

PLACEHOLDER = "\u00e9\u00e9"
NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)


def record_batch(records, *, base_offset=0, compression=NONE):
    """A record batch as Kafka stores it: (timestamp, key, value, headers) each."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=compression,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1 << 20,
    )
    for index, (timestamp, key, value, headers) in enumerate(records):
        builder.append(index, timestamp=timestamp, key=key, value=value, headers=headers)
    batch = builder.build()
    batch[:8] = base_offset.to_bytes(8, "big")
    return bytes(batch)


def read(source):
    """All records as tuples, batch by batch."""
    batches = []
    while source.has_next():
        batch = source.next_batch()
        assert batch.validate_crc()
        batches.append(
            [(r.offset, r.timestamp, r.timestamp_type, r.key, r.value, list(r.headers)) for r in batch]
        )
        batches[-1].append(batch.next_offset)
    return batches


RECORDS = st.lists(
    st.tuples(
        st.integers(0, 2**41),
        st.none() | st.binary(max_size=40),
        st.none() | st.binary(max_size=400),
        st.lists(st.tuples(st.text(max_size=9), st.none() | st.binary(max_size=40)), max_size=4),
    ),
    min_size=1,
    max_size=8,
)


@given(st.lists(RECORDS, max_size=3), st.sampled_from([NONE, GZIP, SNAPPY, LZ4, ZSTD]), st.integers(0, 60))
def test_it_reads_what_the_compiled_reader_reads(batches, compression, cut):
    fetched = b"".join(
        record_batch(records, base_offset=100 * index, compression=compression)
        for index, records in enumerate(batches)
    )
    fetched = fetched[: len(fetched) - cut]

    assert read(LenientRecords(fetched)) == read(MemoryRecords(fetched))


def test_the_broker_s_append_time_wins_over_the_producer_s():
    fetched = bytearray(record_batch([(5, None, b"a", []), (9, None, b"b", [])]))
    fetched[22] |= 8  # the attributes' bit for LogAppendTime; the CRC is not looked at here

    batch = LenientRecords(bytes(fetched)).next_batch()

    assert [record.timestamp for record in batch] == [9, 9]


def test_a_name_that_is_not_utf_8_is_escaped_and_all_else_is_as_it_was():
    records = [(1, b"k", b"first", [(PLACEHOLDER, b"1"), ("plain", None)]), (2, None, b"second", [])]
    fetched = record_batch(records).replace(PLACEHOLDER.encode(), b"caf\xe9")

    with pytest.raises(UnicodeDecodeError):
        list(MemoryRecords(fetched).next_batch())

    assert [(r.key, r.value, r.headers) for r in LenientRecords(fetched).next_batch()] == [
        (b"k", b"first", [(r"caf\xe9", b"1"), ("plain", None)]),
        (None, b"second", []),
    ]
