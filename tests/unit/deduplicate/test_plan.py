import pytest
from msgspec import structs
from tests.unit.deduplicate.model.toy import AFTER, MATCHER
from worker.deduplicate import Batch, Replica, Rule, Writer
from worker.deduplicate.evidence import TOPICS, Evidence, Pair, Scores, form_hash
from worker.deduplicate.frame import UP_TO_HERE, Frame, decode, encode
from worker.errors import LogIntegrityError
from worker.events import Guard, Headline, Kind

WINDOW_MS = 1000
RULE = Rule(1, WINDOW_MS, 1000)


def replica(start: int = 0) -> Replica:
    return Replica(RULE, 1, start=start, end=start, matcher=AFTER)


def writer(of: Replica, max_frame_bytes: int = 1 << 20) -> Writer:
    return Writer(of, MATCHER, max_frame_bytes=max_frame_bytes, writer_id=42)


def newer_writer(of: Replica) -> Writer:
    """One that writes the newer version, whose frames take evidence."""
    of.rule = structs.replace(RULE, version=AFTER.version)
    return Writer(of, AFTER, max_frame_bytes=1 << 20, writer_id=42)


def batch(*offsets: int, raw_ms: int = 0, match: str = "1 1", guard: Guard | None = None) -> Batch:
    headlines = [Headline(f"{offset:032x}", "", "", match, match, guard=guard) for offset in offsets]
    return Batch("raw", 3, offsets, [raw_ms] * len(offsets), headlines)


def frame(value: bytes) -> Frame:
    parsed = decode(value)
    assert parsed is not None
    return parsed


def test_what_the_replica_does_not_know_gets_an_entry() -> None:
    here = replica()
    plan = writer(here).plan(batch(0, 1))
    here.apply(0, 100, plan.frames[0])
    again = writer(here).plan(batch(1, 2))
    assert (plan.entries, again.entries, again.late) == (2, 1, 0)
    assert list(frame(again.frames[0]).offsets) == [2]


def test_a_batch_that_the_log_holds_needs_no_frame() -> None:
    here = replica()
    here.apply(0, 100, writer(here).plan(batch(0)).frames[0])
    assert writer(here).plan(batch(0)).frames == ()


def test_a_batch_without_headlines_needs_no_frame() -> None:
    assert writer(replica()).plan(batch()).frames == ()


def test_a_large_batch_is_split_and_each_frame_has_a_number_of_its_own() -> None:
    plan = writer(replica(), max_frame_bytes=300).plan(batch(*range(10)))
    headers = [frame(value).header for value in plan.frames]
    assert all(len(value) <= 300 for value in plan.frames)
    assert [header.sequence for header in headers] == list(range(1, len(headers) + 1))
    assert {header.writer for header in headers} == {42}


def test_the_header_says_what_the_writer_had_read() -> None:
    here = replica()
    assert frame(writer(here).plan(batch(0)).frames[0]).header.known == -1
    here.apply(0, 100, b"garbage")
    header = frame(writer(here).plan(batch(0)).frames[0]).header
    assert (header.known, header.known_crc) == (0, here.checksum(0))


def test_an_offset_below_the_highest_seen_is_late() -> None:
    here = replica()
    here.apply(0, 100, writer(here).plan(batch(5)).frames[0])
    plan = writer(here).plan(batch(4, 6))
    assert (plan.entries, plan.late) == (2, 1)


def test_a_guard_goes_before_late() -> None:
    here = replica()
    here.apply(0, 100, writer(here).plan(batch(5)).frames[0])
    plan = writer(here).plan(batch(4, guard=Guard.KILL))
    here.apply(1, 100, plan.frames[0])
    verdict = here.verdicts("raw", 3, [4], [f"{4:032x}"])[0]
    assert verdict is not None
    assert (verdict.kind, verdict.reason) == (Kind.ORIGINAL, "kill")


SCORED = Evidence((Pair(form_hash(b"1 9"), Scores(50, 0)),), bytes(range(TOPICS)))


def scored(*offsets: int) -> dict[bytes, Evidence]:
    return {bytes.fromhex(f"{offset:032x}"): SCORED for offset in offsets}


def test_evidence_stands_with_the_entries_that_it_is_about() -> None:
    parsed = frame(newer_writer(replica()).plan(batch(0, 1, 2), scored(1, 7)).frames[0])
    assert (parsed.pairs, parsed.topics) == ({1: SCORED.pairs}, {1: SCORED.topics})


def test_an_entry_that_is_an_original_whatever_came_before_has_topics_and_no_pairs() -> None:
    here = replica()
    here.apply(0, 100, newer_writer(here).plan(batch(5)).frames[0])
    late = frame(newer_writer(here).plan(batch(4), scored(4)).frames[0])
    guarded = frame(newer_writer(here).plan(batch(9, guard=Guard.KILL), scored(9)).frames[0])
    assert late.pairs == guarded.pairs == {}
    assert late.topics == guarded.topics == {0: SCORED.topics}


def test_frames_of_the_version_before_take_no_evidence() -> None:
    older, newer = writer(replica()), newer_writer(replica())
    assert (older.takes_evidence, newer.takes_evidence) == (False, True)
    assert frame(older.plan(batch(0), scored(0)).frames[0]).topics == {}


def test_a_replica_that_has_seen_nothing_and_not_all_takes_everything_for_late() -> None:
    plan = writer(replica(start=9)).plan(batch(0, raw_ms=10**12))
    assert plan.late == 1
    assert frame(plan.frames[0]).header.suspect_before_ms == UP_TO_HERE


@pytest.mark.parametrize(
    ("raw_ms", "late"), [(50_000 + WINDOW_MS + WINDOW_MS // 4, 1), (50_001 + 2 * WINDOW_MS, 0)]
)
def test_a_partition_that_the_kept_log_does_not_show_is_late_while_it_may_have_been_forgotten(
    raw_ms: int, late: int
) -> None:
    here = replica(start=9)
    here.apply(9, 50_000, b"garbage")
    assert writer(here).plan(batch(0, raw_ms=raw_ms)).late == late


def test_a_partition_that_a_frame_tells_of_is_late_by_what_the_frame_says() -> None:
    complete, cold = replica(), replica(start=1)
    complete.apply(0, 50_000, b"garbage")
    value = writer(complete).plan(batch(7)).frames[0]
    cold.apply(1, 50_000, value)
    assert writer(cold).plan(batch(8)).late == 0


def test_a_replica_that_begins_the_epoch_takes_nothing_for_late() -> None:
    here = replica(start=9)
    here.begin_epoch()
    assert writer(here).plan(batch(0)).late == 0


def test_a_timestamp_that_kafka_does_not_know_is_the_oldest() -> None:
    assert frame(writer(replica()).plan(batch(0, raw_ms=-1)).frames[0]).raw_ms[0] == 0


def test_a_log_that_holds_another_frame_than_was_acknowledged_is_not_trusted() -> None:
    here = replica()
    plan = writer(here).plan(batch(0))
    here.apply(0, 100, plan.frames[0])
    writer(here).verify(plan, [0])
    here.apply(1, 100, encode(frame(plan.frames[0]).header, []))
    with pytest.raises(LogIntegrityError, match="offset 1"):
        writer(here).verify(plan, [1])
