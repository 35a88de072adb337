"""The batch transport in Faust, on a live Kafka: assignment, seek, commit, rebalance, shutdown.

The agents here keep what they get, so that a test decides which batch is done, and when. What is committed is
asked of Kafka by another client.
"""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from worker.transport import BatchApp, BatchSchema

DEADLINE_S = 60


async def eventually(holds, what):
    """Wait until `holds()` is true."""
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S} s: {what}"
        await asyncio.sleep(0.02)


class Member:
    """A member of the group: a Faust app with one agent, which keeps every batch that it gets."""

    def __init__(self, topic, *, drain_s, in_flight):
        self.batches = []
        self.skipped = []
        self.app = BatchApp(
            f"{topic.name}.group",
            consumer_options={
                "bootstrap_servers": topic.address,
                "client_id": "test",
                "isolation_level": "read_committed",
                "fetch_max_wait_ms": 20,
                "metadata_max_age_ms": 5000,
            },
            session_timeout_s=6,
            heartbeat_interval_s=0.2,
            request_timeout_s=30,
            batch_records=10,
            in_flight=in_flight,
            drain_s=drain_s,
            on_skipped=lambda partition, count: self.skipped.append((partition, count)),
            on_rebalance=lambda: None,
        )

        @self.app.agent(self.app.topic(topic.name, schema=BatchSchema()), concurrency=1)
        async def keep(stream):
            async for batches in stream.noack():
                self.batches.extend(batches)

        self.app.finalize()

    def positions(self):
        return [(batch.partition, record.offset) for batch in self.batches for record in batch.records]

    async def receives(self, count):
        """Wait until so many records have come, and give the batches."""
        await eventually(lambda: len(self.positions()) >= count, f"{count} records come")
        return self.batches


class Topic:
    """A topic of the test's own, and another client's view of it and of its group."""

    def __init__(self, address, name, partitions):
        self.address = address
        self.name = name
        self.admin = AdminClient({"bootstrap.servers": address})
        self.admin.create_topics([NewTopic(name, partitions)])[name].result(DEADLINE_S)
        self._producer = Producer({"bootstrap.servers": address, "linger.ms": 1})

    def feed(self, count, partition=0):
        """Produce records; their positions."""
        return self._produce(self._producer, count, partition)

    def _produce(self, producer, count, partition):
        positions = []
        for number in range(count):
            producer.produce(
                self.name,
                b"%d" % number,
                partition=partition,
                on_delivery=lambda _, message: positions.append((message.partition(), message.offset())),
            )
        assert producer.flush(DEADLINE_S) == 0
        return positions

    def feed_in_a_transaction(self, count, *, commit):
        """Produce records in a transaction, whose end takes an offset of its own; their positions."""
        positions, producer = self.begin_a_transaction(count)
        (producer.commit_transaction if commit else producer.abort_transaction)(DEADLINE_S)
        return positions

    def begin_a_transaction(self, count):
        """Produce records in a transaction that stays open; their positions, and the producer that can end it."""
        producer = Producer({"bootstrap.servers": self.address, "transactional.id": self.name})
        producer.init_transactions(DEADLINE_S)
        producer.begin_transaction()
        return self._produce(producer, count, 0), producer

    def committed(self):
        """By partition, what the group has committed; asked on the group's coordinator."""
        asked = ConsumerGroupTopicPartitions(f"{self.name}.group")
        (answer,) = self.admin.list_consumer_group_offsets([asked]).values()
        return {tp.partition: tp.offset for tp in answer.result(DEADLINE_S).topic_partitions}

    def commit(self, offset):
        """Commit for the group, which has no member."""
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": f"{self.name}.group"})
        consumer.commit(offsets=[TopicPartition(self.name, 0, offset)], asynchronous=False)
        consumer.close()

    async def shows_commit(self, **partitions):
        wanted = {int(name.removeprefix("p")): offset for name, offset in partitions.items()}
        await eventually(lambda: self.committed() == wanted, f"the group commits {wanted}")


@pytest.fixture
def make_topic(broker, names):
    return lambda partitions=1: Topic(broker.bootstrap_servers, f"{names}raw", partitions)


@pytest.fixture
async def join():
    """Lets a member join the group of a topic, and leave at the end of the test."""
    async with AsyncExitStack() as stack:

        async def start(topic, drain_s=10.0, in_flight=1000):
            member = Member(topic, drain_s=drain_s, in_flight=in_flight)
            await member.app.start()
            stack.push_async_callback(leave, member)
            return member

        yield start


async def leave(member):
    member.app.abandon()
    await stop(member)


async def stop(member):
    async with asyncio.timeout(DEADLINE_S):
        await member.app.stop()


def owned(member):
    return set(member.app.batches.lag_by_partition())


async def test_what_was_fetched_of_a_partition_comes_as_one_event_in_order_and_within_the_bound(
    make_topic, join
):
    topic = make_topic(2)
    topic.feed(35, partition=0)
    topic.feed(15, partition=1)
    batches = await (await join(topic)).receives(50)

    for partition, count in ((0, 35), (1, 15)):
        mine = [batch for batch in batches if batch.partition == partition]
        assert [record.offset for batch in mine for record in batch.records] == list(range(count))
        assert max(map(len, mine)) == 10
    assert {batch.topic for batch in batches} == {topic.name}


async def test_nothing_more_is_fetched_until_there_is_room_and_nothing_is_left_out(make_topic, join):
    topic = make_topic()
    topic.feed(35)
    member = await join(topic, in_flight=2)
    batches = await member.receives(20)
    await asyncio.sleep(0.5)  # time in which a third fetch would have come
    assert len(member.positions()) == 20

    for number in range(4):
        await eventually(lambda number=number: len(batches) > number, "what is done makes room")
        assert batches[number].done()
    assert [offset for _, offset in member.positions()] == list(range(35))
    await topic.shows_commit(p0=35)


async def test_no_commit_passes_a_batch_in_flight(make_topic, join):
    topic = make_topic()
    topic.feed(60)
    member = await join(topic)
    first, held, *rest = await member.receives(60)
    for batch in [*reversed(rest), first]:
        assert batch.done()
    await topic.shows_commit(p0=held.records[0].offset)
    await member.app.batches.force_commit()
    assert topic.committed() == {0: held.records[0].offset}

    held.done()
    await topic.shows_commit(p0=60)


async def test_a_group_that_has_begun_has_a_commit_before_anything_is_done(make_topic, join):
    topic = make_topic()
    topic.feed(5)
    await (await join(topic)).receives(5)

    assert topic.committed() == {0: 0}


@pytest.mark.parametrize("before", [0, 1, 7])
async def test_a_first_batch_of_one_record_is_not_taken_for_one_already_seen(make_topic, join, before):
    topic = make_topic()
    topic.feed(before + 1)
    topic.commit(before)
    member = await join(topic)
    await member.receives(1)
    assert member.positions() == [(0, before)]

    topic.feed(1)
    await member.receives(2)
    assert member.positions() == [(0, before), (0, before + 1)]


async def test_what_is_done_while_partitions_are_taken_away_is_committed_and_not_given_again(
    make_topic, join
):
    topic = make_topic(2)
    for partition in (0, 1):
        topic.feed(10, partition)
    first = await join(topic)
    batches = await first.receives(20)
    joining = asyncio.create_task(join(topic))
    await eventually(
        lambda: not first.app.batches.flow_active, "the first is asked to give up its partitions"
    )
    for batch in batches:
        assert batch.done()
    second = await joining
    await eventually(lambda: len(owned(first)) == len(owned(second)) == 1, "each has one")

    assert topic.committed() == {0: 10, 1: 10}
    for partition in (0, 1):
        topic.feed(1, partition)
    await eventually(lambda: len(first.positions() + second.positions()) == 22, "one more of each comes")
    assert sorted(first.positions() + second.positions()) == [(p, n) for p in (0, 1) for n in range(11)]
    first.batches[-1].done()
    second.batches[-1].done()
    await topic.shows_commit(p0=11, p1=11)


async def test_what_is_not_done_in_time_is_given_to_the_next_and_does_not_count_any_more(make_topic, join):
    topic = make_topic(2)
    for partition in (0, 1):
        topic.feed(10, partition)
    first = await join(topic, drain_s=0.2)
    held = list(await first.receives(20))
    second = await join(topic)
    await eventually(lambda: len(owned(first)) == len(owned(second)) == 1, "each has one")

    def again():
        return first.positions()[20:] + second.positions()

    await eventually(lambda: len(again()) == 20, "everything comes again")

    assert sorted(again()) == [(p, n) for p in (0, 1) for n in range(10)]
    assert [batch.done() for batch in held] == [False] * len(held)
    await first.app.batches.force_commit()
    assert topic.committed() == {0: 0, 1: 0}
    for member in (first, second):
        assert all(batch.done() for batch in member.batches if batch not in held)
    await topic.shows_commit(p0=10, p1=10)


async def test_the_partitions_of_one_that_leaves_go_on_from_what_it_has_done(make_topic, join):
    topic = make_topic(2)
    first, second = await join(topic), await join(topic)
    await eventually(lambda: len(owned(first)) == len(owned(second)) == 1, "each has one")
    for partition in (0, 1):
        topic.feed(30, partition)
    await first.receives(30)
    await second.receives(30)
    (left,) = owned(second)
    second.batches[0].done()
    for batch in first.batches:
        batch.done()
    await leave(second)
    await eventually(lambda: len(owned(first)) == 2, "the first has both")
    rest = 30 - len(second.batches[0])
    await eventually(
        lambda: sum(partition == left for partition, _ in first.positions()) == rest, "the rest comes"
    )
    for batch in first.batches:
        batch.done()
    await topic.shows_commit(p0=30, p1=30)


async def test_a_shutdown_commits_what_is_done_without_waiting_for_the_next_commit(make_topic, join):
    topic = make_topic()
    topic.feed(25)
    member = await join(topic)
    for batch in await member.receives(25):
        batch.done()
    await stop(member)

    assert topic.committed() == {0: 25}


async def test_a_shutdown_waits_for_what_is_in_flight_within_its_bound(make_topic, join):
    topic = make_topic()
    topic.feed(25)
    member = await join(topic, drain_s=0.5)
    first, *_ = await member.receives(25)
    first.done()
    began = time.monotonic()
    await stop(member)

    assert 0.5 <= time.monotonic() - began < 20
    assert member.app.batches.abandoned == len(member.batches) - 1
    assert topic.committed() == {0: len(first)}


async def test_a_shutdown_ends_as_soon_as_the_last_batch_is_done(make_topic, join):
    topic = make_topic()
    topic.feed(25)
    member = await join(topic, drain_s=DEADLINE_S)
    batches = await member.receives(25)
    stopping = asyncio.create_task(stop(member))
    await eventually(lambda: member.app.should_stop, "the app is asked to stop")
    assert not stopping.done()
    for batch in batches:
        batch.done()
    await stopping

    assert member.app.batches.abandoned == 0
    assert topic.committed() == {0: 25}


async def test_records_of_aborted_transactions_are_passed_over_and_leave_no_lag(make_topic, join):
    topic = make_topic()
    topic.feed_in_a_transaction(5, commit=False)
    wanted = topic.feed_in_a_transaction(3, commit=True)
    topic.feed_in_a_transaction(4, commit=False)
    wanted += topic.feed(2)
    member = await join(topic)
    await member.receives(5)
    assert member.positions() == wanted
    for batch in member.batches:
        batch.done()
    await topic.shows_commit(p0=wanted[-1][1] + 1)
    await eventually(lambda: member.app.batches.lag_by_partition() == {0: 0}, "the lag goes away")
    assert member.skipped == []


async def test_a_commit_behind_the_last_stable_offset_is_read_on_from_and_not_taken_for_a_new_topic(
    make_topic, join
):
    """So it stands after a worker that read uncommitted records."""
    topic = make_topic()
    topic.feed(5)
    positions, producer = topic.begin_a_transaction(4)
    topic.commit(7)
    member = await join(topic)
    await eventually(lambda: member.app.batches.lag_by_partition() == {0: 0}, "all that is stable was read")
    producer.commit_transaction(DEADLINE_S)
    await member.receives(2)

    assert member.positions() == positions[2:] == [(0, 7), (0, 8)]


async def test_a_transaction_at_the_end_leaves_no_lag(make_topic, join):
    topic = make_topic()
    topic.feed_in_a_transaction(3, commit=True)
    member = await join(topic)
    await member.receives(3)

    await eventually(lambda: member.app.batches.lag_by_partition() == {0: 0}, "the lag goes away")


async def test_a_commit_behind_the_beginning_is_skipped_over_and_counted(make_topic, join):
    topic = make_topic()
    topic.feed(20)
    topic.commit(4)
    for future in topic.admin.delete_records([TopicPartition(topic.name, 0, 15)]).values():
        future.result(DEADLINE_S)
    member = await join(topic)
    await member.receives(5)

    assert member.positions() == [(0, n) for n in range(15, 20)]
    assert member.skipped == [(0, 11)]
    await topic.shows_commit(p0=15)


async def test_a_commit_beyond_the_end_is_a_topic_made_anew_and_read_from_its_beginning(make_topic, join):
    topic = make_topic()
    topic.feed(5)
    topic.commit(500)
    member = await join(topic)
    await member.receives(5)
    assert member.positions() == [(0, n) for n in range(5)]
    await topic.shows_commit(p0=0)
