"""Keys meet the partitions that Kafka's own clients would give them."""

from __future__ import annotations

from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st
from worker.replay.partition import partitions_of


@given(st.lists(st.binary(max_size=40), max_size=50), st.integers(min_value=1, max_value=50))
def test_every_key_has_the_partition_of_kafka_s_default_partitioner(keys, count):
    assert partitions_of(keys, count) == [(murmur2(key) & 0x7FFFFFFF) % count for key in keys]
