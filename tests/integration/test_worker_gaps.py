"""Positions that nobody can read any more are counted; a topic made anew is read as what it is."""

import signal
import time
from collections import Counter

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from tests.wait import until


@pytest.fixture
def delete_before(deployment):
    """Lets the records of partition 0 of the raw topic age out, up to an offset."""

    def delete(offset):
        asked = deployment.cluster.delete_records([TopicPartition(deployment.raw, 0, offset)])
        for future in asked.values():
            assert future.result(30).low_watermark == offset

    return delete


def events(newsroom, count, first=0):
    return [newsroom.event(number) for number in range(first, first + count)]


def test_records_that_aged_out_while_no_worker_ran_are_counted_and_logged(
    deployment, newsroom, delete_before
):
    first = deployment.start()
    deployment.feed(events(newsroom, 30), partition=0)
    deployment.wait_until_accounted(30)
    first_counted = sum(first.outcomes().values())
    first.stop()
    deployment.feed(events(newsroom, 100, 30), partition=0)
    delete_before(80)
    second = deployment.start()
    outputs = deployment.wait_until_accounted(30 + 50)
    deployment.wait_until_committed()

    assert second.outcomes() == {"skipped": 50, "routed": 50}
    assert first_counted + sum(second.outcomes().values()) == sum(deployment.raw_ends().values()) == 130
    assert {output.position for output in outputs} == {(0, n) for n in [*range(30), *range(80, 130)]}
    (line,) = second.logged("records aged out before they were read")
    assert (line["partition"], line["first"], line["last"], line["skipped"]) == (0, 30, 79, 50)


def test_records_that_age_out_under_a_running_worker_are_counted_and_logged(
    deployment, newsroom, delete_before
):
    worker = deployment.start()
    deployment.feed(events(newsroom, 30), partition=0)
    deployment.wait_until_accounted(30)
    worker.process.send_signal(signal.SIGSTOP)
    # Answers the fetch that is under way, which waits 20 ms at most; the rest is not read before the worker goes on.
    deployment.feed(events(newsroom, 1, 30), partition=0)
    time.sleep(1)
    deployment.feed(events(newsroom, 99, 31), partition=0)
    delete_before(110)
    worker.process.send_signal(signal.SIGCONT)
    until(lambda: sum(worker.outcomes().values()) >= 130, "130 positions are accounted for")
    deployment.wait_until_committed()

    (line,) = worker.logged("records aged out before they were read")
    assert (line["last"], line["skipped"]) == (109, 110 - line["first"])
    assert worker.outcomes() == {"skipped": line["skipped"], "routed": 130 - line["skipped"]}
    assert len(deployment.read()) == 130 - line["skipped"]


@pytest.fixture
def make_anew(deployment):
    """Deletes the raw topic and makes it anew."""

    def make():
        for future in deployment.cluster.delete_topics([deployment.raw]).values():
            future.result(30)

        def known():
            return deployment.cluster.list_topics(timeout=30).topics

        until(lambda: deployment.raw not in known(), "the topic is gone")
        deployment.apply_topics()

    return make


def test_a_raw_topic_made_anew_is_read_from_its_beginning_in_a_new_epoch(deployment, newsroom, make_anew):
    first = deployment.start()
    deployment.feed(events(newsroom, 50), partition=0)
    deployment.wait_until_accounted(50)
    first.stop()
    make_anew()
    deployment.feed(events(newsroom, 80, 1000), partition=0)
    # Kafka forgets a group's commits with the topic, so the group looks new on an epoch that has begun.
    refused = deployment.start(working=False)
    assert refused.wait() == 6
    deployment.start(NEWSWIRE_DEDUP__EPOCH="2")
    deployment.wait_until_count(130)
    came_out = {output.event["event_id"] for output in deployment.read()}
    assert came_out == {f"n-{n}" for n in [*range(50), *range(1000, 1080)]}


def test_a_raw_topic_made_anew_under_a_running_worker_is_read_from_its_beginning(
    deployment, newsroom, make_anew
):
    deployment.start()
    deployment.feed(events(newsroom, 50), partition=0)
    deployment.wait_until_accounted(50)
    deployment.wait_until_committed()
    make_anew()
    deployment.feed(events(newsroom, 20, 1000), partition=0)
    deployment.wait_until_count(70)
    came_out = {output.event["event_id"] for output in deployment.read()}
    assert came_out == {f"n-{n}" for n in [*range(50), *range(1000, 1020)]}


@pytest.fixture
def reset(deployment):
    """Sets the group's committed offset of a partition, as kafka-consumer-groups.sh --reset-offsets does."""

    def to(partition, offset):
        group = deployment.environment["NEWSWIRE_KAFKA__GROUP"]
        wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(deployment.raw, partition, offset)])
        for future in deployment.cluster.alter_consumer_group_offsets([wanted]).values():
            future.result(30)

    return to


def test_records_that_an_offset_reset_passes_over_are_counted_once_and_logged(deployment, newsroom, reset):
    first = deployment.start()
    # Dead letters leave no trace in the log: what is done is not read off it.
    deployment.feed([*events(newsroom, 30), b"no JSON", b"nor this"], partition=0)
    deployment.feed(events(newsroom, 10, 2000), partition=3)
    deployment.wait_until_accounted(42)
    counted = Counter(first.outcomes())
    first.stop()
    deployment.feed(events(newsroom, 100, 30), partition=0)
    reset(0, 92)
    reset(3, 10)
    second = deployment.start()
    deployment.wait_until_accounted(42 + 40)
    deployment.wait_until_committed()
    counted += Counter(second.outcomes())

    (line,) = second.logged("the group's offsets were reset from outside")
    assert (line["partition"], line["first"], line["last"], line["skipped"]) == (0, 32, 91, 60)
    assert counted == {"routed": 80, "dead_letter": 2, "skipped": 60}
    assert sum(counted.values()) == sum(deployment.raw_ends().values())

    second.stop()
    third = deployment.start()
    deployment.feed(events(newsroom, 1, 3000), partition=0)
    deployment.wait_until_accounted(83)
    assert third.outcomes() == {"routed": 1}


def test_a_reset_to_the_end_is_counted_though_nothing_follows(deployment, newsroom, reset):
    first = deployment.start()
    deployment.feed(events(newsroom, 20), partition=0)
    deployment.wait_until_accounted(20)
    first.stop()
    deployment.feed(events(newsroom, 50, 20), partition=0)
    reset(0, 70)
    second = deployment.start()
    until(lambda: second.outcomes() == {"skipped": 50}, "the records are counted")
    second.stop()
    third = deployment.start()
    deployment.feed(events(newsroom, 5, 900), partition=0)
    deployment.wait_until_accounted(25)
    assert third.outcomes() == {"routed": 5}


def test_a_reset_backward_repeats_and_skips_nothing(deployment, newsroom, reset):
    first = deployment.start()
    deployment.feed(events(newsroom, 20), partition=0)
    deployment.wait_until_accounted(20)
    first.stop()
    before = {output.position: output.value for output in deployment.read()}
    reset(0, 5)
    second = deployment.start()
    until(lambda: second.outcomes() == {"routed": 15}, "the records come again")

    assert not second.logged("the group's offsets were reset from outside")
    assert {output.value for output in deployment.read()} == set(before.values())
