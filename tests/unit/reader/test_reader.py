"""Each event once: repeats within the window, restarts at any place, and what is to be committed."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.reader import OffsetBeyondEndError, Reader, UnreadableRecordError

from .streams import duplicate_parts, of_aiokafka, of_confluent, routed_parts

BROKEN = (b"{", [])


def record(offset, number, **place):
    return of_aiokafka(routed_parts(number), offset=offset, **place)


def read(reader, records):
    """The offsets of the records that are new to it."""
    return [each.offset for each in records if reader.read(each) is not None]


@pytest.mark.parametrize("of_client", [of_aiokafka, of_confluent])
def test_a_repeat_is_dropped_whichever_client_brings_it(of_client):
    reader = Reader()

    assert reader.read(of_client(routed_parts(1), offset=0)).id == f"{1:032x}"
    assert reader.read(of_client(routed_parts(1), offset=1)) is None


def test_a_feed_that_sends_the_same_bytes_again_makes_other_duplicates():
    reader = Reader()
    offsets = [7, 8, 7, 8, 9]
    parts = [duplicate_parts(1, offset=offset) for offset in offsets]

    assert read(reader, [of_aiokafka(part, offset=at) for at, part in enumerate(parts)]) == [0, 1, 4]


def test_partitions_are_remembered_apart():
    reader = Reader()
    places = [("news.sport", 0), ("news.sport", 1), ("news.crime", 0)]

    for topic, partition in places:
        assert reader.read(record(3, 1, topic=topic, partition=partition)) is not None
    assert reader.offsets() == dict.fromkeys(places, 4)


@given(
    ids=st.lists(st.integers(0, 12), max_size=60),
    gaps=st.lists(st.integers(1, 9), min_size=60, max_size=60),
    window=st.integers(1, 12),
)
def test_no_copy_within_the_window_comes_through_and_nothing_new_is_dropped(ids, gaps, window):
    offsets = [sum(gaps[:index]) for index in range(len(ids))]
    records = [record(offset, number) for offset, number in zip(offsets, ids, strict=True)]
    new = read(Reader(window=window), records)

    for index, (offset, number) in enumerate(zip(offsets, ids, strict=True)):
        before = [o for o, n in zip(offsets[:index], ids, strict=False) if n == number]
        if not before:
            assert offset in new
        elif offset - before[-1] <= window:
            assert offset not in new


@given(
    ids=st.lists(st.integers(0, 12), min_size=1, max_size=60),
    window=st.integers(1, 12),
    cut=st.integers(0, 60),
)
def test_a_restart_anywhere_drops_what_a_reader_that_never_ended_had_to_drop(ids, window, cut):
    records = [record(offset, number) for offset, number in enumerate(ids)]
    cut = min(cut, len(records))
    before, after = Reader(window=window), Reader(window=window)
    new = read(before, records[:cut])
    committed = before.offsets().get(("news.weather", 0))
    new += read(after, records[after.begin("news.weather", 0, committed) :])

    last = {}
    for offset, number in enumerate(ids):
        if number not in last:
            assert offset in new
        elif offset - last[number] <= window:
            assert offset not in new
        last[number] = offset
    assert after.offsets() == {("news.weather", 0): len(ids)}


@pytest.mark.parametrize(
    ("committed", "start"), [(None, 0), (-1001, 0), (0, 0), (99, 0), (100, 0), (101, 1), (5_000, 4_900)]
)
def test_it_reads_a_window_back_from_the_committed_offset(committed, start):
    assert Reader(window=100).begin("news.sport", 0, committed) == start


@pytest.mark.parametrize(
    ("committed", "oldest", "start"), [(150, 100, 100), (150, 20, 50), (150, 180, 180), (None, 100, 100)]
)
def test_it_begins_with_nothing_older_than_what_kafka_keeps(committed, oldest, start):
    reader = Reader(window=100)

    assert reader.begin("news.weather", 0, committed, oldest=oldest) == start
    new = read(reader, [record(offset, offset) for offset in range(start, 300)])
    assert new == list(range(max(committed or 0, start), 300))


def test_a_partition_that_ends_before_the_committed_offset_is_another_one():
    reader = Reader()

    with pytest.raises(
        OffsetBeyondEndError, match=r"news\.sport\[3\] ends at offset 999, and 1000 is committed.*delete the"
    ):
        reader.begin("news.sport", 3, 1_000, end=999)
    assert reader.offsets() == {}
    assert reader.begin("news.sport", 3, 1_000, end=1_000) == 0
    assert reader.begin("news.sport", 3, None, end=0) == 0


def test_while_it_reads_back_nothing_older_than_the_committed_offset_is_to_be_committed():
    reader = Reader(window=10)
    reader.begin("news.weather", 0, 5)

    assert read(reader, [record(0, 1), record(1, 2)]) == []
    assert reader.offsets() == {("news.weather", 0): 5}
    assert read(reader, [record(4, 3), record(5, 3), record(6, 4)]) == [6]
    assert reader.offsets() == {("news.weather", 0): 7}


def test_what_could_not_be_read_at_its_time_does_not_hold_up_the_reading_back():
    reader = Reader(window=10)
    reader.begin("news.weather", 0, 1)

    assert reader.read(of_aiokafka(BROKEN, offset=0)) is None
    with pytest.raises(UnreadableRecordError):
        reader.read(of_aiokafka(BROKEN, offset=1))
    assert reader.offsets() == {("news.weather", 0): 1}
    assert read(reader, [record(2, 1)]) == [2]


def test_what_is_delivered_again_after_a_rebalance_is_dropped_and_begin_asks_for_it_anew():
    reader = Reader(window=10)
    records = [record(offset, offset) for offset in range(8)]
    assert read(reader, records) == list(range(8))
    assert read(reader, records[4:]) == []

    start = reader.begin("news.weather", 0, 4)
    assert read(reader, records[start:]) == [4, 5, 6, 7]


def test_a_partition_that_was_taken_away_is_forgotten():
    reader = Reader()
    reader.read(record(0, 1))
    reader.forget("news.weather", 0)
    reader.forget("news.weather", 1)

    assert reader.offsets() == {}
    assert read(reader, [record(0, 1)]) == [0]


@pytest.mark.parametrize("order", [range(3_000), [*range(2_000, 3_000), *range(2_000), *range(1_000)]])
def test_no_more_than_two_windows_of_ids_are_kept(order):
    reader = Reader(window=100)
    for offset in order:
        reader.read(record(offset, offset))
        known = reader._partitions["news.weather", 0]
        assert len(known._new) + len(known._old) <= 200


@pytest.mark.parametrize("window", [2_000, 3_500])
def test_an_id_takes_no_more_memory_than_is_said(window):
    reader = Reader(window=window)
    tracemalloc.start()
    try:
        for offset in range(2 * window):
            reader.read(record(offset, random.getrandbits(128)))
        assert 80 <= tracemalloc.get_traced_memory()[0] / (2 * window) <= 160
    finally:
        tracemalloc.stop()


def test_a_window_of_nothing_is_refused():
    with pytest.raises(ValueError, match="a window of 0 records"):
        Reader(window=0)
