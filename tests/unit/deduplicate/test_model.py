"""The log's promises under random histories: crashes, zombies, outages, cold starts, clocks that step.

A history is judged by `model.cluster.Cluster.check`: every record has an outcome, no group is suppressed
whole, every replica says what a naive reading of the whole log says, a record that returns within two windows
gets the verdict that it had. Two drivers run the same cluster: hypothesis, which shrinks what it finds, and
plain seeds, which are quick enough for many. NEWSWIRE_MODEL_HISTORIES sets how many seeds.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec import structs
from tests.unit.deduplicate.model.cluster import Cluster, Worker
from tests.unit.deduplicate.model.history import WINDOW_MS, history
from worker.deduplicate import rule as rules
from worker.deduplicate.index import Index
from worker.deduplicate.memory import Memory, Past
from worker.deduplicate.plan import Writer
from worker.deduplicate.replica import Replica
from worker.deduplicate.rule import Rule

HISTORIES = int(os.environ.get("NEWSWIRE_MODEL_HISTORIES", "1200"))
BATCH = 100
ENOUGH = 4000
"""A mutation has to be found in so many histories."""


@pytest.mark.parametrize("first", range(0, HISTORIES, BATCH))
def test_random_histories_keep_the_promises(first: int) -> None:
    broken = {seed: found for seed in range(first, min(first + BATCH, HISTORIES)) if (found := history(seed))}
    assert not broken


class Histories(RuleBasedStateMachine):
    """The same cluster, driven by hypothesis."""

    @initialize(
        max_entries=st.sampled_from((3, 8, 1000)),
        partitions=st.integers(1, 3),
        log_start=st.sampled_from((0, 7)),
    )
    def begin(self, max_entries: int, partitions: int, log_start: int) -> None:
        self.cluster = Cluster(WINDOW_MS, max_entries, partitions, log_start)
        self.cluster.start_worker()
        for partition in range(partitions):
            self.cluster.assign(partition, self.cluster.workers[0], told=True)

    @rule(
        partition=st.integers(0, 2),
        family=st.integers(0, 3),
        place=st.integers(0, 3),
        clock_ms=st.integers(-5 * WINDOW_MS, WINDOW_MS),
        guard=st.booleans(),
    )
    def produce(self, partition: int, family: int, place: int, clock_ms: int, guard: bool) -> None:
        self.cluster.produce(self.partition(partition), family, place, clock_ms=clock_ms, guard=guard)

    @rule(ms=st.one_of(st.integers(1, WINDOW_MS // 2), st.integers(1, 7 * WINDOW_MS)))
    def tick(self, ms: int) -> None:
        self.cluster.tick(ms)

    @rule(ahead=st.sampled_from((0, WINDOW_MS // 3, WINDOW_MS, 7 * WINDOW_MS)))
    def step_clock(self, ahead: int) -> None:
        self.cluster.step_clock(ahead)

    @rule(foreign=st.booleans())
    def noise(self, foreign: bool) -> None:
        self.cluster.noise(foreign=foreign)

    @rule()
    def age_out(self) -> None:
        self.cluster.age_out()

    @precondition(lambda self: len(self.cluster.workers) < 4)
    @rule(caught_up=st.booleans())
    def start_worker(self, caught_up: bool) -> None:
        self.cluster.start_worker(caught_up=caught_up)

    @precondition(lambda self: self.cluster.workers)
    @rule(which=st.integers(0, 3))
    def crash(self, which: int) -> None:
        self.cluster.crash(self.worker(which))

    @precondition(lambda self: self.cluster.workers)
    @rule(partition=st.integers(0, 2), which=st.integers(0, 3), told=st.booleans())
    def rebalance(self, partition: int, which: int, told: bool) -> None:
        self.cluster.assign(self.partition(partition), self.worker(which), told=told)

    @precondition(lambda self: self.cluster.workers)
    @rule(
        which=st.integers(0, 3), partition=st.integers(0, 2), most=st.integers(1, 5), steps=st.integers(1, 6)
    )
    def take_a_batch(self, which: int, partition: int, most: int, steps: int) -> None:
        worker = self.worker(which)
        before = len(worker.jobs)
        self.cluster.fetch(worker, self.partition(partition), most)
        if len(worker.jobs) > before:
            self.cluster.advance(worker, worker.jobs[-1], steps)

    @precondition(lambda self: any(worker.jobs for worker in self.cluster.workers))
    @rule(which=st.integers(0, 20), step=st.sampled_from(("append", "again", "apply", "publish", "all")))
    def go_on(self, which: int, step: str) -> None:
        jobs = [(worker, job) for worker in self.cluster.workers for job in worker.jobs]
        worker, job = jobs[which % len(jobs)]
        if step == "append":
            self.cluster.append_next(job)
        elif step == "again":
            self.cluster.append_again(job)
        elif step == "apply":
            self.cluster.apply(worker, worker.replica.next_offset + 1)
        elif step == "publish":
            self.cluster.publish(job, 1)
        else:
            self.cluster.advance(worker, job, 6)

    def teardown(self) -> None:
        if hasattr(self, "cluster"):
            self.cluster.finish()
            self.cluster.check()
            assert not self.cluster.broken

    def worker(self, which: int) -> Worker:
        return self.cluster.workers[which % len(self.cluster.workers)]

    def partition(self, which: int) -> int:
        return which % len(self.cluster.raw)


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)


def _left_over() -> list[str]:
    """A worker dies over a record from a broker whose clock is ahead; a cold one comes four windows later."""
    cluster = Cluster(WINDOW_MS, max_entries=1000, partitions=2)
    cluster.start_worker()
    first = cluster.workers[0]
    for partition in range(2):
        cluster.assign(partition, first, told=True)
    cluster.produce(0, family=1, place=1, clock_ms=WINDOW_MS)
    cluster.fetch(first, 0, 1)
    cluster.advance(first, first.jobs[0], 3)
    for _ in range(17):
        cluster.tick(240)
        cluster.produce(1, family=2, place=1)
        cluster.fetch(first, 1, 1)
        cluster.advance(first, first.jobs[-1], 6)
    cluster.crash(first)
    cluster.finish()
    cluster.check()
    return cluster.broken


def test_a_record_left_over_from_a_broker_whose_clock_is_ahead_is_late() -> None:
    assert not _left_over()


def test_that_record_would_pass_for_a_first_one_without_the_allowance_for_clocks() -> None:
    with patch.object(rules, "MOST_SKEW_MS", 0):
        assert _left_over() == ["('raw', 0, 0): appended before, and not late"]


# -- the model finds what it is there to find: each rule is broken once


def _known_or_seen(self: Replica, header: object, offset: int, time: int) -> bool:
    return header.known == offset - 1 or self._timeline.time(header.known + 1) is not None


def _ever(self: Index, *columns: object, oldest: int, rule: rules.Rule, time: int) -> None:
    rule = structs.replace(rule, max_entries=10**9)
    _put(self, *columns, oldest=self._window._first, rule=rule, time=time)


def _without_high(self: Writer, batch: object) -> object:
    return structs.replace(_header(self, batch), high=-1)


def _without_suspect(self: Writer, batch: object) -> object:
    return structs.replace(_header(self, batch), suspect_before_ms=0)


def _believe_void(self: Memory, frame: object, *, valid: bool, here_ms: int) -> None:
    _see(self, frame, valid=True, here_ms=here_ms)


def _commit_last(self: Cluster, worker: Worker, job: object) -> None:
    worker.jobs.remove(job)
    worker.jobs.insert(0, job)
    _commit(self, worker, job)


@contextmanager
def _two_windows_back() -> Iterator[None]:
    with patch.object(rules, "START_WINDOWS", 2), patch.object(Rule, "needed_ms", 0):
        yield


_put, _header, _see, _commit = Index.put, Writer._header, Memory.see, Cluster.commit

MUTATIONS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "no entry is late": lambda: patch.object(Past, "may_hold", lambda *_: False),
    "identities are kept for one window": lambda: patch.object(rules, "IDENTITY_WINDOWS", 1),
    "candidates go back to the first ever": lambda: patch.object(Index, "put", _ever),
    "a replica starts two windows back": _two_windows_back,
    "a stale frame counts": lambda: patch.object(Replica, "_in_time", _known_or_seen),
    "a frame is stale after a whole window": lambda: patch.object(rules, "STALE_DIVISOR", 1),
    "every replica thinks it has seen all": lambda: patch.object(Memory, "complete", new=True),
    "the highest offset is not carried forward": lambda: patch.object(Writer, "_header", _without_high),
    "what is suspect is not carried forward": lambda: patch.object(Writer, "_header", _without_suspect),
    "a void frame is believed": lambda: patch.object(Memory, "see", _believe_void),
    "the last finished batch is committed": lambda: patch.object(Cluster, "commit", _commit_last),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_the_model_finds_that(mutation: str) -> None:
    with MUTATIONS[mutation]():
        assert any(_failures(ENOUGH))


def _failures(most: int) -> Iterator[bool]:
    for seed in range(most):
        yield bool(history(seed))
