"""What workers on machines of their own would do: a simulation by the event, of parts that were measured on this one.

Each worker has a core, and its helper another one or none. They do one piece of work after the other, in the order in
which it comes. A worker reads a fetch, appends its frames to the log, and writes it when it has applied them; what any
worker appends, all of them apply. The log's one partition takes one frame after the other, and gives it to all when
it has been confirmed.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.benchmarks.core import AT_ONCE, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable

IN_FLIGHT = SETTINGS.worker.in_flight_batches
"""Fetches that a worker has under way at most."""
FETCHES = 40
"""Of each worker that are waited for; as many before them do not count."""


@dataclass(frozen=True)
class Parts:
    """What a headline costs, in microseconds of CPU."""

    read_us: float
    write_us: float
    """Both on the helper's core, where there is one."""
    own_us: float
    """Of whoever reads it, beside these two and applying its entry: half before the append, half behind the verdict."""
    apply_us: float
    """Of every worker: its entry is put into the replica and compared with the window."""
    log_us: float
    """Of the log's one partition: the time that it takes to append the entry."""
    log_ms: float
    """From the append to the moment when a worker has it back, with nothing before it."""


@dataclass(frozen=True)
class Cluster:
    """What so many workers did."""

    workers: int
    rate: float
    """Headlines a second of all of them."""
    worker_busy: float
    helper_busy: float
    """Share of time that such a process worked, the mean of all."""


def simulated(parts: Parts, workers: int, *, helpers: bool) -> Cluster:
    """Let workers with more to read than they can do work on, and count what they do once all are at it."""
    run = _Run(parts, workers, helpers=helpers)
    return run.until(2 * FETCHES * workers)


class _Server:
    """Does one piece of work after the other."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._free_at = 0.0
        self._taken_s = 0.0

    @property
    def busy_s(self) -> float:
        """How long it has worked until now."""
        return self._taken_s - max(0.0, self._free_at - self._run.now)

    def do(self, us: float, then: Callable[[], None] | None, wait_ms: float = 0.0) -> None:
        """Do work of so many microseconds for each headline of a fetch; `then` follows, if anything, so much later."""
        seconds = us * AT_ONCE / 1e6
        self._taken_s += seconds
        self._free_at = max(self._run.now, self._free_at) + seconds
        if then is not None:
            self._run.at(self._free_at + wait_ms / 1e3, then)


@dataclass
class _Worker:
    core: _Server
    helper: _Server


@dataclass
class _Run:
    parts: Parts
    count: int
    helpers: bool
    now: float = 0.0
    _done: int = 0
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _number: int = 0

    def __post_init__(self) -> None:
        self._log = _Server(self)
        self._workers = []
        for _ in range(self.count):
            core = _Server(self)
            self._workers.append(_Worker(core, _Server(self) if self.helpers else core))

    def at(self, time: float, then: Callable[[], None]) -> None:
        """Let something happen at a time; of two at the same, the one that was said first."""
        self._number += 1
        heapq.heappush(self._events, (time, self._number, then))

    def until(self, fetches: int) -> Cluster:
        """Run until so many fetches are done; the second half counts."""
        for worker in self._workers:
            for _ in range(IN_FLIGHT):
                self._fetch(worker)
        self._pass(fetches // 2)
        began, done, busy = self.now, self._done, self._busy()
        self._pass(fetches)
        seconds = self.now - began
        shares = [
            (after - before) / seconds / self.count for before, after in zip(busy, self._busy(), strict=True)
        ]
        return Cluster(self.count, (self._done - done) * AT_ONCE / seconds, *shares)

    def _pass(self, done: int) -> None:
        while self._done < done:
            self.now, _, then = heapq.heappop(self._events)
            then()

    def _busy(self) -> tuple[float, float]:
        cores = sum(worker.core.busy_s for worker in self._workers)
        return cores, sum(worker.helper.busy_s for worker in self._workers) if self.helpers else 0.0

    def _fetch(self, worker: _Worker) -> None:
        """Everything that becomes of one fetch, step by step."""
        parts = self.parts

        def planned() -> None:
            worker.core.do(parts.own_us / 2, appended)

        def appended() -> None:
            self._log.do(parts.log_us, confirmed, parts.log_ms)

        def confirmed() -> None:
            for each in self._workers:
                each.core.do(parts.apply_us, agreed if each is worker else None)

        def agreed() -> None:
            worker.helper.do(parts.write_us, sent)

        def sent() -> None:
            worker.core.do(parts.own_us / 2, done)

        def done() -> None:
            self._done += 1
            self._fetch(worker)

        worker.helper.do(parts.read_us, planned)
