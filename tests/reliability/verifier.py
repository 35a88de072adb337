"""The judge: what should have come out of headlines.raw, and what did.

It shares no code with the worker, nor with the tests that look into one: it knows the topics and the events as the
README tells them, the log as `log_entries.py` reads it, and reads with confluent-kafka. The truth about a raw record
stands in its header `truth`, put there by whoever made it: `single`, `group NAME` (says the same as every other of the
group), `update NAME` (a new fact beside `single NAME`: both must come out), `poison REASON`, `any` (garbage of which
only is known that it has one outcome).
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, TopicPartition

from .log_entries import entries_of
from .report import Report

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from .log_entries import Entry

TRUTH = "truth"

Position = tuple[int, int]
"""Partition and offset of a raw record."""


class Topics(NamedTuple):
    """The names of what is judged, and of the log."""

    raw: str
    fingerprints: str
    duplicates: str
    deadletter: str
    output_prefix: str


class Record(NamedTuple):
    """A record as Kafka holds it; `time_ms` is its Kafka timestamp."""

    topic: str
    partition: int
    offset: int
    time_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    def header(self, name: str) -> str | None:
        """The last header of a name, as text."""
        found = [value for key, value in self.headers if key == name]
        return found[-1].decode() if found and found[-1] is not None else None

    @property
    def place(self) -> str:
        return f"{self.topic}-{self.partition}@{self.offset}"


class Saying(NamedTuple):
    """What a record that came out says: all of it has to be the same at each repeat."""

    topic: str
    partition: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


def verify(
    raw: Sequence[Record],
    out: Sequence[Record],
    log: Sequence[Record],
    topics: Topics,
    *,
    skipped: Collection[Position] = (),
    counted: Mapping[str, int] | None = None,
    window_ms: int | None = None,
    cuts: Sequence[Mapping[int, range]] = (),
) -> Report:
    """Judge what came out.

    Args:
        raw: all of headlines.raw, each with its truth.
        out: all of the output topics, each partition in its order.
        log: all of headlines.fingerprints.
        topics: their names.
        skipped: raw positions that an operator or retention has passed over.
        counted: newswire_records_total by outcome, summed over the workers, where none ended under way.
        window_ms: how far apart the raw times of a headline and its duplicate may lie; without it everything is
            within one window.
        cuts: the raw offsets that were there and not committed, by partition, each time that a worker died or was cut
            off: each time they may have come out once more.
    """
    report = Report(positions=len(raw))
    by_position = {(record.partition, record.offset): record for record in raw}
    sayings, times, contradicted = _sayings(out, by_position, topics, report)
    for position, count in times.items():
        excused = sum(position[1] in cut.get(position[0], ()) for cut in cuts)
        if count - 1 > excused:
            report.unexcused.append(
                f"{by_position[position].place} came {count} times, {excused} times excused"
            )
    for position, record in by_position.items():
        if position not in sayings and position not in skipped:
            report.lost.append(record.place)
    outcomes = {position: _outcome(saying.topic, topics) for position, saying in sayings.items()}
    entries, void = entries_of(log, topics.raw)
    headlines = [position for position, outcome in outcomes.items() if outcome != "dead_letter"]
    report.unlogged = [by_position[position].place for position in headlines if position not in entries]
    report.late = [by_position[each].place for each in headlines if each in entries and entries[each].late]
    report.void = [by_position[position].place for position in headlines if position in void]
    for name, members in _groups(by_position, window_ms):
        _judge_group(name, members, outcomes, report, entries, skipped)
    _judge_reference(sayings, outcomes, by_position, report)
    _judge_order(out, topics, report, contradicted)
    names = ("routed", "duplicate", "dead_letter")
    report.outcomes = {name: sum(each == name for each in outcomes.values()) for name in names}
    report.outcomes["skipped"] = len(set(skipped) - sayings.keys())
    if counted is not None:
        for name, count in report.outcomes.items():
            if counted.get(name, 0) != count:
                report.unbalanced.append(f"{name}: {count} positions, counted {counted.get(name, 0)}")
    return report


def _sayings(
    out: Iterable[Record], raw: Mapping[Position, Record], topics: Topics, report: Report
) -> tuple[dict[Position, Saying], Counter[Position], set[Position]]:
    """What was said of each raw position, how often, and the positions of which two things were said.

    Of two things the one counts by which a headline came out. Repeats that differ, and what fits no raw record, are
    noted.
    """
    said: dict[Position, Saying] = {}
    times: Counter[Position] = Counter()
    contradicted: set[Position] = set()
    by_id: dict[str, Position] = {}
    for record in out:
        try:
            position = _position(record, topics)
            source = raw[position]
            _compare(record, source, topics)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            report.foreign.append(f"{record.place}: {error!r}")
            continue
        saying = Saying(record.topic, record.partition, record.key, record.value, record.headers)
        times[position] += 1
        first = said.setdefault(position, saying)
        if first is not saying:
            report.copies.append(record.place)
            if first != saying:
                report.unstable.append(f"{source.place} says {first.value!r} and {saying.value!r}")
                contradicted.add(position)
                if _outcome(first.topic, topics) != "routed":
                    said[position] = saying
        identity = record.header("ce_id")
        if identity is not None and by_id.setdefault(identity, position) != position:
            report.unstable.append(f"id {identity} stands for {by_id[identity]} and for {position}")
    return said, times, contradicted


def _outcome(topic: str, topics: Topics) -> str:
    return {topics.duplicates: "duplicate", topics.deadletter: "dead_letter"}.get(topic, "routed")


def _position(record: Record, topics: Topics) -> Position:
    if record.topic == topics.deadletter:
        source = record.header("newswire.topic")
        position = int(record.header("newswire.partition")), int(record.header("newswire.offset"))
    else:
        told = json.loads(record.value)["position"]
        source, position = told["topic"], (told["partition"], told["offset"])
    if source != topics.raw:
        raise ValueError(f"comes from {source}")
    return position


def _compare(record: Record, source: Record, topics: Topics) -> None:
    """Raise ValueError where an output does not say what its raw record says."""
    kind, _, detail = (source.header(TRUTH) or "").partition(" ")
    outcome = _outcome(record.topic, topics)
    if kind != "any" and (kind == "poison") != (outcome == "dead_letter"):
        raise ValueError(f"{source.place} is {kind} and came out as {outcome}")
    if outcome == "dead_letter":
        if kind == "poison" and record.header("newswire.reason") != detail:
            raise ValueError(f"{source.place}: {record.header('newswire.reason')} is not {detail}")
        if (record.key, record.value) != (source.key, source.value):
            raise ValueError(f"{source.place}: a dead letter with other bytes")
        return
    event, given = json.loads(record.value), json.loads(source.value)
    if event["event_id"] != given["id"] or event["source"] != given["source"]:
        raise ValueError(f"{source.place}: an event of {event['event_id']}, not of {given['id']}")
    if not event["id"] == record.key.decode() == record.header("ce_id"):
        raise ValueError(f"{event['id']}, key {record.key!r} and ce_id differ")
    if round(datetime.fromisoformat(event["ingested_at"]).timestamp() * 1000) != source.time_ms:
        raise ValueError(f"{source.place}: ingested_at is {event['ingested_at']}, not its Kafka time")
    if outcome == "duplicate" and event["verdict"] != "duplicate":
        raise ValueError(f"{record.place}: {event['verdict']} among the duplicates")
    if outcome == "duplicate" and not event["duplicate_of"]:
        raise ValueError(f"{record.place}: a duplicate of nothing")


def _groups(raw: Mapping[Position, Record], window_ms: int | None) -> Iterator[tuple[str, list[Record]]]:
    """Raw records of which one has to come out, those that say the same by their Kafka time.

    Where a group pauses for longer than the window, what follows is a group of its own.
    """
    groups: defaultdict[str, list[Record]] = defaultdict(list)
    for record in raw.values():
        truth = record.header(TRUTH)
        if truth is None:
            raise ValueError(f"{record.place} has no truth")
        kind = truth.partition(" ")[0]
        if kind not in {"poison", "any"}:
            groups[truth if kind == "group" else f"{kind} {record.place}"].append(record)
    for name, members in groups.items():
        members.sort(key=lambda record: record.time_ms)
        first = 0
        for index in range(1, len(members) + 1):
            if index < len(members) and (
                window_ms is None or members[index].time_ms - members[index - 1].time_ms <= window_ms
            ):
                continue
            yield name, members[first:index]
            first = index


def _judge_group(
    name: str,
    members: Sequence[Record],
    outcomes: Mapping[Position, str],
    report: Report,
    entries: Mapping[Position, Entry],
    skipped: Collection[Position],
) -> None:
    records = {(record.partition, record.offset): record for record in members}
    positions = list(records)
    came = [position for position in positions if outcomes.get(position) == "routed"]
    said = [position for position in positions if position in outcomes]
    # Where some of a group is lost, or passed over, that is what is wrong.
    if said and not came and len(said) == len(set(positions) - set(skipped)):
        report.false_drop.append(name)
    if len(came) < 2:
        return
    for position in came:
        own, at_ms = entries.get(position), records[position].time_ms
        place = f"{name}: {records[position].place}"
        if own is None:  # nobody knows which was first
            report.leaked.append(place)
            continue
        before = [
            other
            for other in positions
            if other in entries and entries[other].place < own.place and not entries[other].ahead
        ]
        within = any(
            own.time_ms - entries[other].time_ms <= own.window_ms
            and abs(at_ms - records[other].time_ms) <= own.window_ms
            for other in before
        )
        if before and not own.late:
            (report.leaked if within else report.apart).append(place)


def _judge_reference(
    sayings: Mapping[Position, Saying],
    outcomes: Mapping[Position, str],
    raw: Mapping[Position, Record],
    report: Report,
) -> None:
    """A duplicate is one of its own group, and an update one of what says the same but for its fact."""
    truths = {position: raw[position].header(TRUTH) or "" for position in sayings}
    events = {
        position: json.loads(saying.value)
        for position, saying in sayings.items()
        if outcomes[position] != "dead_letter" and truths[position] != "any"
    }
    names = {event["id"]: truths[position].partition(" ")[2] for position, event in events.items()}
    for position, event in events.items():
        own = truths[position].partition(" ")[2]
        for kind in ("duplicate_of", "update_of"):
            of = event.get(kind)
            if of is not None and not (own and names.get(of) == own):
                place = f"{raw[position].place}, {truths[position]}"
                report.foreign.append(f"{place}: {kind} {of}, which is {names.get(of)}")


def _judge_order(
    out: Iterable[Record], topics: Topics, report: Report, contradicted: Collection[Position]
) -> None:
    latest: dict[tuple[str, int, int], int] = {}
    # Of what was said twice, in two streams, it is not known which came first; it is wrong as it is.
    seen: set[Position] = set(contradicted)
    for record in out:
        try:
            position = _position(record, topics)
        except (KeyError, TypeError, ValueError):
            continue  # foreign, and noted as such
        if position in seen:
            continue
        seen.add(position)
        way = (record.topic, record.partition, position[0])
        if position[1] < latest.get(way, -1):
            report.disordered.append(f"{record.place} is {position}, after offset {latest[way]}")
        latest[way] = max(latest.get(way, -1), position[1])


def read(bootstrap_servers: str, topics: Collection[str], *, deadline_s: float = 120) -> list[Record]:
    """Everything that topics hold from their beginnings to their present ends, each partition in its order.

    Raises:
        KafkaException: Kafka does not hand it out.
        LookupError: a topic does not exist.
        TimeoutError: not within the deadline.
    """
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "verifier",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": 8_000_000,
            "log_level": 0,
        }
    )
    deadline = time.monotonic() + deadline_s
    try:
        ends = _ends(consumer, topics, deadline_s)
        consumer.assign([TopicPartition(*tp, OFFSET_BEGINNING) for tp in ends])
        records: list[Record] = []
        while ends:
            if time.monotonic() > deadline:
                raise TimeoutError(f"not read to the end within {deadline_s} s: {ends}")
            for message in consumer.consume(5000, timeout=0.1):
                if message.error():
                    raise KafkaException(message.error())
                records.append(_record(message))
            for at in consumer.position([TopicPartition(*tp) for tp in ends]):
                if at.offset >= ends[at.topic, at.partition]:
                    del ends[at.topic, at.partition]
    finally:
        consumer.close()
    # Across partitions Kafka has no order; within one, consume keeps it.
    return sorted(records, key=lambda record: (record.topic, record.partition, record.offset))


def _ends(consumer: Consumer, topics: Collection[str], timeout_s: float) -> dict[tuple[str, int], int]:
    """The end of each partition that holds anything."""
    known = consumer.list_topics(timeout=timeout_s).topics
    ends = {}
    for topic in topics:
        if topic not in known:
            raise LookupError(f"no topic {topic}")
        for partition in known[topic].partitions:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=timeout_s)
            if high > low:
                ends[topic, partition] = high
    return ends


def _record(message: object) -> Record:
    return Record(
        message.topic(),
        message.partition(),
        message.offset(),
        message.timestamp()[1],
        message.key(),
        message.value(),
        tuple(message.headers() or ()),
    )
