"""The sum of the cheapest ways, and the parts that it is a sum of."""

from __future__ import annotations

import orjson
import pytest
from tests.benchmarks.core import AT_ONCE, PARTITIONS
from tests.benchmarks.corpus import Corpus
from tests.benchmarks.roofline import Way, cheapest, measured, report, roof
from tests.benchmarks.roofline_parts import Loop, Sample, stages, without_kafka
from worker.deduplicate.frame import decode

HEADLINES = AT_ONCE + 10 * PARTITIONS


def way(part: str, us: float) -> Way:
    return Way(part, f"{part} at {us}", us, us, us)


def test_of_each_part_the_cheapest_way_counts():
    ways = [way("fetch", 3), way("fetch", 2), way("decode", 1), way("fetch", 4)]
    assert cheapest(ways) == [way("fetch", 2), way("decode", 1)]
    assert roof(ways) == 3


@pytest.mark.parametrize(
    ("both", "found"), [(4.9, ["fetch", "append and send", "log"]), (5.1, ["fetch", "append", "send", "log"])]
)
def test_one_way_that_does_two_parts_counts_where_it_costs_less_than_the_two(both: float, found: list[str]):
    ways = [way("fetch", 1), way("append", 2), way("send", 3), way("append and send", both), way("log", 1)]
    assert [one.part for one in cheapest(ways)] == found


def test_the_table_marks_the_cheapest_ways_and_gives_sums_and_ratios():
    ways = [way("fetch", 3.0), way("fetch", 2.0), way("decode", 1.0)]
    called = [way("stages", 50.0), way("stages", 5.0), way("window", 3.0)]
    lines = report(ways, 30.0, called).splitlines()
    assert [line.split()[-3] for line in lines if line.startswith("*")] == ["2.00", "1.00"]
    totals = [float(line.split()[-1]) for line in lines if line[:1].isalpha() and line[-1].isdigit()]
    # Decoding is in the stages too: it does not count twice.
    assert totals == [3.0, 30.0, 10.0, 10.0, 3.0]


def test_the_first_run_of_a_loop_does_not_count_and_each_is_prepared():
    calls: list[str] = []
    loop = Loop(
        "part",
        "name",
        10,
        lambda: calls.append("run"),
        prepare=lambda: calls.append("prepare"),
        close=lambda: calls.append("close"),
    )
    found = measured(loop, rounds=2)
    assert calls == ["prepare", "run"] * 3 + ["close"]
    assert found.least_us <= found.us <= found.most_us


def test_a_sample_holds_every_headline_once_in_outputs_and_in_frames():
    events = list(Corpus(None, 0.1).events(HEADLINES))
    sample = Sample.of(events)
    sent = [orjson.loads(output.value)["event_id"] for *_, lane in sample.lanes for output in lane]
    assert sorted(sent) == sorted(key.decode() for key, _ in events)
    entries = [[len(decode(frame).offsets) for frame in of_fetch] for of_fetch in sample.frames]
    # A frame for each raw partition that a fetch has records of.
    assert list(map(len, entries)) == [PARTITIONS, PARTITIONS]
    assert list(map(sum, entries)) == [AT_ONCE, 10 * PARTITIONS]


def test_every_part_has_a_loop_that_runs():
    sample = Sample.of(Corpus(None, 0.1).events(100))
    loops = [*without_kafka(sample), *stages(sample)]
    for loop in loops:
        loop.prepare()
        loop.run()
    assert {loop.part for loop in loops} == {"decode", "hash", "encode", "append", "stages", "wire", "window"}
