"""Faults of slowness and size: confirmations that take seconds, and so many headlines that leaks would show."""

from __future__ import annotations

import itertools
import time
from functools import partial

import psutil
from tests.benchmarks.corpus import events

from .acts import AT_ONCE, NOTHING, later, start, start_sabotaged, working
from .load import PARTITIONS, Item, Load
from .scene import Act, Bars, Fault, Moment, Scene, Step

MILLIONS = 2_000_000
WINDOW_S = 20.0
FULL_AFTER_S = 4 * WINDOW_S
"""Verdicts are kept for two windows, and those that they name for one more."""
CHUNK = 50_000
ROUNDS = 10
GROWTH_MB = 30
"""What a worker may grow by once its window is full: allocators keep some of what they are given back."""

SLOW_BATCH = 50
SLOW_FETCHES = 4


def memory_mb(scene: Scene, worker: int = 0) -> float:
    """Memory of a worker's processes, MB."""
    process = psutil.Process(scene.workers[worker].process.pid)
    return sum(each.memory_info().rss for each in (process, *process.children())) / 1e6


def takes_no_more(scene: Scene) -> None:
    """While confirmations are slow, no more may be read than is allowed to be in flight."""
    before = memory_mb(scene)
    for _ in range(ROUNDS):
        scene.pause(1)
        figures = scene.workers[0].metrics()
        lag = sum(value for name, value in figures.items() if name[0] == "newswire_consumer_lag_records")
        confirmed = sum(scene.workers[0].outcomes().values())
        read = len(scene.positions) - lag
        assert read - confirmed <= SLOW_FETCHES * SLOW_BATCH, f"{read} read and {confirmed} confirmed"
    scene.figures["growth_mb"] = grown = memory_mb(scene) - before
    assert grown < GROWTH_MB, f"the worker grew by {grown:.0f} MB while nothing was confirmed"


def feed_millions(scene: Scene) -> None:
    """Feed in chunks, a tenth ahead of the worker at most, and note what it takes."""
    made = events(None, MILLIONS)
    sizes = []
    begun = time.monotonic()
    while True:
        chunk = list(itertools.islice(made, CHUNK))
        if not chunk:
            break
        scene.feed([Item(index % PARTITIONS, "any", value, key) for index, (key, value) in enumerate(chunk)])
        scene.wait_for(
            Moment(
                "nearly all has come out",
                lambda scene: scene.count() >= len(scene.positions) - MILLIONS // 10,
                deadline_s=300,
            )
        )
        if time.monotonic() - begun > FULL_AFTER_S:
            sizes.append(memory_mb(scene))
    quarter = len(sizes) // 4
    early, late = max(sizes[:quarter]), max(sizes[-quarter:])
    scene.figures |= {"early_mb": early, "late_mb": late}
    scene.note(f"memory: at most {early:.0f} MB in the first quarter, {late:.0f} MB in the last")
    assert late - early < GROWTH_MB, f"the worker grew from {early:.0f} to {late:.0f} MB"


FAULTS = (
    Fault(
        "slow-acks",
        (
            Step(AT_ONCE, start_sabotaged("slow-acks:5")),
            Step(working(), NOTHING),
            Step(later(3), Act("it is looked at for ten seconds", takes_no_more)),
        ),
        load=Load(singles=500, groups=60, updates=10, poison=5),
        settings={"NEWSWIRE_WORKER__BATCH_RECORDS": str(SLOW_BATCH)},
    ),
    Fault(
        "two-million",
        (
            Step(AT_ONCE, start()),
            Step(working(), Act("two million headlines are fed", partial(feed_millions))),
        ),
        load=Load(0, 0, 0, 0),
        settings={"NEWSWIRE_WORKER__BATCH_RECORDS": "2000"},
        window_s=WINDOW_S,
        bars=Bars(),
        own_broker=True,
        fed_by_steps=True,
        timeout_s=1500,
    ),
)
