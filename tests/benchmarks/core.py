"""A worker's stages in this process, without Kafka: frames go from the writer straight into the replica."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import psutil
from worker.deduplicate import Batch, Replica, Rule, Writer
from worker.deduplicate.match import MATCHER
from worker.events import Headline, Kind, Verdict
from worker.normalize import normalize
from worker.route.envelope import Labels, Origin, duplicate, routed
from worker.route.router import Router

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

BATCH = 2_000
"""Headlines that go through at a time, as a full fetch of the worker."""
WINDOW_MS = 21_600_000
MAX_FRAME_BYTES = 500_000
STAGES = ("normalize", "deduplicate", "route", "encode")


@dataclass
class Spent:
    """Seconds of CPU by stage, and of how many headlines."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    headlines: int = 0
    duplicates: int = 0

    def us(self, stage: str | None = None) -> float:
        """Microseconds a headline, of one stage or of all."""
        seconds = self.seconds[stage] if stage else sum(self.seconds.values())
        return seconds / self.headlines * 1e6


@dataclass(frozen=True)
class Held:
    """What is kept, since the core was made."""

    rss: int
    """Bytes of resident memory."""
    counted: int
    """Bytes by the replica's own count."""
    blocks: int
    """Blocks of Python's allocator: objects and their parts of up to 512 bytes."""


class Core:
    """The stages of one worker, whose log nobody else writes.

    Args:
        max_entries: of the window.
        others: replicas of other workers, which apply the same frames.
    """

    def __init__(self, max_entries: int, others: Sequence[Replica] = ()) -> None:
        self.replica = replica(max_entries)
        self._writer = Writer(self.replica, MATCHER, max_frame_bytes=MAX_FRAME_BYTES, writer_id=1)
        self._router = Router.load()
        self._labels = Labels("dedup", self._router.version, self._router.deep_version)
        self._others = others
        self.others_s = 0.0
        """Seconds of CPU that the others took."""
        self._read = 0
        self._began = Held(0, 0, 0)

    def begin(self) -> None:
        """Let `held` count from here on."""
        self._began = Held(0, 0, 0)
        self._began = self.held()

    def held(self) -> Held:
        """What is kept beyond what was there at `begin`."""
        gc.collect()
        began = self._began
        return Held(
            psutil.Process().memory_info().rss - began.rss,
            self.replica.memory_bytes - began.counted,
            sys.getallocatedblocks() - began.blocks,
        )

    def fill(self, values: Iterable[bytes]) -> None:
        """Take raw records in without routing them, which leaves nothing behind."""
        left = iter(values)
        while batch := list(islice(left, BATCH)):
            self._deduplicated(self._normalized(batch))

    def run(self, values: Sequence[bytes]) -> Spent:
        """Do with raw records all that a worker does, and count what it takes."""
        spent = Spent(headlines=len(values))
        clock = time.process_time
        for begin in range(0, len(values), BATCH):
            first = self._read
            at = [clock()]
            headlines = self._normalized(values[begin : begin + BATCH])
            at.append(clock())
            others_s = self.others_s
            verdicts = self._deduplicated(headlines)
            at.append(clock() - (self.others_s - others_s))
            behind = self.others_s - others_s
            fresh = [h for h, v in zip(headlines, verdicts, strict=True) if v.kind is not Kind.DUPLICATE]
            routes = iter(self._router.route([h.match for h in fresh], threshold=0.6, also_threshold=0.55))
            at.append(clock() - behind)
            for number, (headline, verdict) in enumerate(zip(headlines, verdicts, strict=True), first):
                origin = Origin("headlines.raw", 0, number, 1_767_952_801_204)
                if verdict.kind is Kind.DUPLICATE:
                    duplicate(headline, verdict, origin, self._labels)
                else:
                    routed(headline, verdict, next(routes), origin, self._labels)
            at.append(clock() - behind)
            for stage, started, ended in zip(STAGES, at, at[1:], strict=False):
                spent.seconds[stage] += ended - started
            spent.duplicates += len(headlines) - len(fresh)
        return spent

    def _normalized(self, values: Sequence[bytes]) -> list[Headline]:
        headlines = [found for found in map(normalize, values) if isinstance(found, Headline)]
        if len(headlines) != len(values):
            raise ValueError("a headline of the corpus is none; these are measured for the window")
        return headlines

    def _deduplicated(self, headlines: Sequence[Headline]) -> list[Verdict]:
        first, self._read = self._read, self._read + len(headlines)
        offsets = range(first, self._read)
        # A headline a millisecond by the log's clock: the window is never the first to end.
        now_ms = first
        plan = self._writer.plan(Batch("raw", 0, offsets, [now_ms] * len(headlines), headlines))
        for frame in plan.frames:
            at = self.replica.next_offset
            self.replica.apply(at, now_ms, frame)
            started = time.process_time()
            for other in self._others:
                other.apply(at, now_ms, frame)
            self.others_s += time.process_time() - started
        found = self.replica.verdicts("raw", 0, offsets, [headline.id for headline in headlines])
        return [verdict for verdict in found if verdict is not None]


def replica(max_entries: int) -> Replica:
    """An empty replica of a window of so many entries."""
    rule = Rule(version=MATCHER.version, window_ms=WINDOW_MS, max_entries=max_entries)
    return Replica(rule, 1, start=0, end=0, matcher=MATCHER)
