"""Random histories, each a function of its seed: most are drawn at large, some towards what seldom comes about."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

from tests.unit.deduplicate.model.cluster import ALL_REMEMBERED, Settings
from tests.unit.deduplicate.model.history import History, Step
from tests.unit.deduplicate.model.operations import ARGUMENTS, DOMAINS, WEIGHTS, WINDOW_MS, YEAR_2100_MS

LEAST_REMEMBERED = (ALL_REMEMBERED, 8, 4)
_CLOCKS = ((0,), (0,), (1000,), (0, 500, 1000), (YEAR_2100_MS,))
_STEPS = ((10, 500, 700, 999, 1000), (240, 500, 1000, 3100))


class Phase(NamedTuple):
    """A part of a history: how many steps it has, how often each operation comes, and what each is drawn from."""

    steps: int
    weights: dict[str, float]
    domains: dict[str, Sequence[int]]


def draw(seed: int) -> History:
    """The history of a seed."""
    random = Random(seed)
    settings = Settings(
        window_ms=WINDOW_MS,
        max_entries=random.choice((3, 8, 1000)),
        partitions=random.choice((2, 3)),
        log_start=random.choice((0, 7)),
        rules=random.randrange(3),
    )
    steps: list[Step] = [("noise", 1)] * random.randrange(3)
    steps += [("start_worker", random.randrange(4), 1)] * random.choice((1, 1, 1, 2))
    steps.append(("rebalance", random.randrange(256), 0, 0, 0))
    kind = random.random()
    if kind < 0.15:
        steps += _line(random, settings.partitions)
    elif kind < 0.22:
        steps += _pause(random, settings.partitions)
    else:
        for phase in _phases(random, settings.partitions):
            steps += _drawn(random, phase)
    return History(settings._replace(least_remembered=random.choice(LEAST_REMEMBERED)), steps)


def _drawn(random: Random, phase: Phase) -> Iterator[Step]:
    for name in random.choices([*phase.weights], phase.weights.values(), k=phase.steps):
        yield (name, *[_pick(random, phase.domains[argument]) for argument in ARGUMENTS[name]])


def _line(random: Random, partitions: int) -> Sequence[Step]:
    """A worker dies over a record; its like come one after another, on other partitions; then somebody reads it.

    In some, a paused worker holds a frame of the record before that one all the while, and sends it at last.
    """
    clocks, others = random.choice(_CLOCKS), [p for p in range(6) if p % partitions]
    paused, at_once = random.random() < 0.25, random.random() < 0.5
    first = 2 if paused else 1

    def produce(partition: int) -> Step:
        return ("produce", partition, 1, random.choice((1, 1, 1, 2)), random.choice(clocks), 0)

    take_over: list[Step] = [("start_worker", 3, 1), ("rebalance", random.randrange(256), int(paused), 0, 0)]
    die: list[Step] = [("crash", int(paused)), *take_over]
    turns = [random.choice(others) for _ in range(random.randrange(2, 9))]
    steps = [*[produce(0)] * first, *[produce(partition) for partition in turns if at_once]]
    if paused:
        steps += [("work", 0, 0, 1, 1), *take_over]
    steps += [("work", 0, 0, first, random.choice((2, 2, 3, 4))), *die]
    for partition in turns:
        steps.append((random.choice(("tick", "busy", "busy")), random.choice((500, 740, 900, 999))))
        steps.append(("catch_up", 0, 100))
        if not at_once:
            steps.append(produce(partition))
        steps.append(("work", 0, partition, 1, 6))
        if random.random() < 0.1:
            steps += die
    if paused:
        steps.append(("append", 0))
    steps += [*die, ("work", 0, 0, first, 6)]
    for step in _drawn(random, Phase(random.choice((0, 3, 10)), WEIGHTS, DOMAINS)):
        steps.insert(random.randrange(len(steps)), step)
    return steps


def _pause(random: Random, partitions: int) -> Sequence[Step]:
    """A worker is paused with a frame in hand; others take its partitions over, and append about as many entries as are
    remembered; then it sends its frame. Hardly any time passes.
    """
    kinds = random.choice(((1,), (1, 2, 4)))

    def produce(partition: int) -> Step:
        return ("produce", partition, random.choice(kinds), random.randrange(4), 0, 0)

    mine, most = random.randrange(1, 3), random.choice((1, 2, 3))
    left = random.choice((8, 16)) + random.choice((0, 0, 1))
    steps = [*[produce(0)] * mine, ("work", 0, 0, mine, 1), ("start_worker", random.randrange(4), 1)]
    steps.append(("rebalance", random.randrange(256), 1, 0, 0))
    if random.random() < 0.7:
        steps.append(("work", 1, 0, mine, random.choice((2, 6))))
        left -= mine
    while left > 0:
        partition, most = random.randrange(1, partitions), min(most, left)
        steps += [*[produce(partition)] * most, ("work", 1, partition, most, random.choice((2, 6, 6, 6)))]
        left -= most
        if random.random() < 0.15:
            steps.append(("append_again", 1))
    steps += [("append", 0), ("catch_up", 1, 100), ("go_on", 0, 6), ("work", 1, 0, mine, 6)]
    for step in _drawn(random, Phase(random.choice((0, 0, 5)), WEIGHTS, {**DOMAINS, "ms": (1, 10)})):
        steps.insert(random.randrange(len(steps)), step)
    return steps


def _phases(random: Random, partitions: int) -> Sequence[Phase]:
    """What makes one history differ from the next."""
    weights = {name: weight * random.choice((0.2, 1, 1, 3)) for name, weight in WEIGHTS.items()}
    domains: dict[str, Sequence[int]] = {**DOMAINS, "family": range(random.choice((1, 2, 4)))}
    kind = random.random()
    if kind < 0.15:
        # Small steps of time; the first partition idles between its first records and its last, as when a worker died
        # over it and nobody came for windows.
        domains["ms"] = (100, 240, 500, 700)
        others = {**domains, "partition": [p for p in range(6) if p % partitions]}
        return Phase(20, weights, domains), Phase(60, weights, others)
    if kind < 0.3:
        # Many alike at once. A worker dies over the first partition's; the others' are read one by one over windows, by
        # workers that die as well; then somebody comes for the first.
        domains |= {"family": (1,), "place": (1, 1, 2, 3), "most": (1,)}
        domains |= {"clock_ms": random.choice(_CLOCKS), "ms": random.choice(_STEPS)}
        others = {**domains, "partition": [p for p in range(6) if p % partitions]}
        return (
            Phase(14, {"produce": 1.0, "tick": 0.1}, domains),
            Phase(
                4,
                {"work": 5.0, "crash": 1.0, "tick": 0.3},
                {**domains, "partition": (0,), "steps": (2, 2, 3, 4)},
            ),
            Phase(
                random.choice((25, 45)),
                {"tick": 1.0, "busy": 2.0, "work": 8.0, "crash": 0.7, "start_worker": 1.0, "rebalance": 3.0},
                others,
            ),
            Phase(
                10,
                {
                    "tick": 1.0,
                    "busy": 1.0,
                    "work": 8.0,
                    "start_worker": 1.0,
                    "rebalance": 2.0,
                    "produce": 1.0,
                },
                domains,
            ),
        )
    if kind < 0.45:
        domains["ms"] = (1, 249, 250, 251, 500, 999, 1000, 1001, 2000)
    elif kind < 0.52:
        domains["clock_ms"] = (YEAR_2100_MS,)
    elif kind < 0.62:
        domains["ms"] = (240, 1500, 2100, 3100, 6000)
    return (Phase(50, weights, domains),)


def _pick(random: Random, domain: Sequence[int]) -> int:
    return domain[int(random.random() * len(domain))]
