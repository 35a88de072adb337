"""Histories: run to their end, and cut down to the steps that break a promise."""

import gc
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import NamedTuple
from unittest.mock import patch

from tests.unit.deduplicate.model import reference
from tests.unit.deduplicate.model.cluster import Cluster, Settings
from tests.unit.deduplicate.model.operations import OPERATIONS
from tests.unit.deduplicate.model.promises import Broken, Promise
from tests.unit.deduplicate.model.situations import Situation
from worker.deduplicate import frame, identities, postings

Step = tuple[str, *tuple[int, ...]]
"""An operation's name, and its arguments."""

SLOT_BITS = 8
"""Of the small table of posting lists."""
BLOCK = 4
"""Raw offsets in a small block of identities."""


class History(NamedTuple):
    """Where a history begins, and what happens in it, step by step."""

    settings: Settings
    steps: Sequence[Step]

    def __str__(self) -> str:
        return "\n".join([repr(self.settings), *map(repr, self.steps)])


def run(history: History) -> tuple[list[Broken], Counter[Situation]]:
    """Runs a history to its end: what it broke, and what it came through."""
    cluster = Cluster(history.settings)
    try:
        for name, *arguments in history.steps:
            OPERATIONS[name](cluster, *arguments)
        cluster.finish()
        cluster.check()
    except Exception as error:  # noqa: BLE001 - no worker may end, for whatever reason
        cluster.broken.append(Broken(Promise.ENDED, f"{type(error).__name__}: {error}"))
    cluster.workers.clear()  # they know the cluster: so it is freed at once, and no collector is needed
    return cluster.broken, cluster.seen


def shrunk(history: History, promise: Promise) -> History:
    """A shorter history that breaks the same promise: no step of it can be left out.

    Delta debugging (Zeller and Hildebrandt, 2002): leave out ever smaller pieces, as long as it breaks.
    """
    steps, size = list(history.steps), len(history.steps)
    while size:
        at, before = 0, len(steps)
        while at < len(steps):
            fewer = steps[:at] + steps[at + size :]
            if breaks(history._replace(steps=fewer), promise):
                steps = fewer
            else:
                at += size
        if len(steps) == before or size > 1:
            size //= 2
    return history._replace(steps=steps)


def breaks(history: History, promise: Promise) -> bool:
    """Whether a history breaks a promise."""
    return any(broken.promise is promise for broken in run(history)[0])


@contextmanager
def small_tables() -> Iterator[None]:
    """Makes histories quick, and lets the few records of one fill more than a block and share lists of other keys.

    A replica's table of posting lists and its blocks of identities are small, and a frame is parsed once for all.
    """
    with (
        patch.object(postings, "_SLOT_BITS", SLOT_BITS),
        patch.object(reference, "SLOT_BITS", SLOT_BITS),
        patch.multiple(identities, BLOCK=BLOCK, _EMPTY=array("q", [identities.NONE] * (BLOCK + 1))),
        patch.object(frame, "decode", lru_cache(1024)(frame.decode)),
    ):
        gc.disable()
        try:
            yield
        finally:
            gc.enable()
