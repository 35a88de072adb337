from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.unit.deduplicate.model.reference import Reference
from tests.unit.deduplicate.model.toy import AFTER, MATCHER, form, keys
from worker.deduplicate import Replica, Rule, Status, start_time_ms
from worker.deduplicate.frame import Entry, Flag, Header, checksum, encode
from worker.errors import LogIntegrityError, LogVersionError
from worker.events import Kind, Verdict

WINDOW_MS = 1000
RULE = Rule(1, WINDOW_MS, 1000)


def header(known: int, **changes: object) -> Header:
    return structs.replace(Header(1, RULE, 7, 0, known, 0, 0, "raw", 0, -1, 0), **changes)


def entry(offset: int, match: str, raw_ms: int = 0, flag: Flag = Flag.NONE) -> Entry:
    return Entry(offset, raw_ms, entry_id(offset), flag, keys(match), match.encode())


def entry_id(offset: int) -> bytes:
    return offset.to_bytes(16, "big")


class Log:
    """A log and a replica that reads it from the start."""

    def __init__(self, rule: Rule = RULE, **named: object) -> None:
        self.replica = Replica(rule, 1, start=0, end=0, matcher=AFTER, **named)
        self.values: list[bytes] = []

    def append(self, time: int, *entries: Entry, **changes: object) -> Status:
        known = changes.pop("known", self.replica.next_offset - 1)
        return self.put(time, encode(header(known, **changes), entries))

    def put(self, time: int, value: bytes) -> Status:
        self.values.append(value)
        return self.replica.apply(self.replica.next_offset, time, value).status

    def verdict(self, offset: int) -> Verdict | None:
        return self.verdicts([offset])[0]

    def verdicts(self, offsets: Sequence[int]) -> list[Verdict | None]:
        return self.replica.verdicts("raw", 0, offsets, [entry_id(offset).hex() for offset in offsets])


def duplicate(of: int, reason: str = "exact", score: float = 1.0) -> Verdict:
    return Verdict(Kind.DUPLICATE, reason, entry_id(of).hex(), score)


NEW = Verdict(Kind.ORIGINAL, "new")


# -- the verdict


def test_the_first_is_new_and_its_like_a_duplicate_of_it() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"), entry(1, "2 1"), entry(2, "1 1"))
    assert log.verdicts([0, 1, 2]) == [NEW, NEW, duplicate(0)]


def test_a_duplicate_names_the_earliest_that_matches_though_that_was_suppressed_itself() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"), entry(1, "1 2"), entry(2, "1 3"))
    assert log.verdicts([1, 2]) == [duplicate(0, "near", 0.9), duplicate(1, "near", 0.9)]


def test_an_update_names_the_best_and_the_earliest_of_those() -> None:
    log = Log()
    log.append(
        0, entry(0, "1 0"), entry(1, "1 1", flag=Flag.LATE), entry(2, "1 6", flag=Flag.LATE), entry(3, "1 3")
    )
    assert log.verdict(3) == Verdict(Kind.UPDATE, "fact", entry_id(1).hex(), 0.8)


@pytest.mark.parametrize("flag", [flag for flag in Flag if flag])
def test_a_flagged_entry_is_an_original_and_suppresses_others(flag: Flag) -> None:
    log = Log()
    log.append(0, entry(0, "1 1"), entry(1, "1 1", flag=flag), entry(2, "1 1"))
    assert log.verdicts([1, 2]) == [Verdict(Kind.ORIGINAL, flag.name.lower()), duplicate(0)]


@pytest.mark.parametrize(("time", "verdict"), [(WINDOW_MS, duplicate(0)), (WINDOW_MS + 1, NEW)])
def test_the_window_counts_by_log_time(time: int, verdict: Verdict) -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    log.append(time, entry(1, "1 1"))
    assert log.verdict(1) == verdict


@pytest.mark.parametrize(("raw_ms", "verdict"), [(6 * WINDOW_MS, duplicate(0)), (6 * WINDOW_MS + 1, NEW)])
def test_the_window_counts_by_raw_time_too(raw_ms: int, verdict: Verdict) -> None:
    log = Log()
    log.append(6 * WINDOW_MS, entry(0, "1 1", raw_ms=5 * WINDOW_MS), entry(1, "1 1", raw_ms=raw_ms))
    assert log.verdict(1) == verdict


@pytest.mark.parametrize(("between", "verdict"), [(2, duplicate(0)), (3, NEW)])
def test_at_most_so_many_entries_back(between: int, verdict: Verdict) -> None:
    log = Log(structs.replace(RULE, max_entries=3))
    others = [entry(1 + i, f"2 {10 * i}") for i in range(between)]
    log.append(0, entry(0, "1 1"), *others, entry(9, "1 1"), rule=structs.replace(RULE, max_entries=3))
    assert log.verdict(9) == verdict


def test_a_clock_that_steps_back_does_not_lengthen_the_window() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    log.append(WINDOW_MS + 1, entry(1, "2 1"))
    log.append(5, entry(2, "1 1"))
    assert log.verdict(2) == NEW
    assert log.replica.log_time == WINDOW_MS + 1


def test_a_headline_repeated_a_thousand_times_hides_no_other() -> None:
    log = Log(structs.replace(RULE, max_entries=100_000))
    log.append(0, entry(0, "1 1"), *[entry(i, "1 9") for i in range(1, 1000)], entry(1000, "1 2"))
    assert log.verdict(1000) == duplicate(0, "near", 0.9)


def test_a_headline_repeated_by_writers_of_two_windows_hides_no_other() -> None:
    log = Log()
    log.append(10**12, entry(0, "1 1"))
    for i in range(1, 100):
        log.append(10**12, entry(i, "1 9"), rule=structs.replace(RULE, window_ms=WINDOW_MS // (1 + i % 2)))
    log.append(10**12, entry(100, "1 2"))
    assert log.verdict(100) == duplicate(0, "near", 0.9)


def test_a_headline_repeated_in_the_next_half_window_is_found_when_its_first_is_too_old() -> None:
    log = Log()
    log.append(WINDOW_MS // 2 - 1, entry(0, "1 1"))
    log.append(WINDOW_MS // 2, entry(1, "1 1"))
    log.append(WINDOW_MS // 2 + WINDOW_MS, entry(2, "1 2"))
    assert log.verdict(2) == duplicate(1, "near", 0.9)


def test_a_pair_is_judged_by_the_windows_of_the_later() -> None:
    log = Log()
    short, few = structs.replace(RULE, window_ms=100), structs.replace(RULE, max_entries=2)
    log.append(0, entry(0, "1 1"), rule=short)
    log.append(0, entry(1, "2 1"), entry(2, "3 1"), rule=few)
    log.append(101, entry(3, "1 1"), rule=short)
    log.append(101, entry(4, "2 1"), rule=few)
    log.append(101, entry(5, "2 1"), entry(6, "3 1"))
    assert log.verdicts([3, 4, 5, 6]) == [NEW, NEW, duplicate(1), duplicate(2)]


# -- identity


def test_a_replay_changes_nothing() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"), entry(1, "1 1"))
    replayed = encode(header(-1), [entry(1, "1 1"), entry(2, "1 5")])
    applied = log.replica.apply(1, 10, replayed)
    assert (applied.new, applied.replays) == (1, 1)
    assert log.verdict(1) == duplicate(0)
    assert log.replica.entries == 3


def test_the_same_position_with_other_bytes_is_a_new_entry() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    log.append(0, structs.replace(entry(0, "2 1"), id=entry_id(77)), known=-1)
    assert log.verdict(0) is None
    assert log.replica.verdicts("raw", 0, [0], [entry_id(77).hex()]) == [NEW]


def every_quarter_window(log: Log, first: int, quarters: int) -> None:
    for quarter in range(1, quarters + 1):
        log.append(first + quarter * WINDOW_MS // 4, entry(first + quarter, f"2 {first + quarter}"))


def test_verdicts_are_known_for_two_windows() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    every_quarter_window(log, 0, 8)
    assert log.verdict(0) == NEW
    log.append(2 * WINDOW_MS + 1, entry(20, "3 1"))
    assert log.verdict(0) is None


def test_a_pause_of_any_length_counts_for_a_quarter_of_a_window() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"), entry(1, "1 1"))
    log.append(1000 * WINDOW_MS, entry(2, "3 1"))
    assert log.verdicts([0, 1]) == [NEW, duplicate(0)]
    every_quarter_window(log, 1000 * WINDOW_MS, 7)
    assert log.verdicts([0, 1]) == [NEW, duplicate(0)]
    log.append(1000 * WINDOW_MS + 7 * WINDOW_MS // 4 + 1, entry(90, "3 1"))
    assert log.verdicts([0, 1]) == [None, None]


def test_a_pause_counts_for_candidates_as_long_as_it_was() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    log.append(WINDOW_MS + 1, entry(1, "1 1"))
    assert log.verdicts([0, 1]) == [NEW, NEW]


def read_from(start: int, times: Sequence[int], origin: int = 0) -> Replica:
    """A replica that reads a log of one entry a record, all that say the same, from a start on."""
    replica = Replica(RULE, 1, start=start, end=len(times), matcher=AFTER)
    for offset in range(start, len(times)):
        frame = encode(header(offset - 1, origin=origin), [entry(offset, "1 1")])
        replica.apply(offset, times[offset], frame)
    return replica


def test_a_replica_says_how_much_history_it_lacks() -> None:
    quarters = [quarter * WINDOW_MS // 4 for quarter in range(15)]
    assert read_from(0, quarters).missing_ms == 0
    assert read_from(2, quarters).missing_ms == WINDOW_MS // 2
    after_a_pause = [*quarters[:9], *(time + 50 * WINDOW_MS for time in quarters[9:])]
    assert read_from(0, after_a_pause).missing_ms == 0
    assert read_from(9, after_a_pause).missing_ms == 7 * WINDOW_MS // 2 - 5 * WINDOW_MS // 4


def test_what_a_deleted_head_of_the_log_might_have_judged_otherwise_is_not_answered() -> None:
    # The first entries of what is left are originals to this replica, and were duplicates to those that read more.
    pause = 5 * WINDOW_MS
    times = [0, 400, 800, 1200, 1600, 2000, 2400, 2400 + pause]
    replica = read_from(1, times, origin=0)
    ids = [entry_id(offset).hex() for offset in range(8)]
    known = [verdict is not None for verdict in replica.verdicts("raw", 0, range(8), ids)]
    assert known == [False, False, False, False, False, True, True, True]
    whole = read_from(0, times)
    assert all(whole.verdicts("raw", 0, range(8), ids))


def test_what_left_the_windows_is_freed() -> None:
    log = Log()
    sizes = []
    for i in range(400):
        log.append(i * 100, *[entry(50 * i + j, f"{50 * i + j} 1") for j in range(50)])
        sizes.append(log.replica.memory_bytes)
    assert log.replica.entries < 1000
    assert log.replica.identities < 2000
    assert max(sizes[200:]) < 1.5 * max(sizes[:200])


# -- frames that do not count


def test_a_frame_whose_writer_missed_a_quarter_window_still_counts_and_a_later_one_is_void() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    log.append(10, entry(1, "2 1"))
    assert log.append(10 + WINDOW_MS // 4, entry(2, "1 1"), known=0) is Status.VALID
    assert log.append(11 + WINDOW_MS // 4, entry(3, "1 1"), known=0) is Status.VOID
    assert log.verdicts([2, 3]) == [duplicate(0), None]


def test_a_pause_in_which_nothing_was_appended_makes_nothing_stale() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    assert log.append(50 * WINDOW_MS, entry(1, "1 1")) is Status.VALID


def test_another_epoch_and_garbage_are_passed_over() -> None:
    log = Log()
    assert log.append(0, entry(0, "1 1"), epoch=2, rule=Rule(9, 10**9, 10**9)) is Status.FOREIGN
    assert log.put(0, b"garbage") is Status.UNREADABLE
    assert log.replica.apply(2, 0, None).status is Status.UNREADABLE
    assert log.append(0, entry(0, "1 1")) is Status.VALID
    assert log.replica.epoch_frames == 1
    assert log.verdict(0) == NEW


# -- a log that cannot be trusted or understood


def test_a_gap_stops_the_replica() -> None:
    log = Log()
    with pytest.raises(LogIntegrityError, match="offset 1 where 0 was due"):
        log.replica.apply(1, 0, b"")


def test_a_writer_from_the_future_gives_a_truncation_away() -> None:
    log = Log()
    with pytest.raises(LogIntegrityError, match="had read up to 5"):
        log.append(0, entry(0, "1 1"), known=5)


def test_a_writer_that_saw_another_record_gives_a_truncation_away() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    assert log.append(0, entry(1, "1 1"), known_crc=checksum(log.values[0])) is Status.VALID
    with pytest.raises(LogIntegrityError, match="another record at 1"):
        log.append(0, entry(2, "1 1"), known_crc=1)


def test_a_frame_of_a_wider_window_stops_a_replica_that_did_not_load_it() -> None:
    wide = structs.replace(RULE, window_ms=2 * WINDOW_MS)
    with pytest.raises(LogVersionError, match="2000 ms"):
        Log().append(0, entry(0, "1 1"), rule=wide)
    replica = Replica(RULE, 1, start=0, end=0, matcher=MATCHER, reach=wide)
    frame = encode(header(-1, rule=wide), [entry(0, "1 1")])
    assert replica.apply(0, 0, frame).status is Status.VALID


def test_nothing_is_answered_before_the_replica_has_caught_up() -> None:
    replica = Replica(RULE, 1, start=0, end=1, matcher=MATCHER)
    assert not replica.ready
    with pytest.raises(LogIntegrityError, match="catch up"):
        replica.verdicts("raw", 0, [0], [entry_id(0).hex()])
    replica.apply(0, 0, b"")
    assert replica.ready


def test_an_epoch_can_only_begin_where_it_has_no_frames() -> None:
    log = Log()
    log.append(0, entry(0, "1 1"))
    with pytest.raises(LogIntegrityError, match="begin a new epoch"):
        log.replica.begin_epoch()


def test_a_replica_starts_four_windows_before_the_last_append_and_never_before_time_began() -> None:
    assert start_time_ms(10_000, RULE) == 10_000 - 4 * WINDOW_MS
    assert start_time_ms(10, RULE) == 0


# -- against the reference

RULES = st.builds(
    Rule, st.sampled_from((1, 2)), st.sampled_from((WINDOW_MS, 600, 350)), st.sampled_from((5, 40, 1000))
)
FORMS = st.builds(form, st.integers(0, 4), st.integers(0, 60))
RECORDS = st.lists(
    st.tuples(FORMS, st.integers(0, 1500), st.sampled_from((0, 0, 0, 0, 1, 2))), min_size=1, max_size=30
)
STEPS = st.lists(st.tuples(st.sampled_from((1, 20, 120, 260)), st.integers(0, 3), RECORDS), max_size=12)


@settings(max_examples=200, deadline=None)
@given(STEPS, st.lists(RULES, min_size=1, max_size=4))
def test_verdicts_are_those_of_a_naive_reading(
    steps: list[tuple[int, int, list[tuple[str, int, int]]]], rules: list[Rule]
) -> None:
    log = Log()
    reference = Reference([MATCHER, AFTER], 1, widest_ms=WINDOW_MS)
    time = offset = 0
    for wait, writer, records in steps:
        time += wait
        entries = [entry(offset + i, *record) for i, record in enumerate(records)]
        offset += len(entries)
        log.append(time, *entries, rule=rules[writer % len(rules)])
        reference.apply(time, log.values[-1])
    known = [e for e in reference.new if time - e.time <= 2 * WINDOW_MS]
    assert log.verdicts([e.source[2] for e in known]) == [e.verdict for e in known]
