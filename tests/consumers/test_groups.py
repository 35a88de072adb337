"""The examples that read as members of a consumer group print each headline once, also across restarts and rebalances.

Not across a kill: what they printed since they last committed is printed again.
"""

from collections import Counter
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from tests.wait import DEADLINE_S, until

GROUPS = pytest.mark.parametrize("name", ["with_confluent.py", "with_aiokafka.py"])


@pytest.fixture
def group(live):
    return live.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"], f"desk-{uuid4().hex[:8]}"


@pytest.fixture
def feed(live, newsroom):
    """Feeds so many headlines that nobody has seen, and gives their ids once they have come out."""
    fed = []

    def feed(count):
        run = uuid4().hex[:8]
        events = {f"{run}-{number}" for number in range(count)}
        number = 1_000_000 + int(run, 16)
        live.feed(
            [newsroom.event(number + index, id=event_id) for index, event_id in enumerate(sorted(events))]
        )

        def ids():
            found = {output.event["id"] for output in routed(live) if output.event["event_id"] in events}
            return found if len(found) == count else None

        fed.append(until(ids, f"{count} headlines come out"))
        return fed[-1]

    return feed


def routed(live):
    return [output for output in live.read() if output.outcome == "routed"]


def repeat(live, ids):
    """Publish records again, as a worker does that comes back after a crash: same place, same bytes."""
    producer = Producer({"bootstrap.servers": live.environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]})
    copies = {output.event["id"]: output for output in routed(live) if output.event["id"] in ids}
    for output in copies.values():
        producer.produce(
            output.stream, output.value, output.key, output.partition, headers=list(output.headers)
        )
    assert producer.flush(DEADLINE_S) == 0


@GROUPS
def test_repeats_and_restarts_print_nothing_twice(live, example, group, feed, wait_for_ids, name):
    before = {output.event["id"] for output in routed(live)}
    first = example(name, *group)
    wait_for_ids(before, first)
    repeat(live, sorted(before)[:20])
    wait_for_ids(feed(5), first)
    first.interrupt()

    # Copies of what the first one printed stand behind the offset that it committed.
    repeat(live, sorted(before)[20:40])
    second = example(name, *group)
    new = feed(5)
    wait_for_ids(new, second)

    assert set(second.ids) == new
    assert set(Counter([*first.ids, *second.ids]).values()) == {1}


@GROUPS
def test_two_members_share_the_partitions_and_print_nothing_twice(
    live, example, group, feed, wait_for_ids, name
):
    before = {output.event["id"] for output in routed(live)}
    one = example(name, *group)
    wait_for_ids(before, one)
    two = example(name, *group)
    while not two.ids:
        wait_for_ids(feed(20), one, two)
    wait_for_ids(feed(20), one, two)

    assert set(Counter([*one.ids, *two.ids]).values()) == {1}


@GROUPS
def test_an_offset_of_a_topic_that_was_made_anew_ends_it(live, example, group, name):
    address, group_id = group
    consumer = Consumer({"bootstrap.servers": address, "group.id": group_id})
    consumer.commit(offsets=[TopicPartition("news.sport", 0, 1_000_000)], asynchronous=False)
    consumer.close()
    started = example(name, *group)

    assert started.process.wait(DEADLINE_S) == 1
    assert "1000000 is committed: the topic was made anew" in started.complaint
