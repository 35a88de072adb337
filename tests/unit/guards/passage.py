"""What a worker does with one fetch after the other, step by step, with a log that nobody else writes. No Kafka."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aiokafka.structs import TopicPartition
from worker.config import Settings
from worker.deduplicate import Batch, Replica, Rule, Writer
from worker.deduplicate.match import MATCHER
from worker.mediatopics import STREAMS
from worker.metrics import Metrics
from worker.outbox import Outbox
from worker.pipeline import DeadLetters, Pipeline
from worker.stages import Raw, opening
from worker.stages.messages import Decided
from worker.transport import batch as transport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from worker.deduplicate import Plan
    from worker.events import Verdict
    from worker.stages import Read, Written

SETTINGS = Settings()
RAW, PARTITIONS = "headlines.raw", 6
TO = {f"news.{slug}": 3 for slug in STREAMS} | {"headlines.duplicates": 3, "headlines.deadletter": 1}
"""Partitions of each output topic."""
MAX_FRAME_BYTES = 500_000
FETCH_MS = 50
"""Between two fetches, by the log's clock."""
BEGIN_MS = 1_767_952_801_204


class Passage:
    """The stages, the writer and the replica of one worker."""

    def __init__(self) -> None:
        self.stages = opening.Loaded.by(SETTINGS).stages(TO)
        rule = Rule(MATCHER.version, round(SETTINGS.dedup.window_s * 1000), SETTINGS.dedup.max_entries)
        self.replica = Replica(rule, 1, start=0, end=0, matcher=MATCHER)
        self.writer = Writer(self.replica, MATCHER, max_frame_bytes=MAX_FRAME_BYTES, writer_id=1)
        self.fetch = 0
        self._offset = 0

    def parts(self, values: Sequence[bytes]) -> list[Raw]:
        """The next fetch, spread over the partitions as far as it goes."""
        self.fetch += 1
        each = -(-len(values) // PARTITIONS)
        of_partitions = [list(values[first : first + each]) for first in range(0, len(values), each)]
        parts = [
            Raw(
                RAW,
                partition,
                [self._offset + row for row in range(len(mine))],
                [self._now_ms] * len(mine),
                mine,
            )
            for partition, mine in enumerate(of_partitions)
        ]
        self._offset += each
        return parts

    def read(self, parts: Sequence[Raw]) -> list[Read]:
        """Normalize, and compute blocking keys."""
        return self.stages.read(self.fetch, parts)

    @staticmethod
    def batches(parts: Sequence[Raw], reads: Sequence[Read]) -> list[Batch]:
        """What de-duplication is given; none of the headlines is rejected."""
        return [
            Batch(
                part.topic,
                part.partition,
                part.offsets,
                part.timestamps,
                read.prints,
                [each.keys for each in read.prints],
            )
            for part, read in zip(parts, reads, strict=True)
        ]

    def plan(self, batches: Sequence[Batch]) -> list[Plan]:
        """The frames that tell the log of a fetch."""
        return list(map(self.writer.plan, batches))

    def agree(self, batches: Sequence[Batch], plans: Sequence[Plan]) -> list[list[Verdict]]:
        """Apply the frames, and read off the verdicts."""
        for plan in plans:
            for frame in plan.frames:
                self.replica.apply(self.replica.next_offset, self._now_ms, frame)
        found = [
            self.replica.verdicts(
                each.topic, each.partition, each.offsets, [one.id for one in each.headlines]
            )
            for each in batches
        ]
        return [[verdict for verdict in of_part if verdict is not None] for of_part in found]

    def write(self, verdicts: Sequence[Sequence[Verdict]]) -> Written:
        """Route, and encode."""
        return self.stages.write(self.fetch, list(map(Decided.of, verdicts)))

    def whole(self, values: Sequence[bytes]) -> Written:
        """All of it."""
        parts = self.parts(values)
        batches = self.batches(parts, self.read(parts))
        return self.write(self.agree(batches, self.plan(batches)))

    @property
    def _now_ms(self) -> int:
        return BEGIN_MS + FETCH_MS * self.fetch


class Handing:
    """The pipeline and the outbox around what has been computed before: how a fetch is handed from one to the next.

    It ends at a producer that confirms at once, and counts what it is given.
    """

    def __init__(
        self, parts: Sequence[Raw], reads: list[Read], verdicts: list[list[Verdict]], written: Written
    ) -> None:
        self.record_batches = 0
        self.done = 0
        self._reads, self._verdicts, self._written = reads, verdicts, written
        self._batches = [
            transport.Batch(TopicPartition(part.topic, part.partition), _records(part), None, self._finish)
            for part in parts
        ]

    def run(self) -> None:
        """From fetched records to a fetch whose every output is confirmed."""
        asyncio.run(self._run())
        assert self.done == len(self._batches)

    async def _run(self) -> None:
        self._all_done = asyncio.Event()
        outbox = Outbox(self, patience_s=60, on_failure=self._failed)
        pipeline = Pipeline(
            stages=self,
            agreement=self,
            outbox=outbox,
            dead_letters=DeadLetters("headlines.deadletter", 1_000_000, outbox),
            mark_duplicates=False,
            metrics=Metrics(),
            on_done=self._all_done.set,
        )
        work = await pipeline.deduplicate(pipeline.normalize(self._batches))
        await pipeline.send(await pipeline.route(work))
        async with asyncio.timeout(60):
            await self._all_done.wait()
        await outbox.stop()

    # -- the stages, and the log

    def read(self, fetch: int, parts: Sequence[Raw]) -> Awaitable[list[Read]]:
        return _known(self._reads)

    def write(self, fetch: int, decided: Sequence[Decided]) -> Awaitable[Written]:
        return _known(self._written)

    async def submit(self, batches: Sequence[Batch]) -> list[Awaitable[list[Verdict]]]:
        return list(map(_known, self._verdicts))

    # -- the producer, and its client

    @property
    def client(self) -> Any:
        return SimpleNamespace(cluster=self)

    def partitions_for_topic(self, topic: str) -> set[int]:
        return set(range(TO[topic]))

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        self.record_batches += 1
        return _known(SimpleNamespace(offset=0))

    def _finish(self, delivery: object) -> bool:
        self.done += 1
        return True

    @staticmethod
    def _failed(error: Exception) -> None:
        raise error


def _records(part: Raw) -> list[SimpleNamespace]:
    columns = zip(part.offsets, part.timestamps, part.values, strict=True)
    return [
        SimpleNamespace(offset=at, timestamp=ms, key=b"k", value=value, headers=())
        for at, ms, value in columns
    ]


def _known(answer: Any) -> asyncio.Future[Any]:
    future = asyncio.get_running_loop().create_future()
    future.set_result(answer)
    return future
