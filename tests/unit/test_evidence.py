"""Evidence is gathered beside the event loop, within a budget, and never queues."""

import asyncio
import threading
import time

import pytest
from structlog.testing import capture_logs
from tests.unit.deduplicate.test_plan import batch, newer_writer, replica, writer
from tests.unit.test_metrics import samples
from worker.config import load
from worker.deduplicate.evidence import Scores
from worker.deep.budget import Budget
from worker.deep.questions import PairQuestion, Questions, TopicsQuestion
from worker.evidence import EvidenceDesk
from worker.metrics import Metrics
from worker.route.router import Router


class Curious:
    """Asks about a pair and the topics of each entry; each look takes so long by a clock of its own."""

    def __init__(self, look_s=0.0):
        self.look_s = look_s
        self.looks = 0
        self.now = 100.0

    def about(self, entries, languages):
        self.looks += 1
        self.now += self.look_s
        return Questions(
            [PairQuestion(entry.id, "1 9", entry.form.decode(), 0) for entry in entries],
            [TopicsQuestion(entry.id, entry.form.decode(), 0.1) for entry in entries],
        )


class Oracle:
    """Answers the first questions of each kind, then waits until it is let go."""

    def __init__(self, first=None, *, waits=False, error=None):
        self.first, self.error = first, error
        self.let_go = threading.Event()
        if not waits:
            self.let_go.set()
        self.given = []
        self.began = threading.Event()

    def answer(self, answers, seconds):
        self.given.append(seconds)
        for at in range(len(answers.pairs))[: self.first]:
            answers.pairs[at] = Scores(at, -at)
        for at in range(len(answers.topics))[: self.first]:
            answers.topics[at] = bytes([at] * 17)
        self.began.set()
        assert self.let_go.wait(30)
        if self.error is not None:
            raise self.error
        answers.seconds = 0.05


class World:
    def __init__(self, oracle=None, *, share=1.0, max_delay_s=30.0, curious=None, newer=True):
        self.oracle = oracle or Oracle()
        self.curious = curious or Curious()
        self.metrics = Metrics()
        self.budget = Budget(share, self.curious.now)
        here = replica()
        self.desk = EvidenceDesk(
            (newer_writer if newer else writer)(here),
            curiosity=self.curious,
            scorer=self.oracle,
            budget=self.budget,
            max_delay_s=max_delay_s,
            metrics=self.metrics,
            clock=lambda: self.curious.now,
        )

    async def gather(self, *offsets):
        return await self.desk.gather([batch(*offsets)])

    def counted(self):
        """Pairs and headlines that were counted, by result; what is 0 is left out."""
        return {
            (name.removeprefix("newswire_deep_").removesuffix("_total"), dict(labels)["result"]): int(value)
            for (name, labels), value in samples(self.metrics).items()
            if name.startswith("newswire_deep_") and dict(labels) and value
        }


@pytest.fixture
async def opened():
    made = []

    def open_world(*arguments, **named):
        made.append(World(*arguments, **named))
        return made[-1]

    yield open_world
    for world in made:
        world.oracle.let_go.set()
        world.desk.close()


def headline_id(offset):
    return offset.to_bytes(16, "big")


async def test_every_headline_gets_the_answers_to_its_questions(opened):
    world = opened()
    evidence = await world.gather(0, 1)
    assert set(evidence) == {headline_id(0), headline_id(1)}
    assert [scores for _, scores in evidence[headline_id(1)].pairs] == [Scores(1, -1)]
    assert evidence[headline_id(1)].topics == bytes([1] * 17)
    assert world.counted() == {("pairs", "scored"): 2, ("headlines", "scored"): 2}


async def test_what_is_left_out_is_counted(opened):
    world = opened(Oracle(first=2))
    evidence = await world.gather(*range(5))
    assert len(evidence) == 2
    assert world.counted() == {
        ("pairs", "scored"): 2,
        ("pairs", "left_out"): 3,
        ("headlines", "scored"): 2,
        ("headlines", "left_out"): 3,
    }


async def test_the_loop_goes_on_while_the_encoder_computes(opened):
    world = opened(Oracle(waits=True))
    gathering = asyncio.ensure_future(world.gather(0))
    await asyncio.to_thread(world.oracle.began.wait, 30)
    assert not gathering.done()
    world.oracle.let_go.set()
    assert len(await gathering) == 1


async def test_no_fetch_waits_longer_than_it_may_and_takes_what_is_there_by_then(opened):
    world = opened(Oracle(first=1, waits=True), max_delay_s=0.05)
    began = time.perf_counter()
    evidence = await world.gather(0, 1, 2)
    assert time.perf_counter() - began < 5
    assert set(evidence) == {headline_id(0)}
    assert world.counted()["pairs", "left_out"] == 2


async def test_while_the_encoder_is_busy_with_the_last_fetch_the_next_is_passed_over(opened):
    world = opened(Oracle(first=1, waits=True), max_delay_s=0.05)
    await world.gather(0)
    assert await world.gather(1, 2, 3) == {}
    assert world.curious.looks == 1
    assert world.counted()["headlines", "passed_over"] == 3
    world.oracle.let_go.set()
    for _ in range(200):
        if not world.desk._busy:
            break
        await asyncio.sleep(0.01)
    assert len(await world.gather(4)) == 1


async def test_a_budget_that_is_used_up_passes_over_what_comes_until_it_has_grown(opened):
    world = opened(share=0.5)
    world.budget.spend(2.0)
    assert await world.gather(0, 1) == {}
    assert world.oracle.given == []
    assert world.counted() == {("headlines", "passed_over"): 2}
    world.curious.now += 2.5
    assert len(await world.gather(2)) == 1


async def test_the_encoder_gets_no_more_time_than_the_budget_and_the_delay_leave(opened):
    for share, max_delay_s, given in ((0.01, 30.0, 0.015), (1.0, 0.3, 0.295)):
        world = opened(share=share, max_delay_s=max_delay_s, curious=Curious(look_s=0.005))
        await world.gather(0)
        assert world.oracle.given == [pytest.approx(given)]


async def test_what_it_takes_is_spent_looks_and_answers_alike(opened):
    world = opened(curious=Curious(look_s=0.04))
    before = world.budget._left
    await world.gather(0)
    assert before - world.budget._left == pytest.approx(0.04 + 0.05)
    assert samples(world.metrics)["newswire_deep_seconds_total", ()] == pytest.approx(0.04 + 0.05)


async def test_looks_that_take_too_long_end_and_the_rest_is_passed_over(opened):
    world = opened(curious=Curious(look_s=0.03), max_delay_s=0.1)
    evidence = await world.gather(*range(1000))
    assert world.curious.looks == 2
    assert len(evidence) == 200
    assert world.counted()["headlines", "passed_over"] == 800
    assert world.oracle.given == [pytest.approx(0.04)], "half of the time is kept for answers"


async def test_an_encoder_that_fails_costs_its_evidence_and_no_headline(opened):
    world = opened(Oracle(first=1, error=RuntimeError("out of memory")))
    with capture_logs() as logged:
        evidence = await world.gather(0, 1)
    assert set(evidence) == {headline_id(0)}
    assert [line["error"] for line in logged] == ["RuntimeError('out of memory')"]
    assert len(await world.gather(2)) == 1


async def test_nothing_new_asks_nothing(opened):
    world = opened()
    assert await world.gather() == {}
    assert world.oracle.given == []


async def test_where_the_log_takes_no_evidence_a_worker_is_told_what_to_do():
    for newer, told in ((True, 0), (False, 1)):
        here = replica()
        writing = (newer_writer if newer else writer)(here)
        with capture_logs() as logged:
            EvidenceDesk.opened(load({}), Oracle(), Router.load(), Metrics(), here, writing).close()
        assert len([line for line in logged if "dedup.write_version" in line["event"]]) == told


async def test_for_frames_that_take_no_evidence_none_is_gathered(opened):
    world = opened(newer=False)
    assert await world.gather(0) == {}
    assert world.curious.looks == 0
