"""The profile `cluster`: three brokers, and topics that live on when one of them is gone."""

from pathlib import Path

import pytest

from .project import FILE, Project, compose_commands, docker, until

BROKERS = ("kafka", "kafka-2", "kafka-3")
LOST = 3


@pytest.fixture
def cluster(project, image):
    options = ("--env-file", str(Path(FILE.parent, "deploy/docker/cluster.env")))
    made = Project((*compose_commands()[0], *options), f"{project.name}-cluster", NEWSWIRE_IMAGE=project.name)
    yield made
    made.down()


def test_every_topic_has_three_copies_and_the_seeds_come_through_without_one_of_the_brokers(cluster):
    cluster.compose("up", "--detach", *BROKERS, "topics", "worker")
    cluster.newswire("topics", "check")

    (lost,) = cluster.containers(BROKERS[LOST - 1])
    docker("kill", "--signal", "KILL", lost["Id"])
    # For as long as the lost broker's session runs, clients are told to ask it: 9 s by default.
    until(lambda: LOST not in leaders(cluster), "the other brokers lead its partitions")
    cluster.compose("up", "--detach", "--no-deps", "replay")
    cluster.wait_until_done()
    assert len(cluster.events()) == 60
    assert len(cluster.events("duplicates")) == 2


def leaders(cluster):
    """The numbers of the brokers that lead a partition of the raw topic, as a program of this machine is told."""
    topic = cluster.admin().list_topics("headlines.raw", timeout=30).topics["headlines.raw"]
    return {partition.leader for partition in topic.partitions.values()}
