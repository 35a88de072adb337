"""Faults of time, with a window of seconds: outages, idle partitions, cold starts, backlogs; and history again."""

from __future__ import annotations

import signal
import time
from collections import Counter
from functools import partial

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition

from .acts import (
    AT_ONCE,
    NOTHING,
    close_chapter,
    disturbance,
    feed,
    feed_part,
    feed_slowly,
    gone,
    later,
    out,
    outcomes_counted,
    send,
    start,
    start_doomed,
    together,
    working,
)
from .load import Item, Load
from .scene import IN_FLIGHT, Act, Bars, Fault, Scene, Step

WINDOW_S = 4.0

SMALL = Load(singles=400, groups=150, updates=30, poison=10)


def in_rounds(scene: Scene, rounds: int, pause_s: float) -> None:
    """Feed the members of each group in rounds: the first ones, after a pause the second ones, then the others."""
    taken: Counter[str] = Counter()
    members: list[list[Item]] = [[] for _ in range(rounds)]
    for item in scene.items:
        members[min(taken[item.truth], rounds - 1)].append(item)
        taken[item.truth] += 1
    for number, items in enumerate(members):
        scene.pause(pause_s if number else 0)
        scene.feed(items)


def outage(windows: int) -> Fault:
    """A worker dies with its entries in the log and nothing out, and the next one comes windows later."""
    return Fault(
        f"away-{windows}-windows",
        (
            Step(AT_ONCE, together(feed_part(0, 0.5), start_doomed("appended", 1, 2))),
            Step(gone(), NOTHING),
            Step(later(windows * WINDOW_S + 1), together(feed_part(0.5, 1), start(1))),
        ),
        load=SMALL,
        bars=Bars(copies=IN_FLIGHT // 2),
        window_s=WINDOW_S,
        seeds=3,
        short=windows == 3,
        fed_by_steps=True,
    )


def idle_partition(scene: Scene) -> None:
    """Feed one partition only, for more than three windows, then the others."""
    mine = [item for item in scene.items if item.partition == 0]
    others = [item for item in scene.items if item.partition != 0]
    scene.feed(others[: len(others) // 2])
    begun = time.monotonic()
    for first in range(0, len(mine), 20):
        scene.feed(mine[first : first + 20])
        scene.pause(max(0.0, 3.5 * WINDOW_S * first / len(mine) - (time.monotonic() - begun)))
    scene.feed(others[len(others) // 2 :])


def reset(scene: Scene, where: str) -> None:
    """Move the group's offsets, while it has no members."""
    deployment = scene.deployment
    ends = deployment.raw_ends()
    group = deployment.environment["NEWSWIRE_KAFKA__GROUP"]
    committed = deployment.committed()
    wanted = [
        TopicPartition(deployment.raw, partition, 0 if where == "earliest" else end)
        for partition, end in ends.items()
    ]
    asked = [ConsumerGroupTopicPartitions(group, wanted)]
    for future in deployment.cluster.alter_consumer_group_offsets(asked).values():
        future.result(30)
    scene.cuts.cut()
    if where == "latest":
        scene.skipped |= {
            (partition, offset)
            for partition, end in ends.items()
            for offset in range(committed.get(partition, 0), end)
        }


def forget_group(scene: Scene) -> None:
    """Delete the consumer group, as before history is processed again."""
    group = scene.deployment.environment["NEWSWIRE_KAFKA__GROUP"]
    for future in scene.deployment.cluster.delete_consumer_groups([group]).values():
        future.result(30)


def age_out(scene: Scene) -> None:
    """Let the unread half of each partition go, as retention does."""
    deployment = scene.deployment
    committed = deployment.committed()
    cut = {
        partition: committed.get(partition, 0) + (end - committed.get(partition, 0)) // 2
        for partition, end in deployment.raw_ends().items()
    }
    asked = [TopicPartition(deployment.raw, partition, offset) for partition, offset in cut.items()]
    for future in deployment.cluster.delete_records(asked).values():
        future.result(30)
    scene.skipped |= {
        (partition, offset)
        for partition, end in cut.items()
        for offset in range(committed.get(partition, 0), end)
    }


def restarted_after(
    act: Act, *, more: Load = SMALL, settings: dict[str, str] | None = None
) -> tuple[Step, ...]:
    """A worker does the load and ends; more is fed, something is done, another worker comes."""
    return (
        Step(AT_ONCE, start()),
        Step(working(), close_chapter()),
        Step(AT_ONCE, together(feed(more), act, start(1, **(settings or {})))),
        Step(working(1), NOTHING),
        Step(outcomes_counted(1), NOTHING),
    )


FAULTS = (
    outage(1),
    outage(2),
    outage(3),
    Fault(
        "idle-partition",
        (
            Step(AT_ONCE, start()),
            Step(working(), Act("one partition is fed alone for 3.5 windows", idle_partition)),
        ),
        load=Load(singles=800, groups=200, updates=0, poison=10),
        window_s=WINDOW_S,
        fed_by_steps=True,
    ),
    Fault(
        "cold-beside-warm",
        (
            Step(AT_ONCE, start()),
            Step(working(), feed_slowly(Load(singles=6000, groups=1500), 500)),
            Step(later(3.2 * WINDOW_S), start(1)),
            Step(working(1), NOTHING),
            Step(later(3), send(signal.SIGTERM, 0)),
            Step(gone(0), start(2)),
            Step(working(2), NOTHING),
        ),
        load=SMALL,
        window_s=WINDOW_S,
    ),
    Fault(
        "backlog-of-windows",
        (
            Step(
                AT_ONCE,
                Act(
                    "the members of groups are fed in three rounds, 1.5 windows apart",
                    partial(in_rounds, rounds=3, pause_s=1.5 * WINDOW_S),
                ),
            ),
            Step(AT_ONCE, start()),
        ),
        load=Load(singles=0, groups=300, updates=0, poison=0),
        window_s=WINDOW_S,
        short=True,
        fed_by_steps=True,
    ),
    Fault(
        "offsets-reset-to-earliest",
        (
            Step(AT_ONCE, start()),
            Step(out(1.0), send(signal.SIGTERM)),
            Step(gone(), Act("the offsets are reset to the earliest", partial(reset, where="earliest"))),
            Step(AT_ONCE, disturbance(start(1))),
        ),
        bars=Bars(again=True),
    ),
    Fault(
        "offsets-reset-to-latest",
        restarted_after(Act("the offsets are reset to the latest", partial(reset, where="latest"))),
    ),
    Fault("aged-out", restarted_after(Act("half of it ages out", age_out))),
    Fault(
        "new-epoch-beyond-the-window",
        (
            Step(AT_ONCE, start()),
            Step(working(), close_chapter(again=True)),
            Step(later(3 * WINDOW_S), Act("the group is deleted", forget_group)),
            Step(AT_ONCE, start(1, NEWSWIRE_DEDUP__EPOCH="2")),
            Step(working(1), NOTHING),
        ),
        load=SMALL,
        window_s=WINDOW_S,
    ),
    Fault(
        "new-epoch",
        (
            Step(AT_ONCE, start()),
            Step(working(), close_chapter(again=True)),
            Step(AT_ONCE, Act("the group is deleted", forget_group)),
            Step(AT_ONCE, start(1, NEWSWIRE_DEDUP__EPOCH="2")),
            Step(working(1), NOTHING),
        ),
        short=True,
    ),
)
