"""Topics that vanish under a running worker."""

from types import SimpleNamespace

import pytest
from aiokafka.errors import NodeNotReadyError
from worker.errors import TopicDriftError
from worker.kafka import presence as module
from worker.kafka.presence import Presence


class Kafka:
    """Answers with those of its topics that were asked for; any that is not there is unknown (error 3)."""

    def __init__(self):
        self.topics = {"raw", "log"}
        self.answers = True

    cluster = SimpleNamespace(brokers=lambda: [SimpleNamespace(nodeId=1)])

    async def send(self, _node, request):
        if not self.answers:
            raise NodeNotReadyError
        asked = ["raw", "log"]
        return SimpleNamespace(topics=[(0 if name in self.topics else 3, name, False, []) for name in asked])


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def kafka():
    return Kafka()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def presence(kafka, clock):
    return Presence(kafka, ["raw", "log"], clock)


async def test_topics_that_are_there_are_no_matter(presence, clock):
    for _ in range(3):
        await presence.check()
        clock.now += 60


async def test_a_topic_that_stays_away_ends_the_worker_and_is_named(presence, kafka, clock):
    kafka.topics = {"raw"}
    await presence.check()
    clock.now += 9
    await presence.check()
    clock.now += 2
    with pytest.raises(TopicDriftError, match=r"no topic log for 11 s: make it again .*topics apply"):
        await presence.check()


async def test_a_topic_that_is_made_anew_in_time_is_taken_for_the_old_one(presence, kafka, clock):
    for _ in range(3):
        kafka.topics = {"raw"}
        await presence.check()
        clock.now += 8
        kafka.topics = {"raw", "log"}
        await presence.check()
        clock.now += 8


async def test_without_an_answer_nothing_is_known_to_be_gone(presence, kafka, clock, monkeypatch):
    monkeypatch.setattr(module, "_ANSWER_S", 0.01)
    kafka.topics, kafka.answers = set(), False
    await presence.check()
    clock.now += 60
    await presence.check()
