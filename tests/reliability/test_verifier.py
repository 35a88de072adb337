"""The judge objects to each wrong stream, and to nothing in a right one."""

import ast
import json
import struct
from pathlib import Path
from zlib import crc32

import pytest

from . import log_entries, report, verifier
from .verifier import Record, Topics, verify

TOPICS = Topics(
    "headlines.raw", "headlines.fingerprints", "headlines.duplicates", "headlines.deadletter", "news."
)
TIME_MS = 1_770_000_000_123
TIME = "2026-02-02T02:40:00.123Z"


def raw(offset, truth, partition=0):
    value = json.dumps({"id": f"e{partition}-{offset}", "source": "s", "headline": "h"}).encode()
    value = b"{" if truth.startswith("poison") else value
    return Record(TOPICS.raw, partition, offset, TIME_MS, b"%d" % offset, value, (("truth", truth.encode()),))


WINDOW_MS = 4_000


class Log:
    """A log that is written by hand, in the layout of schemas/fingerprint.frame/v1.ksy."""

    def __init__(self):
        self.records = []

    def put(self, value, time_ms=TIME_MS):
        self.records.append(Record(TOPICS.fingerprints, 0, len(self.records), time_ms, None, value))
        return self

    def frame(
        self, *offsets, at=0, flags=(), partition=0, known=None, raw_ms=(), epoch=1, window_ms=WINDOW_MS
    ):
        """One frame, stamped `at` ms after TIME_MS; what is not given is as a writer that has read all says it."""
        n, topic = len(offsets), TOPICS.raw.encode()
        known = len(self.records) - 1 if known is None else known
        body = struct.pack("<HHI", 1, 1, epoch) + struct.pack(
            "<qqQQqIiqqqHI", window_ms, 1000, 7, 0, known, 0, partition, 0, -1, 0, len(topic), n
        )
        body += topic + struct.pack(f"<{n}q", *offsets) + struct.pack(f"<{n}q", *(raw_ms or [TIME_MS] * n))
        body += (
            bytes(16 * n) + bytes(flags or [0] * n) + bytes(n) + struct.pack(f"<{n}I", *[1] * n) + b"h" * n
        )
        return self.put(b"NWFP" + struct.pack("<I", crc32(body)) + body, TIME_MS + at)


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
    raw(1, "single b"),
    raw(2, "group a"),
    raw(3, "poison not_json"),
    raw(4, "update b"),
    raw(5, "group a"),
]


ALL_OPEN = {0: range(6)}
"""A cut at which nothing was committed."""


def right():
    streams = Streams().event(0).event(1).duplicate(2).dead(3)
    return streams.event(4, verdict="update", update_of="id-0-1").duplicate(5)


def judged(streams, records=RAW, log=None, **more):
    log = log or Log().frame(0, 1, 2, 4, 5).frame(0, 1, 2, partition=1)
    return verify(records, streams.records, log.records, TOPICS, **more)


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
    "a record that came twice and nobody died": (right().event(1), "unexcused"),
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
    "a duplicate of another group's": (without(2).duplicate(2, duplicate_of="id-0-1"), "foreign"),
    "a duplicate of what never came out": (without(2).duplicate(2, duplicate_of="id-0-9"), "foreign"),
    "an update of another's": (without(4).event(4, verdict="update", update_of="id-0-0"), "foreign"),
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
    report = judged(streams, cuts=[ALL_OPEN])
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
    report = judged(streams, cuts=[ALL_OPEN])
    assert report.objections(leaked=1, copies=1) == []
    assert len(report.objections()) == 2


SUPPRESSED_TWICE = Streams().event(0).event(1).event(2).dead(3).event(4).duplicate(5)
"""A stream in which the duplicate 2 came out."""


def test_a_duplicate_that_its_entry_marks_as_late_is_told_apart():
    log = Log().frame(0, 1, 2, 4, 5, flags=[0, 0, 1, 0, 0])
    report = judged(SUPPRESSED_TWICE, log=log)
    assert found(report) == {"late": 1}
    assert report.objections(late=1) == []
    assert [line.partition(" ")[0] for line in report.objections()] == ["late"]


def test_an_entry_that_is_an_original_for_another_reason_is_not_late():
    log = Log().frame(0, 1, 2, 4, 5, flags=[0, 0, 2, 0, 0])
    assert found(judged(SUPPRESSED_TWICE, log=log)) == {"leaked": 1}


def test_whatever_is_marked_as_late_counts_also_where_nothing_was_to_be_suppressed():
    log = Log().frame(0, 1, 2, 4, 5, flags=[1, 1, 0, 1, 0])
    assert found(judged(right(), log=log)) == {"late": 3}


def test_what_is_ahead_of_the_logs_clock_is_late_and_suppresses_nothing():
    ahead = TIME_MS + WINDOW_MS + 1
    log = Log().frame(0, 1, 2, 4, 5, raw_ms=[ahead, *[TIME_MS] * 4])
    assert found(judged(SUPPRESSED_TWICE, log=log)) == {"late": 1}


@pytest.mark.parametrize(("apart_ms", "leaked"), [(WINDOW_MS, 1), (WINDOW_MS + 1, 0)])
def test_a_duplicate_may_come_out_whose_like_the_window_has_left_by_log_time(apart_ms, leaked):
    log = Log().frame(0, 1).frame(2, 4, 5, at=apart_ms)
    assert found(judged(SUPPRESSED_TWICE, log=log)) == {"leaked" if leaked else "apart": 1}


@pytest.mark.parametrize(("apart_ms", "leaked"), [(WINDOW_MS, 1), (WINDOW_MS + 1, 0)])
def test_a_duplicate_may_come_out_whose_like_the_window_has_left_by_raw_time(apart_ms, leaked):
    later = {"time_ms": TIME_MS + apart_ms}
    between = {"time_ms": TIME_MS + apart_ms // 2}
    records = [RAW[0], raw(1, "group a")._replace(**between), raw(2, "group a")._replace(**later)]
    ingested = ["2026-02-02T02:40:02.123Z", f"2026-02-02T02:40:04.{123 + apart_ms % 1000}Z"]
    streams = Streams().event(0).event(2, ingested_at=ingested[1]).duplicate(1, ingested_at=ingested[0])
    # What would hold the two together stands behind them in the log.
    log = Log().frame(0).frame(2).frame(1)
    assert judged(streams, records, log, window_ms=WINDOW_MS).figures()["leaked"] == leaked


def test_by_log_time_a_clock_that_steps_back_changes_nothing():
    log = Log().frame(0, 1).put(b"no frame", TIME_MS + WINDOW_MS + 1).frame(2, 4, 5, at=0)
    assert judged(SUPPRESSED_TWICE, log=log).leaked == []


@pytest.mark.parametrize(("behind_ms", "counts"), [(WINDOW_MS // 4, True), (WINDOW_MS // 4 + 1, False)])
def test_a_frame_whose_writer_was_behind_by_a_quarter_of_the_window_does_not_count(behind_ms, counts):
    log = Log().frame(1, 4).frame(0, 2, 5, at=behind_ms, known=-1)
    assert found(judged(right(), log=log)) == ({} if counts else {"void": 3, "unlogged": 3})


def test_what_a_void_frame_held_may_be_late_in_the_next_one():
    log = (
        Log().frame(1, 4).frame(0, 2, 5, at=WINDOW_MS, known=-1).frame(0, 2, 5, at=WINDOW_MS, flags=[1, 1, 1])
    )
    report = judged(right(), log=log)
    assert found(report) == {"void": 3, "late": 3}
    assert report.objections() == []
    assert len(judged(right(), log=log.frame(1, flags=[1])).objections()) == 1


def test_an_entry_that_its_writer_had_missed_is_a_replay_and_its_flag_says_nothing():
    log = Log().frame(0, 1, 2, 4, 5).frame(0, 1, 2, 4, 5, known=-1, flags=[1] * 5)
    assert found(judged(right(), log=log)) == {}
    again = Log().frame(0, 1, 2, 4, 5).frame(0, 1, 2, 4, 5, flags=[1] * 5)
    assert judged(right(), log=again).figures()["late"] == 5


def test_the_last_epoch_is_judged_and_what_is_no_frame_of_this_topic_is_passed_over():
    log = Log().frame(0, 1, flags=[1, 1]).frame(0, 1, 2, 4, 5, epoch=2).put(None).put(b"NWFP" + bytes(200))
    assert found(judged(right(), log=log)) == {}


def test_what_came_out_on_no_entry_of_the_log_is_an_objection_of_its_own():
    report = judged(SUPPRESSED_TWICE, log=Log().frame(0, 1, 4, 5))
    assert found(report) == {"leaked": 1, "unlogged": 1}
    assert report.objections(leaked=1, unlogged=1) == []
    assert len(report.objections(leaked=1)) == 1


def test_a_copy_of_what_was_committed_is_never_excused():
    cut = {0: range(1, 6)}
    assert judged(right().event(1), cuts=[cut]).objections(copies=1) == []
    committed = judged(
        Streams().event(0).event(1).duplicate(2).dead(3).event(4).duplicate(5).event(0), cuts=[cut]
    )
    assert committed.unexcused == ["headlines.raw-0@0 came 2 times, 0 times excused"]
    assert len(committed.objections(copies=1)) == 1
    thrice = right().event(1).event(1)
    assert judged(thrice, cuts=[cut]).unexcused == ["headlines.raw-0@1 came 3 times, 1 times excused"]
    assert judged(thrice, cuts=[cut, cut]).unexcused == []


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
    streams = Streams().event(0).duplicate(2).dead(3).event(4).duplicate(5)
    report = judged(
        streams, skipped={(0, 1)}, counted={"routed": 2, "duplicate": 2, "dead_letter": 1, "skipped": 1}
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


@pytest.mark.parametrize("module", [verifier, report, log_entries], ids=["verifier", "report", "log_entries"])
def test_it_shares_no_code_with_the_worker(module):
    tree = ast.parse(Path(module.__file__).read_text())
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            ["." * node.level + (node.module or "")]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
        )
    }
    assert {name if name.startswith(".") else name.partition(".")[0] for name in imported} <= {
        *("__future__", "collections", "confluent_kafka", "dataclasses", "datetime", "json", "struct"),
        *("time", "typing", "zlib", ".log_entries", ".report", ".verifier"),
    }
