"""The watch ends a worker that stands still or cannot reach Kafka, and no other."""

from itertools import pairwise

import pytest
from structlog.testing import capture_logs
from worker.errors import BrokerUnavailableError, StalledError
from worker.watch import Pulse, Watch


class World:
    """A worker whose state a test sets, under a clock that a test moves."""

    def __init__(self):
        self.now = 1000.0
        self.answers = True
        self.waiting = 0
        self.progress = 0
        self.crash = None
        self.ended = []
        self.watch = Watch(
            probe=self._probe,
            pulse=lambda: Pulse(self.waiting, self.progress),
            crash=lambda: self.crash,
            outage_patience_s=60,
            watchdog_s=30,
            fail=self.ended.append,
            clock=lambda: self.now,
        )

    async def _probe(self):
        return self.answers

    async def seconds(self, count, *, moving=False):
        for _ in range(count):
            self.now += 1
            self.progress += moving
            await self.watch.look()


@pytest.fixture
def world():
    return World()


async def test_an_idle_worker_is_left_alone(world):
    await world.seconds(500)

    assert not world.ended


async def test_a_worker_that_catches_up_is_left_alone(world):
    world.waiting = 1_000_000
    await world.seconds(500, moving=True)

    assert not world.ended


async def test_lag_without_progress_ends_the_worker(world):
    world.waiting = 7
    await world.seconds(32)

    assert isinstance(world.ended[0], StalledError)
    assert "7 records" in str(world.ended[0])


async def test_progress_starts_the_count_again(world):
    world.waiting = 7
    await world.seconds(25)
    await world.seconds(1, moving=True)
    await world.seconds(25)

    assert not world.ended


async def test_a_short_outage_is_sat_out(world):
    world.waiting = 7
    world.answers = False
    await world.seconds(50)
    assert not world.watch.broker_answers

    world.answers = True
    await world.seconds(10)

    assert world.watch.broker_answers
    assert not world.ended


async def test_an_outage_longer_than_the_patience_ends_the_worker(world):
    world.answers = False
    await world.seconds(70)

    assert isinstance(world.ended[0], BrokerUnavailableError)


async def test_a_patience_shorter_than_the_time_between_two_questions_is_no_outage(world):
    world.watch._outage_patience_s = 1
    await world.seconds(50)

    assert not world.ended


async def test_an_outage_is_told_again_every_15_seconds_with_what_is_left_of_the_patience(world):
    with capture_logs() as lines:
        world.answers = False
        await world.seconds(50)
        world.answers = True
        await world.seconds(50)

    assert [line.pop("event") for line in lines] == [
        "Kafka does not answer; waiting for it",
        "Kafka still does not answer; waiting for it",
        "Kafka still does not answer; waiting for it",
        "Kafka still does not answer; waiting for it",
        "Kafka answers again",
    ]
    reminders = [(line["silent_s"], line["still_up_to_s"]) for line in lines[1:-1]]
    assert [later[0] - one[0] for one, later in pairwise(reminders)] == [15, 15]
    assert all(silent + left == 60 for silent, left in reminders)


async def test_a_crash_of_the_framework_ends_the_worker_with_its_reason(world):
    world.crash = RuntimeError("fetcher died")
    await world.seconds(1)

    assert world.ended == [world.crash]
