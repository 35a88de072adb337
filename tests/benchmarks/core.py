"""A worker's stages in this process, called as the worker and its helper call them, without Kafka and sockets.

Messages between the two are encoded and decoded; frames go from the writer straight into the replica.
"""

from __future__ import annotations

import gc
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

import psutil
from msgspec.structs import replace
from tests.benchmarks.messages import Fetch, answered_reads, answered_written, asked_to_read, asked_to_write
from worker import collector
from worker.config import Settings
from worker.deduplicate import Batch, Replica, Rule, Writer
from worker.deduplicate.match import MATCHER
from worker.deduplicate.versions import to_write
from worker.events import Guard, Kind
from worker.stages import Raw, opening
from worker.stages.messages import Decided
from worker.topics import output_topics

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from worker.events import Verdict
    from worker.stages import Read

SETTINGS: Final = Settings.model_construct()
"""The defaults, whatever the environment says."""
AT_ONCE: Final = SETTINGS.worker.batch_records
"""Headlines of a full fetch."""
PARTITIONS: Final = SETTINGS.topics.raw_partitions
"""Of the raw topic; a fetch has as many headlines of each."""
MAX_FRAME_BYTES: Final = SETTINGS.topics.log_max_message_bytes // 2
RAW: Final = SETTINGS.topics.raw
STAGES: Final = ("read", "plan", "agree", "write", "wire")
"""read: decode, check, repair, match form, language, blocking keys. plan: frames of the log. agree: apply them, compare
with the window, read the verdicts off. write: topics, event, encoded record. wire: what the two processes tell each
other, encoded and decoded."""
_NEVER_WRITTEN: Final = -1
"""The number of all fetches of which nothing is written: the stages keep the last of them only."""
TOLD: Final = 1_000_000
"""Headlines of a fill that takes minutes, at which it says how far it is."""


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
        topics = SETTINGS.topics
        outputs = (*output_topics(topics), topics.duplicates)
        self.replica = replica(max_entries)
        self.stages = opening.Loaded.by(SETTINGS).stages(dict.fromkeys(outputs, topics.output_partitions))
        self.others_s = 0.0
        """Seconds of CPU that the others took."""
        self._writer = Writer(self.replica, MATCHER, max_frame_bytes=MAX_FRAME_BYTES, writer_id=1)
        self._others = others
        self._fetches = 0
        self._ends = [0] * PARTITIONS
        self._now_ms = 0
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
        """Take raw records into the window, and do nothing else with them.

        They are put in as corrections, which are originals whatever came before: they are listed and found as others
        are, and take as much memory, but nothing has to be compared.
        """
        began, filled = time.monotonic(), 0
        for part, read in self._reads(values):
            prints = [replace(each, guard=Guard.CORRECTION) for each in read.prints]
            frames = self._planned([replace(_batch(part, read), headlines=prints)])
            self._append(frames)
            self._show_others(frames)
            filled += len(prints)
            if filled % TOLD < len(prints):
                seconds = time.monotonic() - began
                print(f"  {filled:,} headlines in the window, {seconds:.0f} s", file=sys.stderr, flush=True)

    def read_only(self, values: Iterable[bytes]) -> None:
        """Read raw records, and forget them: what is left is that their words are known."""
        for _ in self._reads(values):
            pass

    def run(self, values: Sequence[bytes]) -> Spent:
        """Do with raw records all that a worker does, fetch by fetch, and count what it takes."""
        spent = Spent()
        for first in range(0, len(values), AT_ONCE):
            self.fetch(values[first : first + AT_ONCE], spent)
        return spent

    def fetch(self, values: Sequence[bytes], spent: Spent) -> Fetch:
        """Do all that a worker does with one fetch.

        Raises:
            ValueError: a record is no headline.
        """
        number, self._fetches = self._fetches, self._fetches + 1
        parts = self._spread(values)
        lap = _Laps(spent)
        asked = asked_to_read(number, parts)
        lap.ends("wire")
        answer = self.stages.read(*asked)
        lap.ends("read")
        reads = answered_reads(answer)
        lap.ends("wire")
        batches = _batches(parts, reads)
        frames = self._planned(batches)
        lap.ends("plan")
        verdicts = self._agreed(batches, frames)
        lap.ends("agree")
        self._show_others(frames)
        lap.begin()
        decided = [Decided.of(of_part) for of_part in verdicts]
        told = asked_to_write(number, decided)
        lap.ends("wire")
        records = self.stages.write(*told)
        lap.ends("write")
        written = answered_written(records)
        lap.ends("wire")
        kinds = [verdict.kind for of_part in verdicts for verdict in of_part]
        spent.headlines += len(kinds)
        spent.duplicates += kinds.count(Kind.DUPLICATE)
        return Fetch(number, parts, reads, frames, decided, written)

    def agree(self, fetch: Fetch) -> None:
        """Plan and apply the frames of a fetch that another core has read, and read the verdicts off."""
        batches = _batches(fetch.parts, fetch.reads)
        self._agreed(batches, self._planned(batches))

    # -- inside

    def _reads(self, values: Iterable[bytes]) -> Iterator[tuple[Raw, Read]]:
        """Of raw records, all of one partition, what is read of each fetch; nothing will be written of it."""
        left = iter(values)
        while of_fetch := list(islice(left, AT_ONCE)):
            part = Raw(RAW, 0, *self._next(0, len(of_fetch)), of_fetch)
            (read,) = self.stages.read(_NEVER_WRITTEN, [part])
            yield part, read

    def _spread(self, values: Sequence[bytes]) -> list[Raw]:
        """A fetch of all raw partitions, the values in turn."""
        parts = []
        for partition in range(min(PARTITIONS, len(values))):
            of_part = list(values[partition::PARTITIONS])
            parts.append(Raw(RAW, partition, *self._next(partition, len(of_part)), of_part))
        return parts

    def _next(self, partition: int, count: int) -> tuple[list[int], list[int]]:
        """Offsets and timestamps of the next records of a partition."""
        first, self._ends[partition] = self._ends[partition], self._ends[partition] + count
        # A headline a millisecond, by the log's clock too: the window is never the first to end.
        began, self._now_ms = self._now_ms, self._now_ms + count
        return list(range(first, first + count)), list(range(began, self._now_ms))

    def _planned(self, batches: Sequence[Batch]) -> list[bytes]:
        return [frame for batch in batches for frame in self._writer.plan(batch).frames]

    def _agreed(self, batches: Sequence[Batch], frames: Sequence[bytes]) -> list[list[Verdict]]:
        self._append(frames)
        return [self._verdicts(batch) for batch in batches]

    def _append(self, frames: Iterable[bytes]) -> None:
        for frame in frames:
            self.replica.apply(self.replica.next_offset, self._now_ms, frame)

    def _show_others(self, frames: Sequence[bytes]) -> None:
        started = time.process_time()
        for other in self._others:
            for frame in frames:
                other.apply(other.next_offset, self._now_ms, frame)
        self.others_s += time.process_time() - started

    def _verdicts(self, batch: Batch) -> list[Verdict]:
        ids = [headline.id for headline in batch.headlines]
        found = self.replica.verdicts(batch.topic, batch.partition, batch.offsets, ids)
        return [verdict for verdict in found if verdict is not None]


class _Laps:
    """Adds the CPU since the last lap's end to a stage."""

    def __init__(self, spent: Spent) -> None:
        self._seconds = spent.seconds
        self.begin()

    def begin(self) -> None:
        """Leave out what was since the last lap."""
        self._at = time.process_time()

    def ends(self, stage: str) -> None:
        """Count what was since the last lap."""
        before, self._at = self._at, time.process_time()
        self._seconds[stage] += self._at - before


def replica(max_entries: int) -> Replica:
    """An empty replica of a window of so many entries."""
    rule = Rule(
        version=to_write(MATCHER, SETTINGS.dedup.write_version),
        window_ms=round(SETTINGS.dedup.window_s * 1000),
        max_entries=max_entries,
    )
    return Replica(rule, SETTINGS.dedup.epoch, start=0, end=0, matcher=MATCHER)


@contextmanager
def collected_as_by_a_worker() -> Iterator[None]:
    """Let Python collect garbage as a worker and its helper do once all is loaded."""
    thresholds = gc.get_threshold()
    collector.run_seldom()
    collector.sweep()
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _batches(parts: Sequence[Raw], reads: Sequence[Read]) -> list[Batch]:
    return [_batch(part, read) for part, read in zip(parts, reads, strict=True)]


def _batch(part: Raw, read: Read) -> Batch:
    if read.rejected:
        row, why = read.rejected[0]
        raise ValueError(f"a record of the corpus is no headline: {part.values[row]!r}: {why.message}")
    keys = [each.keys for each in read.prints]
    return Batch(part.topic, part.partition, part.offsets, part.timestamps, read.prints, keys)
