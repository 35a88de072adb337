"""The parts of the roofline that need no Kafka: decode, hash, encode, append; and the pure stages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from itertools import chain
from typing import TYPE_CHECKING, Any

import msgspec
import orjson
from aiokafka.producer.message_accumulator import BatchBuilder
from tests.benchmarks.peers import job
from worker.deduplicate import Batch, Replica, Rule, Writer
from worker.deduplicate.match import MATCHER
from worker.events import Headline
from worker.kafka.records import RecordBatch, encoded
from worker.normalize import normalize
from worker.route.envelope import Origin
from worker.stages.stages import partition_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

AT_ONCE = 2_000
"""Headlines of one fetch: their outputs leave together."""
FRAME_ENTRIES = 500
"""Headlines of one frame of the fingerprint log: what one raw partition gives of a fetch, or a little more."""
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
    frames: Sequence[bytes]
    """Of the fingerprint log, `FRAME_ENTRIES` headlines each."""

    @classmethod
    def of(cls, events: Iterable[tuple[bytes, bytes]]) -> Sample:
        """Run the pure stages over raw events."""
        records = [
            job.Record(key, value, Origin("headlines.raw", number % 6, number, NOW_MS + number))
            for number, (key, value) in enumerate(events)
        ]
        return cls(records, list(_lanes(records)), _Window(records).fill())


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
    """Newswire's own work: the pure stages with so many headlines a call, and the fingerprints'."""
    found = []
    for at_once in (1, 100, 1_000):
        size = min(len(sample.records), 5_000 if at_once == 1 else 50_000)
        run = partial(_stages, sample, at_once, size)
        found.append(Loop("stages", f"normalize, exact, route, encode: {at_once:,} a call", size, run))
    window = _Window(sample.records)
    size = len(sample.records)
    found.append(Loop("window", "plan, apply, verdicts: 500 a call", size, window.fill, prepare=window.empty))
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


def _stages(sample: Sample, at_once: int, size: int) -> None:
    seen: dict[str, str] = {}
    for first in range(0, size, at_once):
        job.outputs(sample.records[first : first + at_once], seen)


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
    """Headlines in batches of one frame through the fingerprints' writer and replica, without Kafka between."""

    def __init__(self, records: Sequence[job.Record]) -> None:
        found = (normalize(record.value) for record in records)
        self._headlines = [headline for headline in found if isinstance(headline, Headline)]
        self.empty()

    def empty(self) -> None:
        """Begin again with an empty window."""
        rule = Rule(version=MATCHER.version, window_ms=21_600_000, max_entries=1_000_000)
        self._replica = Replica(rule, 1, start=0, end=0, matcher=MATCHER)
        self._writer = Writer(self._replica, MATCHER, max_frame_bytes=500_000, writer_id=1)

    def fill(self) -> list[bytes]:
        """Plan, apply, and read the verdicts off, of all headlines; the frames."""
        frames: list[bytes] = []
        for first in range(0, len(self._headlines), FRAME_ENTRIES):
            few = self._headlines[first : first + FRAME_ENTRIES]
            offsets = range(first, first + len(few))
            for frame in self._writer.plan(Batch("raw", 0, offsets, [NOW_MS] * len(few), few)).frames:
                self._replica.apply(len(frames), NOW_MS, frame)
                frames.append(frame)
            self._replica.verdicts("raw", 0, offsets, [headline.id for headline in few])
        return frames
