"""Faults of workers: ended, killed at each seam, paused, scaled."""

from __future__ import annotations

import random
import signal

from .acts import (
    AT_ONCE,
    NOTHING,
    OVER,
    disturbance,
    feed,
    feed_slowly,
    gone,
    kill,
    later,
    logged,
    out,
    send,
    start,
    start_doomed,
    start_sabotaged,
    together,
    working,
)
from .load import PARTITIONS, Load
from .recovery import AllGoOn
from .scene import CRASH_COPIES, IN_FLIGHT, Act, Bars, Fault, Scene, Step

SESSION_S = 6
RECOVERY_S = SESSION_S + 5
"""A member that was killed holds its partitions until its session is over; then it may take five seconds more."""

KILLED = Bars(copies=CRASH_COPIES, recovery_s=RECOVERY_S)

LARGE = Load(singles=9_000, groups=2_000, updates=300, poison=120)


def at_seam(seam: str, lowest: int, highest: int, *, seeds: int = 3, short: bool = False) -> Fault:
    """A worker dies at a seam, in a pass that the seed draws, and another takes over."""
    return Fault(
        f"killed-{seam}",
        (
            Step(AT_ONCE, start_doomed(seam, lowest, highest)),
            Step(gone(), disturbance(start(1))),
        ),
        bars=KILLED,
        seeds=seeds,
        short=short,
    )


def unconfirmed(mutation: str = "", *, short: bool = False) -> Fault:
    """One record batch is never confirmed, others are; the worker is killed over it.

    With a mutation of the rule of commits this loses what was in that record batch, and the verifier has to say so.
    """
    sabotage = ",".join(filter(None, ("unconfirmed:20", mutation)))
    return Fault(
        f"unconfirmed{mutation and '-' + mutation.partition(':')[0]}",
        (
            Step(AT_ONCE, start_sabotaged(sabotage)),
            Step(working(), NOTHING),
            Step(later(6), kill()),
            Step(AT_ONCE, disturbance(start(1))),
        ),
        bars=KILLED,
        # So few records that some fetches have none for the stream that waits, and are done.
        settings={"NEWSWIRE_WORKER__BATCH_RECORDS": "5"},
        short=short,
    )


def broken(mutation: str) -> Fault:
    """No fault but that the worker itself breaks a rule of the log."""
    return Fault(
        f"broken-{mutation.partition(':')[0]}", (Step(AT_ONCE, start_sabotaged(mutation)),), load=BRIEF
    )


BRIEF = Load(singles=400, groups=150, updates=30, poison=10)

MUTATED = (
    unconfirmed("last-acked:0", short=True),
    unconfirmed("early-commit:0"),
    broken("all-late:0"),
    broken("sees-nothing:0"),
)
"""Faults of a worker that breaks a rule of commits or of the log: a harness that does not object is worth nothing."""

CAUGHT_BY = {
    "unconfirmed-last-acked": "lost",
    "unconfirmed-early-commit": "lost",
    "broken-all-late": "late",
    "broken-sees-nothing": "leaked",
}
"""What the verifier has to find of each."""


def killed_twenty_times(scene: Scene) -> None:
    """SIGKILL twenty workers in a row, each at a random time of its life."""
    draw = random.Random(scene.seed)
    for number in range(20):
        scene.start(number)
        scene.deployment.workers[-1].wait_for_log("working" if draw.random() < 0.8 else "joining")
        scene.workers[number].process.poll()
        pause = draw.random() * 0.4
        scene.note(f"worker {number} is killed {pause:.2f} s later")
        scene.pause(pause)
        scene.kill(number)


def pairs_at_once(scene: Scene) -> None:
    """Feed the members of each group together, each into a partition that another worker reads."""
    items = sorted(scene.items, key=lambda item: item.truth)
    scene.feed([item._replace(partition=number % PARTITIONS) for number, item in enumerate(items)])


FAULTS = (
    Fault(
        "none",
        (Step(AT_ONCE, start()),),
        short=True,
    ),
    Fault(
        "terminated-in-mid-batch",
        (
            Step(AT_ONCE, start()),
            Step(out(0.2), send(signal.SIGTERM)),
            Step(gone(), disturbance(start(1))),
        ),
        load=LARGE,
        bars=Bars(recovery_s=RECOVERY_S),
        seeds=3,
        short=True,
    ),
    Fault(
        "interrupted-twice",
        (
            # Confirmations that come late keep it at its end for so long that a second signal finds it there.
            Step(AT_ONCE, start_sabotaged("slow-acks:2")),
            Step(out(0.2), send(signal.SIGINT)),
            Step(logged("ending: finishing what is in flight"), send(signal.SIGINT)),
            Step(gone(deadline_s=10), disturbance(start(1))),
        ),
        bars=Bars(copies=CRASH_COPIES, recovery_s=RECOVERY_S, exits=frozenset({130})),
        seeds=3,
    ),
    at_seam("fetched", 2, 8),
    at_seam("planned", 2, 6),
    at_seam("appended", 2, 6, short=True),
    at_seam("judged", 2, 6),
    at_seam("between-sends", 5, 60, short=True),
    at_seam("sent", 2, 6, short=True),
    # Of the first pass only is it known what is done by then, so that no seed makes it another.
    at_seam("committing", 1, 1, seeds=1, short=True),
    at_seam("committed", 1, 1, seeds=1),
    Fault(
        "killed-catching-up",
        (
            Step(AT_ONCE, start_doomed("sent", 3, 5)),
            Step(gone(), start_doomed("catching-up", 1, 1, worker=1)),
            Step(gone(1), disturbance(start(2))),
        ),
        bars=KILLED,
        seeds=3,
    ),
    Fault(
        "killed-twenty-times",
        (
            Step(AT_ONCE, feed_slowly(LARGE, 600)),
            Step(AT_ONCE, Act("twenty workers are killed, one after the other", killed_twenty_times)),
            Step(AT_ONCE, disturbance(start(20))),
        ),
        bars=Bars(copies=20 * IN_FLIGHT, recovery_s=RECOVERY_S),
        seeds=3,
    ),
    unconfirmed(),
    Fault(
        "zombie",
        (
            Step(AT_ONCE, start()),
            Step(out(0.1), send(signal.SIGSTOP)),
            Step(later(SESSION_S + 2), start(1)),
            Step(working(1), NOTHING),
            Step(out(0.6), feed(Load(singles=500, groups=100))),
            Step(later(1), send(signal.SIGCONT)),
            Step(later(8), NOTHING),
        ),
        load=LARGE,
        bars=Bars(copies=CRASH_COPIES),
        seeds=3,
        short=True,
    ),
    Fault(
        "scaled-out-and-in",
        (
            Step(AT_ONCE, start()),
            Step(AT_ONCE, feed_slowly(LARGE, 800)),
            Step(later(2), together(start(1), start(2))),
            Step(working(2), NOTHING),
            Step(later(4), together(send(signal.SIGTERM, 1), send(signal.SIGTERM, 0))),
            Step(gone(0), NOTHING),
            Step(gone(1), NOTHING),
        ),
    ),
    Fault(
        "pairs-at-once",
        (
            Step(AT_ONCE, together(start(0), start(1))),
            Step(working(0), NOTHING),
            Step(working(1), NOTHING),
            Step(later(3), Act("each group is fed at once, into partitions of both", pairs_at_once)),
        ),
        load=Load(singles=0, groups=1_500, updates=0, poison=0),
        short=True,
        fed_by_steps=True,
    ),
    Fault(
        "rolling-restart",
        (
            Step(AT_ONCE, together(start(0), start(1), start(2))),
            Step(working(2), feed_slowly(LARGE, 800)),
            *(
                step
                for number in range(3)
                for step in (
                    Step(later(1), send(signal.SIGTERM, number)),
                    Step(gone(number), start(3 + number)),
                    Step(working(3 + number), NOTHING),
                )
            ),
        ),
        load=Load(singles=300, groups=50),
    ),
    Fault(
        "one-of-three-killed",
        (
            Step(AT_ONCE, together(start(0), start(1), start(2))),
            Step(working(2), feed_slowly(Load(singles=6_000, groups=1_400), 700)),
            Step(later(3), disturbance(kill(1), AllGoOn)),
            Step(OVER, NOTHING),
        ),
        load=Load(singles=300, groups=50),
        bars=KILLED,
        seeds=3,
    ),
)
