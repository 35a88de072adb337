"""Keys and order, as schemas/README.md promises them to consumers."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import orjson
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.test_pipeline import PARTITIONS, World, bad, good
from worker.stages.stages import partition_of

HEADLINES = (
    "Striker scores twice in the cup final",
    "Flood closes the harbour road",
    "Court jails the banker",
    "Zxq",
)


def position(topic, sent):
    """Partition and offset of the raw record."""
    if topic == "dead":
        headers = dict(sent.headers)
        return int(headers["newswire.partition"]), int(headers["newswire.offset"])
    stands = orjson.loads(sent.value)["position"]
    return stands["partition"], stands["offset"]


FETCHES = st.lists(
    st.dictionaries(
        st.integers(0, 3), st.lists(st.sampled_from([*HEADLINES, None]), min_size=1, max_size=5), min_size=1
    ),
    min_size=1,
    max_size=5,
)
"""What each fetch brings of each raw partition: headlines, and None for what is broken."""


@given(FETCHES, st.sets(st.integers(0, 20)))
def test_what_stood_in_one_raw_partition_comes_in_its_order_within_one_output_partition(fetches, duplicates):
    world = World(duplicates)
    following = defaultdict(int)

    async def run():
        for fetch in fetches:
            batches = []
            for partition, headlines in fetch.items():
                records = []
                for headline in headlines:
                    offset = following[partition]
                    following[partition] += 1
                    records.append(bad(offset) if headline is None else good(offset, headline))
                batches.append(world.batch(*records, partition=partition))
            await world.runs_batches(*batches)

    asyncio.run(run())
    ways = defaultdict(list)
    for topic, out_partition, sent in world.outbox.sent:
        raw_partition, offset = position(topic, sent)
        ways[topic, out_partition, raw_partition].append(offset)
    assert all(offsets == sorted(set(offsets)) for offsets in ways.values())
    assert sum(map(len, ways.values())) == sum(following.values())


@given(FETCHES)
def test_a_key_is_the_id_and_the_id_says_the_partition(fetches):
    world = World(duplicates={1, 2})
    asyncio.run(
        world.runs_batches(
            *(
                world.batch(
                    *(good(offset, headline or "Rain") for offset, headline in enumerate(headlines)),
                    partition=at,
                )
                for at, headlines in fetches[0].items()
            )
        )
    )
    for topic, partition, sent in world.outbox.sent:
        event = orjson.loads(sent.value)
        assert sent.key.decode() == event["id"]
        assert partition == int(event["id"][:8], 16) % PARTITIONS[topic]


def test_an_update_may_stand_in_another_partition_than_what_it_updates():
    """So a consumer may meet it first."""
    ids = [
        orjson.loads(sent.value)["id"] for sent in sent_of(good(0, "Storm kills 3"), good(1, "Storm kills 4"))
    ]
    assert len({partition_of(each, 3) for each in ids}) == 2


def sent_of(*records):
    world = World()
    asyncio.run(world.runs(*records))
    return [sent for _, _, sent in world.outbox.sent]


def test_a_dead_letter_keeps_the_key_of_its_record():
    (letter,) = sent_of(bad(0))
    assert letter.key == b"key"
