"""The deep tier on a live Kafka: one worker asks its model, and one that has none comes to the same by the log."""

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from tests.wait import until
from worker.deduplicate import Replica, Rule
from worker.deduplicate.frame import ID_BYTES, decode
from worker.deduplicate.match import MATCHER
from worker.route.evidence import Confidences

from .deployment import said_once_or_the_same

STORIES = 60
DEEP = {
    "NEWSWIRE_DEEP__MODE": "on",
    "NEWSWIRE_DEEP__MAX_SHARE": "4",
    "NEWSWIRE_DEEP__MAX_DELAY_MS": "10000",
    "NEWSWIRE_DEEP__TOPICS_BELOW": "0.9",
}
WITHOUT_A_MODEL = (
    "import sys; sys.modules['onnxruntime'] = sys.modules['worker.deep'] = None;"
    " from worker.cli import main; sys.exit(main())"
)
"""A newswire in which neither can be imported."""


@pytest.fixture
def headlines(newsroom):
    """Values of raw records: stories, and the same with a clause more, about which no cheap rule can be sure."""
    stories = [newsroom.event(number) for number in range(STORIES)]
    retold = []
    for number in range(STORIES):
        told = f"{newsroom.headline(number)} after long talks in an old hall"
        retold.append(newsroom.event(number, id=f"retold-{number}", headline=told))
    return stories + retold


@pytest.fixture
def read_again(deployment):
    """Lets the group, which has no members, read the raw topic from its beginning."""

    def read_again():
        group = deployment.environment["NEWSWIRE_KAFKA__GROUP"]
        beginnings = [TopicPartition(deployment.raw, partition, 0) for partition in deployment.raw_ends()]

        def done():
            asked = deployment.cluster.alter_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(group, beginnings)]
            )
            return all(future.exception() is None for future in asked.values())

        until(done, "the group's offsets are set back")

    return read_again


def by_a_replica(log, positions):
    """The verdicts of raw records by their positions, as a replica in this process reads them off the log."""
    rule = Rule(MATCHER.version, 21_600_000, 1_000_000)
    replica = Replica(rule, 1, start=0, end=len(log), matcher=MATCHER)
    ids = {}
    for offset, appended, value in log:
        replica.apply(offset, appended, value)
        frame = decode(value)
        for row, raw_offset in enumerate(frame.offsets):
            entry_id = frame.ids[ID_BYTES * row : ID_BYTES * (row + 1)].hex()
            ids[frame.header.partition, raw_offset] = frame.header.topic, entry_id
    return {
        position: replica.verdicts(ids[position][0], position[0], [position[1]], [ids[position][1]])[0]
        for position in positions
    }


def test_a_worker_without_the_model_publishes_the_very_same_as_the_one_that_asked_it(
    deployment, headlines, read_again
):
    asking = deployment.start(**DEEP)
    positions = deployment.feed(headlines)
    deployment.wait_until_accounted(len(positions))
    deployment.wait_until_committed()
    metrics = asking.metrics()
    asking.stop()
    first = {output.position: output for output in deployment.read()}

    scored = {name: metrics[f"newswire_deep_{name}_total", "scored"] for name in ("pairs", "headlines")}
    frames = [decode(value) for _, _, value in deployment.read_log()]
    pairs = sum(len(of_entry) for frame in frames for of_entry in frame.pairs.values())
    assert scored == {"pairs": pairs, "headlines": sum(len(frame.topics) for frame in frames)}
    assert min(scored.values()) > STORIES / 4
    assert 0 < metrics["newswire_deep_seconds_total"] < 60

    by_log = by_a_replica(deployment.read_log(), positions)
    deep = Confidences.load().version
    for position, output in first.items():
        verdict = by_log[position]
        assert (output.event["verdict"], output.event.get("reason", verdict.reason)) == (
            verdict.kind,
            verdict.reason,
        )
        if output.outcome == "routed":
            assert (output.event["model"] == deep) == (verdict.topics is not None)

    read_again()
    deployment.start(command=("-c", WITHOUT_A_MODEL), NEWSWIRE_DEEP__MODE="off")
    deployment.wait_until_count(2 * len(positions))
    assert said_once_or_the_same(deployment.read()) == first
    assert len(deployment.read_log()) == len(frames)
