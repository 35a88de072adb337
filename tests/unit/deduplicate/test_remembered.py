"""What is remembered is bounded by a number of entries too, and so is what a writer may miss."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.unit.deduplicate.model.reference import Reference
from tests.unit.deduplicate.model.toy import AFTER, MATCHER, form
from tests.unit.deduplicate.test_replica import (
    NEW,
    RULE,
    WINDOW_MS,
    Log,
    duplicate,
    entry,
    entry_id,
    header,
)
from worker.config.sections import MOST_IN_FLIGHT
from worker.deduplicate import Batch, Replica, Rule, Status, Writer
from worker.deduplicate.frame import decode, encode
from worker.deduplicate.rule import LEAST_REMEMBERED
from worker.events import Headline, Kind, Verdict

FEW = structs.replace(RULE, max_entries=3)
LEAST = 4
MOST = 2 * LEAST
"""Entries that are remembered by this rule."""


def small_log(rule: Rule = FEW) -> Log:
    return Log(rule, least_remembered=LEAST)


def fill(log: Log, first: int, count: int) -> None:
    """Appends entries that say nothing alike, each in a frame of its own, and in no time."""
    for offset in range(first, first + count):
        log.append(0, entry(offset, f"2 {10 * offset}"), rule=FEW)


# -- verdicts


def test_a_verdict_is_known_until_so_many_entries_came_after_it() -> None:
    log = small_log()
    fill(log, 0, MOST)
    assert log.verdict(0) == NEW
    fill(log, MOST, 1)
    assert log.verdicts([0, 1]) == [None, NEW]
    assert log.replica.identities == MOST


def test_a_window_of_more_entries_remembers_more() -> None:
    log = small_log(structs.replace(RULE, max_entries=6))
    fill(log, 0, 13)
    assert log.verdicts([0, 1]) == [None, NEW]


def test_the_default_window_remembers_two_million_verdicts_however_few_it_compares() -> None:
    assert RULE.remembered(LEAST_REMEMBERED) == 2 * 1024 * 1024
    assert structs.replace(RULE, max_entries=3_000_000).remembered(LEAST_REMEMBERED) == 6_000_000


def test_a_duplicate_that_is_known_names_an_entry_that_is_not_any_more() -> None:
    log = small_log()
    log.append(0, entry(0, "1 1"), rule=FEW)
    fill(log, 1, 2)
    log.append(0, entry(3, "1 1"), rule=FEW)
    fill(log, 4, MOST - 1)
    assert log.verdicts([0, 3]) == [None, duplicate(0)]


def test_a_record_whose_verdict_is_forgotten_is_late_and_comes_out() -> None:
    log = small_log()
    log.append(0, entry(0, "1 1"), entry(1, "1 1"), rule=FEW)
    fill(log, 2, MOST)
    writer = Writer(log.replica, AFTER, max_frame_bytes=1 << 20, writer_id=1)
    headlines = [Headline(entry_id(1).hex(), "", "", "1 1", "1 1")]
    plan = writer.plan(Batch("raw", 0, [1], [0], headlines))
    assert plan.late == 1
    log.put(0, plan.frames[0])
    assert log.verdict(1) == Verdict(Kind.ORIGINAL, "late")


# -- what a writer may miss


@pytest.mark.parametrize(("missed", "status"), [(MOST, Status.VALID), (MOST + 1, Status.VOID)])
def test_a_frame_whose_writer_missed_more_entries_than_are_remembered_is_void(
    missed: int, status: Status
) -> None:
    log = small_log()
    fill(log, 0, missed)
    assert log.append(0, entry(100, "1 1"), rule=FEW, known=-1) is status


def test_of_all_that_a_valid_frame_repeats_nothing_is_taken_for_new() -> None:
    log = small_log()
    entries = [entry(offset, f"1 {10 * offset}") for offset in range(MOST)]
    for each in entries:
        log.append(0, each, rule=FEW)
    applied = log.replica.apply(MOST, 0, encode(header(-1, rule=FEW), entries))
    assert (applied.status, applied.new, applied.replays) == (Status.VALID, 0, MOST)


def test_what_a_writer_missed_counts_whether_it_was_new_or_not() -> None:
    log = small_log()
    fill(log, 0, 1)
    for _ in range(MOST - 1):
        log.append(0, entry(0, "2 0"), rule=FEW, known=-1)
    assert log.replica.identities == 1
    assert log.append(0, entry(100, "1 1"), rule=FEW, known=-1) is Status.VALID
    assert log.append(0, entry(101, "1 1"), rule=FEW, known=-1) is Status.VOID
    assert log.append(0, entry(102, "1 1"), rule=FEW, known=0) is Status.VOID
    assert log.append(0, entry(103, "1 1"), rule=FEW, known=3) is Status.VALID


def test_what_is_none_of_this_epochs_business_is_not_missed() -> None:
    log = small_log()
    for _ in range(2 * MOST):
        log.append(0, entry(0, "2 0"), rule=FEW, epoch=2)
        log.put(0, b"garbage")
    assert log.append(0, entry(100, "1 1"), rule=FEW, known=-1) is Status.VALID


def test_the_bound_of_the_writers_own_rule_counts() -> None:
    log = small_log(RULE)
    fill(log, 0, MOST + 1)
    assert log.append(0, entry(100, "1 1"), rule=FEW, known=-1) is Status.VOID
    assert log.append(0, entry(101, "1 1"), rule=RULE, known=-1) is Status.VALID


def test_no_worker_has_more_under_way_than_half_of_what_it_may_miss() -> None:
    assert structs.replace(RULE, max_entries=1).remembered(LEAST_REMEMBERED) >= 2 * MOST_IN_FLIGHT


# -- memory


def test_memory_is_flat_once_window_and_identities_are_full() -> None:
    least, most, per_frame = 2_000, 1_000, 50
    rule = structs.replace(RULE, max_entries=most)
    log = Log(rule, least_remembered=least)
    full = 2 * least + most
    sizes = []
    for first in range(0, 5 * full, per_frame):
        log.append(0, *[entry(at, f"{at} 1") for at in range(first, first + per_frame)], rule=rule)
        if first % full == full - per_frame:
            log.verdict(first)
            sizes.append({part: getattr(log.replica, part).memory_bytes for part in PARTS})
            sizes[-1]["all"] = log.replica.memory_bytes
    assert len(sizes) == 5
    for part in sizes[0]:
        grown = [size[part] / sizes[0][part] for size in sizes]
        assert max(grown) < 1.15, f"{part}: {grown}"


PARTS = ("_timeline", "_identities", "_verdicts", "_index")


# -- wherever a replica starts, and against the reference

FRAMES = st.lists(
    st.tuples(
        st.sampled_from((0, 1, 60, 125, 250)),
        st.sampled_from((0, 0, 0, 1, 2, 3, 5, 8, 20)),
        st.integers(1, 4),
        st.sampled_from((0, 0, 2, 4)),
        st.sampled_from((2, 3, 6)),
    ),
    min_size=1,
    max_size=40,
)
"""Frames: the time since the last one, by how many records the writer is behind, the entries, how many of the entries
before them they begin with, and the most that are compared."""


def written(frames: Sequence[tuple[int, int, int, int, int]]) -> list[tuple[int, bytes]]:
    log, time, following = [], 0, 0
    for wait, behind, count, again, most in frames:
        time += wait
        first = max(0, following - again)
        following = max(following, first + count)
        entries = [entry(at, form(at % 4, at // 4 % 3)) for at in range(first, first + count)]
        known = max(-1, len(log) - 1 - behind)
        log.append((time, encode(header(known, rule=structs.replace(RULE, max_entries=most)), entries)))
    return log


def read(log: Sequence[tuple[int, bytes]], start: int = 0) -> tuple[Replica, list[Status]]:
    replica = Replica(
        structs.replace(RULE, max_entries=6),
        1,
        start=start,
        end=len(log),
        matcher=AFTER,
        least_remembered=LEAST,
    )
    return replica, [replica.apply(at, *log[at]).status for at in range(start, len(log))]


def test_frames_at_the_bound_are_judged_alike_by_a_replica_that_has_read_less() -> None:
    # Each misses the one before it and five entries more. If only those counted that are new, each would be valid where
    # the one before is void, and a replica that can not judge the first it meets would have it the other way round for
    # ever.
    log, at_last = [], -1
    for step in range(40):
        first, time = 100 * step, 200 * step
        here = len(log)
        late = [entry(first + i, form(i, step)) for i in range(4)]
        log.append((time, encode(header(at_last - 1 if step else -1, rule=FEW), late)))
        log.append(
            (time, encode(header(here, rule=FEW), [entry(first + 10 + i, form(i, 0)) for i in range(5)]))
        )
        at_last = here
    whole, later = read(log)[1], read(log, 3)[1]
    assert later[3:] == whole[6:]


@settings(max_examples=300, deadline=None)
@given(FRAMES, st.data())
def test_replicas_agree_which_frames_are_valid_a_quarter_window_after_their_starts(
    frames: list[tuple[int, int, int, int, int]], data: st.DataObject
) -> None:
    log = written(frames)
    _, whole = read(log)
    start = data.draw(st.integers(0, len(log) - 1))
    _, later = read(log, start)
    settled = log[start][0] + WINDOW_MS // 4
    assert [(at, later[at - start]) for at in range(start, len(log)) if log[at][0] > settled] == [
        (at, whole[at]) for at in range(start, len(log)) if log[at][0] > settled
    ]


@settings(max_examples=300, deadline=None)
@given(FRAMES)
def test_what_is_known_and_what_is_void_is_that_of_a_naive_reading(
    frames: list[tuple[int, int, int, int, int]],
) -> None:
    log = written(frames)
    replica, statuses = read(log)
    reference = Reference([MATCHER, AFTER], 1, widest_ms=WINDOW_MS, most_entries=6, least_remembered=LEAST)
    assert statuses == [Status(reference.apply(time, value)) for time, value in log]
    for value in [value for _, value in log]:
        for offset in decode(value).offsets:
            known = reference.known(("raw", 0, offset), entry_id(offset).hex(), len(log))
            verdict = replica.verdicts("raw", 0, [offset], [entry_id(offset).hex()])
            assert verdict == [None if known is None else known.verdict]
