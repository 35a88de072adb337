"""The words that faults are declared in: moments and acts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .recovery import AllGoOn, OutAgain
from .scene import KILLED, Act, Moment, Scene

if TYPE_CHECKING:
    import signal

    from .load import Load

# -- when

AT_ONCE = Moment("at once", lambda _: True)


def out(share: float) -> Moment:
    """When this share of the fed records has come out."""
    return Moment(f"{share:.0%} has come out", lambda scene: scene.count() >= share * len(scene.positions))


def later(seconds: float) -> Moment:
    """So long after the step before."""
    since: dict[int, float] = {}

    def come(scene: Scene) -> bool:
        return time.monotonic() - since.setdefault(id(scene), time.monotonic()) >= seconds

    return Moment(f"{seconds:g} s later", come, deadline_s=seconds + 10)


def gone(worker: int = 0, deadline_s: float = 90) -> Moment:
    """When a worker has ended: by SIGKILL if it was started to die, else with an exit code that the fault names."""

    def come(scene: Scene) -> bool:
        if scene.workers[worker].process.poll() is None:
            return False
        scene.due.setdefault(worker, scene.fault.bars.exits)
        wrong = scene.wrong_end(worker)
        assert not wrong, wrong[0]
        return True

    return Moment(f"worker {worker} is gone", come, deadline_s)


def logged(text: str, worker: int = 0, deadline_s: float = 90) -> Moment:
    """When a worker has said something."""
    return Moment(
        f"worker {worker} says {text!r}", lambda scene: bool(scene.workers[worker].logged(text)), deadline_s
    )


def outcomes_counted(worker: int = 0) -> Moment:
    """When a worker has counted as many records as were fed since the last chapter."""

    def come(scene: Scene) -> bool:
        return sum(scene.workers[worker].outcomes().values()) >= len(scene.positions)

    return Moment(f"worker {worker} has counted all", come)


def working(worker: int = 0) -> Moment:
    """When a worker works."""
    return logged("working", worker)


OVER = Moment("the disturbance is over", lambda scene: not scene.is_disturbed)
"""Whoever starts a node waits for it, and sees nothing meanwhile."""

# -- what

NOTHING = Act("nothing is done", lambda _: None)


def start(worker: int = 0, **settings: str) -> Act:
    """Start a worker."""
    return Act(f"worker {worker} is started", lambda scene: _start(scene, worker, "", settings))


def start_sabotaged(sabotage: str, worker: int = 0, **settings: str) -> Act:
    """Start a worker that does itself harm."""
    return Act(
        f"worker {worker} is started, {sabotage}", lambda scene: _start(scene, worker, sabotage, settings)
    )


def start_doomed(seam: str, lowest: int, highest: int, worker: int = 0) -> Act:
    """Start a worker that kills itself at a seam, after a number of passes that the seed draws."""

    def do(scene: Scene) -> None:
        passes = lowest + scene.seed * 7919 % (highest - lowest + 1)
        scene.note(f"it will die at {seam}, pass {passes}")
        scene.ended_under_way = True
        _start(scene, worker, f"{seam}:{passes}", {})
        scene.due[worker] = KILLED

    return Act(f"worker {worker} is started, to die at {seam}", do)


def _start(scene: Scene, worker: int, sabotage: str, settings: dict[str, str]) -> None:
    scene.start(worker, sabotage=sabotage, **settings)


def kill(worker: int = 0) -> Act:
    """SIGKILL a worker."""
    return Act(f"worker {worker} is killed", lambda scene: scene.kill(worker))


def send(what: signal.Signals, worker: int = 0) -> Act:
    """Send a signal to a worker."""
    return Act(f"worker {worker} gets {what.name}", lambda scene: scene.send(worker, what))


def disturbance(act: Act, measure: type[OutAgain | AllGoOn] = OutAgain) -> Act:
    """An act after which it is measured how long it takes until it is over."""

    def do(scene: Scene) -> None:
        act.do(scene)
        scene.disturbed(measure)

    return Act(act.what, do)


def feed(load: Load, seed_shift: int = 1) -> Act:
    """Feed another load at once."""
    return Act("more is fed", lambda scene: scene.feed(load.make(scene.seed + 1000 * seed_shift)))


def feed_part(first: float, last: float) -> Act:
    """Feed a share of the load, of a fault whose load is fed by steps."""

    def do(scene: Scene) -> None:
        count = len(scene.items)
        scene.feed(scene.items[round(first * count) : round(last * count)])

    return Act(f"the load is fed from {first:.0%} to {last:.0%}", do)


def feed_slowly(load: Load, per_second: int, seed_shift: int = 1) -> Act:
    """Feed another load at a steady rate, beside the next steps."""
    return Act(
        f"more is fed, {per_second} a second",
        lambda scene: scene.feed_slowly(load.make(scene.seed + 1000 * seed_shift), per_second),
    )


def together(*acts: Act) -> Act:
    """Several acts, one after the other."""

    def do(scene: Scene) -> None:
        for act in acts:
            act.do(scene)

    return Act(" and ".join(act.what for act in acts), do)


def close_chapter(*, again: bool = False) -> Act:
    """Judge what is done so far; `again` says that the same records are to come out once more."""
    return Act("what came out is judged", lambda scene: scene.close_chapter(again=again))
