"""Many histories in a row: how often they met each situation, and the first that breaks a promise."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.unit.deduplicate.model.draw import draw
from tests.unit.deduplicate.model.history import History, run, shrunk, small_tables
from tests.unit.deduplicate.model.promises import Broken, Promise
from tests.unit.deduplicate.model.situations import Situation


@dataclass
class Survey:
    """What histories came through: `times` in all, and in how many of them."""

    first: int
    count: int
    times: Counter[Situation] = field(default_factory=Counter)
    histories: Counter[Situation] = field(default_factory=Counter)
    seconds: float = 0.0
    broken: str | None = None
    """Of the first history that breaks a promise: which, its shortest form, and the command that repeats it."""

    def __str__(self) -> str:
        head = f"{self.count} histories from seed {self.first}: {self.count / self.seconds:.0f} a second of one core"
        return "\n".join(
            [head]
            + [
                f"{self.times[each]:9} times in {self.histories[each]:7} histories: {each.value}"
                for each in Situation
            ]
        )


def survey(first: int, count: int) -> Survey:
    """Runs the histories of `count` seeds, from `first` on; ends with the first that breaks a promise."""
    made = Survey(first, count)
    started = time.process_time()
    with small_tables():
        for seed in range(first, first + count):
            history = draw(seed)
            broken, seen = run(history)
            if broken:
                made.broken = _told(seed, history, broken)
                break
            made.times += seen
            made.histories.update((+seen).keys())
    made.seconds = time.process_time() - started
    return made


def histories_until(promise: Promise, first: int, most: int) -> int | None:
    """How many histories it takes until one breaks a promise; None if more than `most`."""
    with small_tables():
        for count in range(1, most + 1):
            if any(broken.promise is promise for broken in run(draw(first + count - 1))[0]):
                return count
    return None


def _told(seed: int, history: History, broken: Sequence[Broken]) -> str:
    promise = broken[0].promise
    least = shrunk(history, promise)
    how = "\n".join(f"  {each.how}" for each in run(least)[0] if each.promise is promise)
    return (
        f"the history of seed {seed} breaks: {promise.value}\n{how}\nIts shortest form:\n{least}\n"
        f"Again: python -m tests.unit.deduplicate.model {seed}"
    )
