"""The parts of the roofline that need no Kafka: decode, hash, encode, append; and the worker's stages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
from aiokafka.producer.message_accumulator import BatchBuilder
from tests.benchmarks.core import AT_ONCE, Core, Spent
from tests.benchmarks.messages import Fetch, all_messages
from tests.benchmarks.peers import job
from worker.kafka.records import RecordBatch, encoded
from worker.route.envelope import Origin
from worker.stages.stages import partition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

WINDOW = 1_000_000
"""Most entries, as by default; the sample does not fill it."""
NOW_MS = 1_768_000_000_000
BATCH_BYTES = 768 * 1024
_PARTITIONS = 3


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Loop:
    """A way to do a part over the whole sample."""

    part: str
    name: str
    headlines: int
    run: Callable[[], object]
    prepare: Callable[[], object] = _nothing
    """Called before each run, and not measured."""
    close: Callable[[], object] = _nothing


class RawEvent(msgspec.Struct):
    """A raw headline with a type for each field."""

    id: str
    source: str
    headline: str


@dataclass(frozen=True)
class Sample:
    """Headlines, and what they become on the way."""

    records: Sequence[job.Record]
    lanes: Sequence[tuple[str, int, Sequence[job.Output]]]
    """Topic, partition and outputs of each record batch, in the order in which they leave."""
    frames: Sequence[Sequence[bytes]]
    """Of the fingerprint log, those of each fetch."""

    @classmethod
    def of(cls, events: Iterable[tuple[bytes, bytes]]) -> Sample:
        """Run the stages over raw events."""
        records = [
            job.Record(key, value, Origin("headlines.raw", number % 6, number, NOW_MS + number))
            for number, (key, value) in enumerate(events)
        ]
        sample = cls(records, list(_lanes(records)), ())
        return replace(sample, frames=[fetch.frames for fetch in sample.fetches()])

    def fetches(self, at_once: int = AT_ONCE, most: int | None = None) -> list[Fetch]:
        """What a worker makes of the headlines, or of the first ones, with so many a fetch."""
        core, spent = Core(WINDOW), Spent()
        values = [record.value or b"" for record in self.records[:most]]
        return [core.fetch(values[at : at + at_once], spent) for at in range(0, len(values), at_once)]


def without_kafka(sample: Sample) -> list[Loop]:
    """Decode, hash, encode, append: each in the ways that are known."""
    size = len(sample.records)
    values = [record.value or b"" for record in sample.records]
    keys = [record.key or b"" for record in sample.records]
    outputs = list(chain.from_iterable(lane for *_, lane in sample.lanes))
    events: list[dict[str, Any]] = [orjson.loads(output.value) for output in outputs]
    typed = msgspec.json.Decoder(RawEvent)
    encoder = msgspec.json.Encoder()
    records = [[_record(output) for output in lane] for *_, lane in sample.lanes]
    return [
        Loop("decode", "orjson.loads of the raw event", size, lambda: _each(orjson.loads, values)),
        Loop("decode", "msgspec, into a typed struct", size, lambda: _each(typed.decode, values)),
        Loop("hash", "blake2b, 16 bytes, of id and raw bytes", size, lambda: _hash(keys, values)),
        Loop("encode", "orjson.dumps of the output", size, lambda: _each(orjson.dumps, events)),
        Loop("encode", "msgspec of the output", size, lambda: _each(encoder.encode, events)),
        Loop("append", "aiokafka's builder, compiled; checksum in send", size, lambda: _append(sample)),
        Loop("append", "newswire's, records encoded from parts", size, lambda: _encode_and_join(sample)),
        Loop("append", "newswire's, records encoded beforehand", size, lambda: _join(records)),
    ]


def stages(sample: Sample) -> list[Loop]:
    """Newswire's own work: its stages and what they tell each other with so many headlines a call; and the window."""
    found = []
    for at_once in (1, 100, AT_ONCE):
        size = min(len(sample.records), 5_000 if at_once == 1 else 50_000)
        fetches = sample.fetches(at_once, size)
        run = partial(_read_and_write, Core(WINDOW), fetches)
        found.append(Loop("stages", f"read, write: {at_once:,} a call", size, run))
        run = partial(_each, all_messages, fetches)
        found.append(Loop("wire", f"to the helper and back: {at_once:,} a call", size, run))
    window = _Window(fetches)
    found.append(
        Loop("window", f"plan, apply, verdicts: {at_once:,} a fetch", size, window.fill, window.empty)
    )
    return found


def _each(function: Callable[[Any], object], values: Sequence[Any]) -> None:
    for value in values:
        function(value)


def _hash(keys: Sequence[bytes], values: Sequence[bytes]) -> None:
    for key, value in zip(keys, values, strict=True):
        blake2b(key + b"\0" + value, digest_size=16).hexdigest()


def batch_of(lane: Sequence[job.Output]) -> BatchBuilder:
    """A record batch as aiokafka's own producer builds it."""
    batch = BatchBuilder(BATCH_BYTES, 0)
    for output in lane:
        batch.append(timestamp=None, key=output.key, value=output.value, headers=output.headers)
    return batch


def _append(sample: Sample) -> None:
    for *_, lane in sample.lanes:
        batch_of(lane)


def _encode_and_join(sample: Sample) -> None:
    _join([[_record(output) for output in lane] for *_, lane in sample.lanes])


def _join(lanes: Sequence[Sequence[bytes]]) -> None:
    for lane in lanes:
        RecordBatch(lane)._build()


def _record(output: job.Output) -> bytes:
    return encoded(output.key, output.value, output.headers)


def _read_and_write(core: Core, fetches: Iterable[Fetch]) -> None:
    for fetch in fetches:
        core.stages.read(fetch.number, fetch.parts)
        core.stages.write(fetch.number, fetch.decided)


def _lanes(records: Sequence[job.Record]) -> Iterator[tuple[str, int, Sequence[job.Output]]]:
    seen: dict[str, str] = {}
    for first in range(0, len(records), AT_ONCE):
        lanes: defaultdict[tuple[str, int], list[job.Output]] = defaultdict(list)
        for output in job.outputs(records[first : first + AT_ONCE], seen):
            partition = (
                0 if output.topic == job.DEADLETTER else partition_of(output.key.decode(), _PARTITIONS)
            )
            lanes[output.topic, partition].append(output)
        for (topic, partition), lane in lanes.items():
            yield topic, partition, lane


class _Window:
    """An empty window, and what fetches do to it."""

    def __init__(self, fetches: Sequence[Fetch]) -> None:
        self._fetches = fetches
        self.empty()

    def empty(self) -> None:
        """Begin again."""
        self._core = Core(WINDOW)

    def fill(self) -> None:
        """Plan and apply the frames of each fetch, and read its verdicts off."""
        for fetch in self._fetches:
            self._core.agree(fetch)
