"""Random histories of a cluster, each a function of its seed."""

from dataclasses import dataclass
from random import Random

from msgspec import structs
from tests.unit.deduplicate.model.cluster import Cluster, Worker
from tests.unit.deduplicate.model.toy import MATCHER
from worker.deduplicate import Rule

WINDOW_MS = 1000


@dataclass
class Course:
    """What makes one history differ from the next, beside what happens in it."""

    random: Random
    families: int
    ticks: tuple[float, ...]
    """Steps of time, in windows."""
    rules: tuple[Rule, ...]
    """What workers write by: several where an upgrade, or a change of settings, is under way."""
    idle: bool = False
    """Whether the first partition stands idle at the moment."""


def history(seed: int) -> list[str]:
    """Runs one history to its end; what it broke.

    Some are steady: small steps of time, and the first partition idles for long between its first records and
    its last, as when a worker died over it and nobody came for windows.
    """
    random = Random(seed)
    cluster = Cluster(
        WINDOW_MS,
        max_entries=random.choice((3, 8, 1000)),
        partitions=random.choice((2, 3)),
        log_start=random.choice((0, 7)),
    )
    steady = random.random() < 0.2
    steps = 140 if steady else 60
    course = Course(
        random, random.choice((1, 2, 4)), _STEADY if steady else _ANY, random.choice(_rules(cluster.rule))
    )
    for _ in range(random.randrange(3)):
        cluster.noise(foreign=random.random() < 0.5)
    cluster.start_worker(rule=random.choice(course.rules))
    for partition in range(len(cluster.raw)):
        cluster.assign(partition, cluster.workers[0], told=True)
    names = list(_ACTIONS)
    weights = [weight * random.choice((0.2, 1, 1, 3)) for weight in _ACTIONS.values()]
    for step, action in enumerate(random.choices(names, weights, k=steps)):
        course.idle = steady and step > 20
        action(cluster, course)
    cluster.finish()
    cluster.check()
    return cluster.broken


_ANY = (0.001, 0.01, 0.05, 0.1, 0.24, 0.26, 0.5, 0.7, 0.99, 1.01, 1.5, 1.9, 2.1, 3.1, 6)
_STEADY = (0.1, 0.24, 0.5, 0.7)


def _rules(widest: Rule) -> tuple[tuple[Rule, ...], ...]:
    """One rule for all workers; two versions of it; two versions and several windows."""
    older = structs.replace(widest, version=MATCHER.version)
    narrow = structs.replace(older, window_ms=widest.window_ms * 2 // 5)
    short = structs.replace(widest, window_ms=widest.window_ms // 2, max_entries=3)
    return (older,), (older, widest), (older, widest, narrow, short)


def _partition(cluster: Cluster, course: Course) -> int:
    return course.random.randrange(1 if course.idle else 0, len(cluster.raw))


def _produce(cluster: Cluster, course: Course) -> None:
    random = course.random
    for _ in range(random.choice((1, 1, 2, 5))):
        cluster.produce(
            _partition(cluster, course),
            random.randrange(course.families),
            random.randrange(4),
            clock_ms=random.choice((0, 0, 0, WINDOW_MS // 2, WINDOW_MS, -WINDOW_MS // 2, -5 * WINDOW_MS)),
            guard=random.random() < 0.05,
        )


def _tick(cluster: Cluster, course: Course) -> None:
    """Time passes: idly, or with so much in the log that it counts in full for what has to be remembered."""
    ms = max(1, round(course.random.choice(course.ticks) * WINDOW_MS))
    if course.random.random() < 0.5:
        for _ in range(ms // (WINDOW_MS // 4)):
            cluster.tick(WINDOW_MS // 4)
            cluster.noise(foreign=True)
        ms %= WINDOW_MS // 4
    cluster.tick(ms)


def _step_clock(cluster: Cluster, course: Course) -> None:
    cluster.step_clock(round(course.random.choice((0, 0, 0.3, 1, 2.5, 7)) * WINDOW_MS))


def _noise(cluster: Cluster, course: Course) -> None:
    cluster.noise(foreign=course.random.random() < 0.7)


def _age_out(cluster: Cluster, _: Course) -> None:
    cluster.age_out()


def _start(cluster: Cluster, course: Course) -> None:
    if len(cluster.workers) < 4:
        random = course.random
        cluster.start_worker(caught_up=random.random() < 0.8, rule=random.choice(course.rules))


def _crash(cluster: Cluster, course: Course) -> None:
    if cluster.workers:
        cluster.crash(course.random.choice(cluster.workers))


def _rebalance(cluster: Cluster, course: Course) -> None:
    if not cluster.workers:
        cluster.start_worker(rule=course.random.choice(course.rules))
    told = course.random.random() < 0.6
    for partition in range(len(cluster.raw)):
        if course.random.random() < 0.7:
            cluster.assign(partition, course.random.choice(cluster.workers), told=told)


def _work(cluster: Cluster, course: Course) -> None:
    """A worker takes a new batch as far as it comes."""
    random = course.random
    worker = _worker(cluster, course)
    if worker is None:
        return
    before = len(worker.jobs)
    cluster.fetch(worker, _partition(cluster, course), random.choice((1, 2, 5)))
    if len(worker.jobs) > before:
        cluster.advance(worker, worker.jobs[-1], random.choice((1, 2, 2, 3, 4, 5, 6, 6, 6)))


def _go_on(cluster: Cluster, course: Course) -> None:
    """A worker goes on with a batch that it has in hand."""
    random = course.random
    worker = _worker(cluster, course)
    if worker is None or not worker.jobs:
        return
    job = random.choice(worker.jobs)
    step = random.randrange(8)
    if step == 0:
        cluster.append_next(job)
    elif step == 1:
        cluster.append_again(job)
    elif step == 2:
        cluster.apply(worker, worker.replica.next_offset + random.choice((1, 3, 100)))
    elif step == 3:
        cluster.publish(job, random.choice((1, 2)))
    else:
        cluster.advance(worker, job, 6)


def _catch_up(cluster: Cluster, course: Course) -> None:
    worker = _worker(cluster, course)
    if worker is not None:
        cluster.apply(worker, worker.replica.next_offset + course.random.choice((1, 3, 100)))


def _worker(cluster: Cluster, course: Course) -> Worker | None:
    return course.random.choice(cluster.workers) if cluster.workers else None


_ACTIONS = {
    _produce: 6,
    _tick: 4,
    _step_clock: 0.3,
    _noise: 0.5,
    _age_out: 0.5,
    _start: 1,
    _crash: 0.7,
    _rebalance: 1.5,
    _work: 8,
    _go_on: 8,
    _catch_up: 2,
}
