"""What can happen in a history, declared once for all who draw histories.

An operation is a function of a cluster and of whole numbers, one for each of its arguments; `DOMAINS` says by the
argument's name which. Where there is nothing to do, or nobody to do it, it does nothing: so any operation may be left
out of a history, and what is left still is one.
"""

from collections.abc import Callable, Sequence
from inspect import signature
from typing import TypeVar

from tests.unit.deduplicate.model.cluster import YEAR_2100_MS, Cluster
from tests.unit.deduplicate.model.worker import Job, Worker

T = TypeVar("T")

WINDOW_MS = 1000
YEAR_1970 = -10 * YEAR_2100_MS

MOST_WORKERS = 4
MOST_JOBS = 8

DOMAINS: dict[str, Sequence[int]] = {
    "ahead_ms": (0, 0, 300, 1000, 2500, 7000),
    "back": (1, 2, 5, 20),
    "caught_up": (1, 1, 0),
    "clock_ms": (*[0] * 9, 500, 1000, -500, -1000, -5000, YEAR_1970, YEAR_2100_MS),
    "drain": (0, 1),
    "family": range(5),
    "foreign": (0, 1, 1),
    "guard": (1, *[0] * 19),
    "keep": (0, 0, 1),
    "most": (1, 2, 5),
    "ms": (1, 10, 50, 100, 240, 250, 251, 500, 700, 999, 1000, 1001, 1500, 1900, 2100, 3100, 6000),
    "owners": range(256),
    "partition": range(6),
    "place": range(4),
    "records": (1, 3, 100),
    "rule": range(4),
    "steps": (1, 2, 2, 3, 4, 5, 6, 6, 6),
    "untold": (0, 0, 0, 1, 2, 3),
    "which": range(12),
}
"""By the name of an argument what it may be; times in ms, partitions and the like counted modulo how many there are."""


def produce(cluster: Cluster, partition: int, family: int, place: int, clock_ms: int, guard: int) -> None:
    cluster.produce(partition % len(cluster.raw), family, place, clock_ms=clock_ms, guard=bool(guard))


def tick(cluster: Cluster, ms: int) -> None:
    cluster.tick(ms)


def busy(cluster: Cluster, ms: int) -> None:
    cluster.busy(ms)


def step_clock(cluster: Cluster, ahead_ms: int) -> None:
    cluster.step_clock(ahead_ms)


def noise(cluster: Cluster, foreign: int) -> None:
    cluster.noise(foreign=bool(foreign))


def age_out(cluster: Cluster) -> None:
    cluster.age_out()


def remake(cluster: Cluster, partition: int) -> None:
    cluster.remake(partition % len(cluster.raw))


def rewind(cluster: Cluster, partition: int, back: int) -> None:
    cluster.rewind(partition % len(cluster.raw), back)


def begin_epoch(cluster: Cluster) -> None:
    cluster.begin_epoch()


def start_worker(cluster: Cluster, rule: int, caught_up: int) -> None:
    if len(cluster.workers) < MOST_WORKERS:
        cluster.start_worker(cluster.rules[rule % len(cluster.rules)], caught_up=bool(caught_up))


def crash(cluster: Cluster, which: int) -> None:
    for worker in _one_of(cluster.workers, which):
        cluster.crash(worker)


def rebalance(cluster: Cluster, owners: int, untold: int, drain: int, keep: int) -> None:
    """All workers but one, or all, share the partitions; two bits of `owners` name each partition's."""
    ready = [worker for worker in cluster.workers if worker.ready and worker.epoch == cluster.epoch]
    members = [worker for i, worker in enumerate(ready, 1) if i != untold] or ready
    if members:
        by_partition = {p: members[(owners >> 2 * p) % len(members)] for p in range(len(cluster.raw))}
        cluster.rebalance(by_partition, members, drain=bool(drain), keep=bool(keep))


def work(cluster: Cluster, which: int, partition: int, most: int, steps: int) -> None:
    """A worker takes a new batch as far as it comes."""
    partition %= len(cluster.raw)
    end = len(cluster.raw[partition])
    able = [
        worker
        for worker in cluster.workers
        if worker.ledger.positions().get(partition, end) < end and len(worker.jobs) < MOST_JOBS
    ]
    for worker in _one_of(able, which):
        job = worker.fetch(partition, most)
        if job is not None:
            worker.advance(job, steps)


def go_on(cluster: Cluster, which: int, steps: int) -> None:
    """A worker goes on with a batch that it has in hand."""
    for worker, job in _one_of(_jobs(cluster), which):
        worker.advance(job, steps)


def append(cluster: Cluster, which: int) -> None:
    for worker, job in _one_of(_jobs(cluster), which):
        worker.append_next(job)


def append_again(cluster: Cluster, which: int) -> None:
    for worker, job in _one_of(_jobs(cluster), which):
        worker.append_again(job)


def publish(cluster: Cluster, which: int, most: int) -> None:
    for worker, job in _one_of(_jobs(cluster), which):
        worker.publish(job, most)


def commit(cluster: Cluster, which: int) -> None:
    for worker in _one_of(cluster.workers, which):
        worker.commit()


def catch_up(cluster: Cluster, which: int, records: int) -> None:
    for worker in _one_of(cluster.workers, which):
        worker.apply(worker.replica.next_offset + records)


def _jobs(cluster: Cluster) -> list[tuple[Worker, Job]]:
    return [(worker, job) for worker in cluster.workers for job in worker.jobs]


def _one_of(things: Sequence[T], which: int) -> Sequence[T]:
    return things[which % len(things) :][:1] if things else ()


_WEIGHTS: dict[Callable[..., None], float] = {
    produce: 12,
    tick: 3,
    busy: 2,
    step_clock: 0.5,
    noise: 0.4,
    age_out: 0.8,
    remake: 0.2,
    rewind: 0.4,
    begin_epoch: 0.08,
    start_worker: 1,
    crash: 0.7,
    rebalance: 1.5,
    work: 9,
    go_on: 4,
    append: 0.7,
    append_again: 0.5,
    publish: 0.7,
    commit: 0.5,
    catch_up: 2,
}

OPERATIONS = {act.__name__: act for act in _WEIGHTS}
WEIGHTS = {act.__name__: weight for act, weight in _WEIGHTS.items()}
"""How often each comes, against the others."""
ARGUMENTS = {act.__name__: tuple(signature(act).parameters)[1:] for act in _WEIGHTS}
"""The names of each one's arguments."""
