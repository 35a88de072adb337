"""Promise 3: verdicts are a function of the log, whoever reads it and from wherever he may start."""

import itertools
import random
import time
from bisect import bisect_left
from collections import Counter

import pytest
from tests.wait import until
from worker.deduplicate import Replica, Rule, start_time_ms
from worker.deduplicate.frame import ID_BYTES, decode, epoch_of
from worker.deduplicate.match import MATCHER

WINDOW_MS = 1_500
RULE = Rule(MATCHER.version, WINDOW_MS, 1_000_000)


@pytest.fixture
def log(deploy, newsroom):
    """A log over many windows, and what the workers that wrote it have published."""
    deployment = deploy(NEWSWIRE_DEDUP__WINDOW_S=str(WINDOW_MS / 1000)).apply_topics()
    for _ in range(2):
        deployment.start(NEWSWIRE_WORKER__BATCH_RECORDS="50")
    draw = random.Random(5)
    began = time.monotonic()
    numbers = itertools.count(0, 20)
    positions = []

    def long_enough():
        first = next(numbers)
        values = [newsroom.event(number) for number in range(first, first + 20)]
        # Copies of headlines of just now, of this window, and of windows that are over.
        for back in (60, 60, 300, 300, 1500):
            number = draw.randrange(max(0, first - back), first + 20)
            values.append(newsroom.event(number, id=f"{number}-{first}"))
        positions.extend(deployment.feed(values))
        return time.monotonic() - began > 7 * WINDOW_MS / 1000

    until(long_enough, "the log is long enough")
    deployment.wait_until_accounted(len(positions))
    for worker in deployment.workers:
        worker.stop()
    return deployment.read_log(), deployment.read()


def replayed(records, start, end):
    """A replica that began at log offset `start` when the log ended at `end`, after the whole log."""
    replica = Replica(RULE, 1, start=start, end=end, matcher=MATCHER)
    for offset, appended, value in records[start:]:
        replica.apply(offset, appended, value)
        yield replica


def verdicts_by_entry(records, start, end):
    """What such a replica says of each entry that is appended from `end` on, at once: verdicts by position."""
    said = {}
    for (offset, _, value), replica in zip(records[start:], replayed(records, start, end), strict=True):
        if offset < end or epoch_of(value) is None:
            continue
        frame = decode(value)
        ids = [frame.ids[at : at + ID_BYTES].hex() for at in range(0, len(frame.ids), ID_BYTES)]
        source = (frame.header.topic, frame.header.partition)
        found = replica.verdicts(*source, frame.offsets, ids)
        # None: the frame came too late to count, and its writer said it again.
        for raw_offset, verdict in zip(frame.offsets, found, strict=True):
            if verdict is not None:
                said[source[1], raw_offset] = verdict
    return said


def test_replicas_with_different_starts_and_the_workers_agree_on_every_verdict(log):
    records, outputs = log
    times = [appended for _, appended, _ in records]
    whole = verdicts_by_entry(records, 0, 0)

    cut = bisect_left(times, times[0] + 5 * WINDOW_MS)
    start = bisect_left(times, start_time_ms(times[cut - 1], RULE))
    assert 0 < start < cut < len(records), "the second replica is to begin later"
    late = verdicts_by_entry(records, start, cut)
    assert len(late) > 100
    assert {position: whole[position] for position in late} == late
    # What is left out of the log's past does matter: a start that is not legal gives other verdicts.
    assert {position: whole[position] for position in late} != verdicts_by_entry(records, cut, cut)

    assert Counter(v.kind for v in whole.values())["duplicate"] > 20
    for output in outputs:
        verdict = whole[output.position]
        assert output.event["verdict"] == verdict.kind
        assert verdict.of in {output.event.get("duplicate_of"), output.event.get("update_of")}
