"""Two workers share the work, agree on verdicts, and hand over without a loss."""

import itertools
import threading
from collections import Counter

import pytest
from tests.wait import until

from .deployment import said_once_or_the_same


@pytest.fixture
def feed_on(deployment, newsroom):
    """Feeds headlines from a thread until told to stop; every fifth is a copy of one far behind it."""
    stopped = threading.Event()
    positions = []

    def feed():
        for first in itertools.count(0, 500):
            chunk = [
                newsroom.copy(number - 400) if number % 5 == 4 and number > 400 else newsroom.event(number)
                for number in range(first, first + 500)
            ]
            positions.extend(deployment.feed(chunk))
            if stopped.wait(0.2):
                return

    thread = threading.Thread(target=feed)
    thread.start()

    def stop():
        stopped.set()
        thread.join()
        return positions

    yield stop
    stop()


def partitions_of(worker):
    return {int(name[1]) for name in worker.metrics() if name[0] == "newswire_consumer_lag_records"}


def test_a_second_worker_comes_and_goes_under_load_and_nothing_is_lost(deployment, feed_on):
    first = deployment.start()
    second = deployment.start()
    until(lambda: len(partitions_of(first)) == len(partitions_of(second)) == 3, "each has its half")
    assert partitions_of(first) | partitions_of(second) == set(range(6))
    until(lambda: min(map(done, (first, second))) > 1000, "both get on with it")
    second.stop()
    until(lambda: len(partitions_of(first)) == 6, "the first has everything again")
    before = done(first)
    until(lambda: done(first) > before + 1000, "the first gets on with it")
    positions = feed_on()
    deployment.wait_until_accounted(len(positions))
    deployment.wait_until_committed()
    by_position = said_once_or_the_same(deployment.read())
    assert by_position.keys() == set(positions)
    assert first.metrics()["newswire_rebalances_total"] >= 2


def done(worker):
    return sum(worker.outcomes().values())


def test_of_a_pair_that_two_workers_see_at_once_one_comes_out(deploy, newsroom):
    deployment = deploy(NEWSWIRE_TOPICS__RAW_PARTITIONS="2").apply_topics()
    workers = [deployment.start(), deployment.start()]
    until(lambda: sorted(map(len, map(partitions_of, workers))) == [1, 1], "each has one partition")
    pairs = 400
    values = [value for n in range(pairs) for value in (newsroom.event(n), newsroom.copy(n))]
    deployment.feed(values, partition=lambda index: index % 2)
    outputs = deployment.wait_until_accounted(2 * pairs)
    deployment.wait_until_committed()

    assert len(outputs) == 2 * pairs, "nothing has happened that could cause copies"
    assert Counter(output.outcome for output in outputs) == {"routed": pairs, "duplicate": pairs}
    assert all(set(worker.outcomes()) <= {"routed", "duplicate"} for worker in workers)
    assert [done(worker) for worker in workers] == [pairs, pairs]
    came_out = {o.event["event_id"]: o.event for o in outputs if o.outcome == "routed"}
    for output in outputs:
        if output.outcome == "duplicate":
            kind, number = output.event["event_id"].split("-")
            twin = came_out[f"{'n' if kind == 'c' else 'c'}-{number}"]
            assert output.event["duplicate_of"] == twin["id"]


def test_a_worker_without_a_partition_is_ready_too(deploy, newsroom):
    deployment = deploy(NEWSWIRE_TOPICS__RAW_PARTITIONS="1").apply_topics()
    workers = [deployment.start(), deployment.start()]
    until(lambda: sorted(map(len, map(partitions_of, workers))) == [0, 1], "one has the partition")
    until(lambda: [worker.get("/readyz")[0] for worker in workers] == [200, 200], "both are ready")
    # It is there for when the other ends.
    owner, idle = sorted(workers, key=lambda worker: not partitions_of(worker))
    owner.stop()
    deployment.feed([newsroom.event(number) for number in range(10)])
    deployment.wait_until_accounted(10)
    assert done(idle) == 10
