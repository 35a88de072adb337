"""Random histories of a cluster, each a function of its seed."""

from random import Random

from tests.unit.deduplicate.model.cluster import Cluster, Worker

WINDOW_MS = 1000


def history(seed: int, steps: int = 60) -> list[str]:
    """Runs one history to its end; what it broke."""
    random = Random(seed)
    cluster = Cluster(
        WINDOW_MS,
        max_entries=random.choice((3, 8, 1000)),
        partitions=random.choice((2, 3)),
        log_start=random.choice((0, 7)),
    )
    families = random.choice((1, 2, 4))
    for _ in range(random.randrange(3)):
        cluster.noise(foreign=random.random() < 0.5)
    cluster.start_worker()
    for partition in range(len(cluster.raw)):
        cluster.assign(partition, cluster.workers[0], told=True)
    names = list(_ACTIONS)
    weights = [weight * random.choice((0.2, 1, 1, 3)) for weight in _ACTIONS.values()]
    for action in random.choices(names, weights, k=steps):
        action(cluster, random, families)
    cluster.finish()
    cluster.check()
    return cluster.broken


def _produce(cluster: Cluster, random: Random, families: int) -> None:
    for _ in range(random.choice((1, 1, 2, 5))):
        cluster.produce(
            random.randrange(len(cluster.raw)),
            random.randrange(families),
            random.randrange(4),
            clock_ms=random.choice((0, 0, 0, WINDOW_MS // 2, WINDOW_MS, -WINDOW_MS // 2, -5 * WINDOW_MS)),
            guard=random.random() < 0.05,
        )


def _tick(cluster: Cluster, random: Random, _: int) -> None:
    windows = random.choice((0.001, 0.01, 0.05, 0.1, 0.24, 0.26, 0.5, 0.7, 0.99, 1.01, 1.5, 1.9, 2.1, 3.1, 6))
    cluster.tick(max(1, round(windows * WINDOW_MS)))


def _step_clock(cluster: Cluster, random: Random, _: int) -> None:
    cluster.step_clock(round(random.choice((0, 0, 0.3, 1, 2.5, 7)) * WINDOW_MS))


def _noise(cluster: Cluster, random: Random, _: int) -> None:
    cluster.noise(foreign=random.random() < 0.7)


def _age_out(cluster: Cluster, _: Random, __: int) -> None:
    cluster.age_out()


def _start(cluster: Cluster, random: Random, _: int) -> None:
    if len(cluster.workers) < 4:
        cluster.start_worker(caught_up=random.random() < 0.8)


def _crash(cluster: Cluster, random: Random, _: int) -> None:
    if cluster.workers:
        cluster.crash(random.choice(cluster.workers))


def _rebalance(cluster: Cluster, random: Random, _: int) -> None:
    if not cluster.workers:
        cluster.start_worker()
    told = random.random() < 0.6
    for partition in range(len(cluster.raw)):
        if random.random() < 0.7:
            cluster.assign(partition, random.choice(cluster.workers), told=told)


def _work(cluster: Cluster, random: Random, _: int) -> None:
    """A worker takes a new batch as far as it comes."""
    worker = _worker(cluster, random)
    if worker is None or not worker.generation:
        return
    before = len(worker.jobs)
    cluster.fetch(worker, random.choice(list(worker.generation)), random.choice((1, 2, 5)))
    if len(worker.jobs) > before:
        cluster.advance(worker, worker.jobs[-1], random.choice((1, 2, 2, 3, 4, 5, 6, 6, 6)))


def _go_on(cluster: Cluster, random: Random, _: int) -> None:
    """A worker goes on with a batch that it has in hand."""
    worker = _worker(cluster, random)
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


def _catch_up(cluster: Cluster, random: Random, _: int) -> None:
    worker = _worker(cluster, random)
    if worker is not None:
        cluster.apply(worker, worker.replica.next_offset + random.choice((1, 3, 100)))


def _worker(cluster: Cluster, random: Random) -> Worker | None:
    return random.choice(cluster.workers) if cluster.workers else None


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
