"""The judge objects to each wrong stream, and to nothing in a right one."""

import ast
import json
from pathlib import Path

import pytest

from . import verifier
from .verifier import Record, Topics, verify

TOPICS = Topics("headlines.raw", "headlines.duplicates", "headlines.deadletter", "news.")
TIME_MS = 1_770_000_000_123
TIME = "2026-02-02T02:40:00.123Z"


def raw(offset, truth, partition=0):
    value = json.dumps({"id": f"e{partition}-{offset}", "source": "s", "headline": "h"}).encode()
    value = b"{" if truth.startswith("poison") else value
    return Record(TOPICS.raw, partition, offset, TIME_MS, b"%d" % offset, value, (("truth", truth.encode()),))


class Streams:
    """Output topics that are written by hand."""

    def __init__(self):
        self.records = []

    def put(self, topic, key, value, headers, partition=0):
        offset = sum(r.topic == topic and r.partition == partition for r in self.records)
        self.records.append(Record(topic, partition, offset, TIME_MS, key, value, tuple(headers)))
        return self

    def event(self, offset, topic="news.sport", *, source_partition=0, partition=0, **changed):
        identity = f"id-{source_partition}-{offset}"
        event = {
            "id": identity,
            "event_id": f"e{source_partition}-{offset}",
            "source": "s",
            "headline": "h",
            "ingested_at": TIME,
            "verdict": "original",
            "reason": "new",
            "position": {"topic": TOPICS.raw, "partition": source_partition, "offset": offset},
        } | changed
        headers = [("ce_id", identity.encode())]
        return self.put(topic, identity.encode(), json.dumps(event).encode(), headers, partition)

    def duplicate(self, offset, **changed):
        told = {"verdict": "duplicate", "duplicate_of": "id-0-0"} | changed
        return self.event(offset, TOPICS.duplicates, **told)

    def dead(self, offset, reason="not_json", value=b"{", key=None):
        headers = {"topic": TOPICS.raw, "partition": "0", "offset": str(offset), "reason": reason}
        headers = [(f"newswire.{name}", text.encode()) for name, text in headers.items()]
        return self.put(TOPICS.deadletter, key or b"%d" % offset, value, headers)


RAW = [
    raw(0, "group a"),
    raw(1, "single"),
    raw(2, "group a"),
    raw(3, "poison not_json"),
    raw(4, "update a"),
    raw(5, "group a"),
]


def right():
    return Streams().event(0).event(1).duplicate(2).dead(3).event(4, verdict="update").duplicate(5)


def judged(streams, records=RAW, **more):
    return verify(records, streams.records, TOPICS, **more)


def found(report):
    return {name: count for name, count in report.figures().items() if count}


def test_a_right_stream_meets_no_objection():
    report = judged(right(), counted={"routed": 3, "duplicate": 2, "dead_letter": 1})
    assert found(report) == {}
    assert report.objections() == []
    assert report.outcomes == {"routed": 3, "duplicate": 2, "dead_letter": 1, "skipped": 0}


def without(offset):
    streams = right()
    del streams.records[offset]
    return streams


WRONG = {
    "a single that never came out": (without(1), "lost"),
    "a duplicate that is nowhere": (without(2), "lost"),
    "a poison record that is nowhere": (without(3), "lost"),
    "a group that is suppressed whole": (
        Streams().duplicate(0).event(1).duplicate(2).dead(3).event(4).duplicate(5),
        "false_drop",
    ),
    "a single that is suppressed": (
        Streams().event(0).duplicate(1).duplicate(2).dead(3).event(4).duplicate(5),
        "false_drop",
    ),
    "an update that is suppressed": (
        Streams().event(0).event(1).duplicate(2).dead(3).duplicate(4).duplicate(5),
        "false_drop",
    ),
    "a duplicate that came out": (
        Streams().event(0).event(1).event(2).dead(3).event(4).duplicate(5),
        "leaked",
    ),
    "a record that came twice": (right().event(1), "copies"),
    "a repeat with other bytes": (right().event(1, confidence=0.5), "unstable"),
    "a repeat in another topic": (right().event(1, "news.crime"), "unstable"),
    "a repeat in another partition": (right().event(1, partition=1), "unstable"),
    "a repeat with another verdict": (right().duplicate(1), "unstable"),
    "an order turned round": (
        Streams().event(1).event(0).duplicate(2).dead(3).event(4).duplicate(5),
        "disordered",
    ),
    "an output of a position that does not exist": (right().event(9), "foreign"),
    "an output of another topic": (right().event(1, position={"topic": "x"}), "foreign"),
    "an output that is no JSON": (right().put("news.sport", b"k", b"{", []), "foreign"),
    "an output without a value": (right().put("news.sport", b"k", None, []), "foreign"),
    "an event of another record": (without(1).event(1, event_id="e0-0"), "foreign"),
    "another time than Kafka's": (without(1).event(1, ingested_at="2026-02-02T02:40:01Z"), "foreign"),
    "an original among the duplicates": (without(2).duplicate(2, verdict="original"), "foreign"),
    "a duplicate of nothing": (without(2).duplicate(2, duplicate_of=""), "foreign"),
    "a headline among the dead letters": (without(1).dead(1), "foreign"),
    "poison that is routed": (without(3).event(3), "foreign"),
    "a dead letter with another reason": (without(3).dead(3, reason="schema"), "foreign"),
    "a dead letter with other bytes": (without(3).dead(3, value=b"{}"), "foreign"),
    "a dead letter with another key": (without(3).dead(3, key=b"x"), "foreign"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_stream_meets_an_objection_of_its_kind(name):
    streams, kind = WRONG[name]
    report = judged(streams)
    assert found(report).get(kind), found(report)
    assert any(line.startswith(f"{kind} = ") for line in report.objections())


def test_what_is_foreign_stands_for_no_outcome():
    assert judged(without(1).event(1, event_id="e0-0")).lost == ["headlines.raw-0@1"]


def test_one_id_for_two_positions_is_unstable():
    streams = right()
    wrong = streams.records[1]._replace(headers=(("ce_id", b"id-0-0"),), key=b"id-0-0")
    wrong = wrong._replace(value=wrong.value.replace(b'"id-0-1"', b'"id-0-0"'))
    streams.records[1] = wrong
    assert judged(streams).unstable


@pytest.mark.parametrize("first", ["duplicate", "original"])
def test_a_headline_that_came_out_by_one_of_two_verdicts_was_not_suppressed_and_has_no_order(first):
    streams = Streams().event(1).duplicate(2).dead(3).event(4).duplicate(5)
    streams = streams.duplicate(0).event(0) if first == "duplicate" else streams.event(0).duplicate(0)
    report = judged(streams)
    assert found(report) == {"copies": 1, "unstable": 1}
    assert report.outcomes["routed"] == 3
    assert report.objections(copies=1, unstable=1) == []
    assert len(report.objections(copies=1)) == 1


def test_counters_that_do_not_add_up_are_unbalanced():
    assert judged(right(), counted={"routed": 2, "duplicate": 2, "dead_letter": 1}).unbalanced == [
        "routed: 3 positions, counted 2"
    ]


def test_so_many_copies_and_leaks_as_a_fault_explains_are_allowed():
    streams = Streams().event(0).event(1).event(2).dead(3).event(4).duplicate(5).event(1)
    report = judged(streams)
    assert report.objections(leaked=1, copies=1) == []
    assert len(report.objections()) == 2


def test_a_late_duplicate_leaks_with_a_reason_and_is_told_apart():
    streams = Streams().event(0).event(1).event(2, reason="late").dead(3).event(4).duplicate(5)
    assert found(judged(streams)) == {"late": 1}
    alone = Streams().event(0, reason="late").event(1).event(2).dead(3).event(4).duplicate(5)
    assert found(judged(alone)) == {"late": 1}


def test_beyond_the_window_a_group_is_another_one():
    records = [raw(0, "group a"), raw(1, "group a"), raw(2, "group a")]
    records[2] = records[2]._replace(time_ms=TIME_MS + 3001)
    streams = Streams().event(0).duplicate(1).duplicate(2, ingested_at="2026-02-02T02:40:03.124Z")
    assert found(judged(streams, records, window_ms=3001)) == {}
    assert judged(streams, records, window_ms=3000).false_drop == ["group a"]


def test_of_garbage_only_one_outcome_is_asked():
    records = [raw(0, "any"), raw(1, "any"), raw(2, "any")]
    report = judged(Streams().event(0).dead(1, value=records[1].value), records)
    assert found(report) == {"lost": 1}


def test_a_skipped_position_needs_no_outcome_and_is_counted():
    report = judged(
        without(1), skipped={(0, 1)}, counted={"routed": 2, "duplicate": 2, "dead_letter": 1, "skipped": 1}
    )
    assert report.objections() == []


def test_a_record_without_truth_is_an_error_of_the_load():
    with pytest.raises(ValueError, match="no truth"):
        judged(right(), [RAW[0]._replace(headers=())])


def test_order_is_asked_within_one_raw_and_one_output_partition_only():
    records = [raw(0, "single"), raw(1, "single"), raw(0, "single", 1), raw(1, "single", 1)]
    across = Streams().event(1, partition=1).event(0)
    across.event(1, source_partition=1).event(0, source_partition=1, partition=1)
    assert found(judged(across, records)) == {}


def test_it_shares_no_code_with_the_worker():
    tree = ast.parse(Path(verifier.__file__).read_text())
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or "."] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert {name.partition(".")[0] for name in imported} <= {
        *("__future__", "collections", "confluent_kafka", "dataclasses", "datetime", "json", "time", "typing")
    }
