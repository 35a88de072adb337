"""Upgrades: releases of neighbouring versions on one log. The rules are a toy's, the formats those of frames."""

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.unit.deduplicate.model.toy import AFTER, MATCHER, form
from worker.deduplicate import Batch, Matcher, Replica, Rule, Writer, start_time_ms
from worker.deduplicate.evidence import Evidence, Pair, Scores, form_hash
from worker.deduplicate.frame import Entry, Header, checksum, decode, encode
from worker.deduplicate.match import MATCHER as SHIPPED
from worker.deduplicate.versions import readable, to_write
from worker.errors import LogVersionError, SettingsError
from worker.events import Headline, Kind, Verdict

WINDOW_MS = 1000


FIRST = MATCHER
SECOND = AFTER
THIRD = structs.replace(AFTER, version=3, before=structs.replace(SECOND, before=None))


class Log:
    """The log's records, and the frames' entries as they were planned."""

    def __init__(self) -> None:
        self.records: list[tuple[int, bytes]] = []

    def append(self, time: int, *values: bytes) -> None:
        self.records += [(time, value) for value in values]

    def feed(self, replica: Replica) -> None:
        """The replica applies what it has not applied."""
        for time, value in self.records[replica.next_offset :]:
            replica.apply(replica.next_offset, time, value)


class Worker:
    """A worker of a release, that writes a version and a window of its own."""

    def __init__(
        self, log: Log, release: Matcher, *, told: int = 0, window_ms: int = WINDOW_MS, start: int = 0
    ) -> None:
        widest = Rule(to_write(release, told), WINDOW_MS, 1000)
        rule = structs.replace(widest, window_ms=window_ms)
        self.log = log
        self.replica = Replica(rule, 1, start=start, end=len(log.records), matcher=release, reach=widest)
        log.feed(self.replica)
        if not log.records:
            self.replica.begin_epoch()
        self.writer = Writer(self.replica, release, max_frame_bytes=1 << 20, writer_id=1)

    def plan(self, offset: int, *forms: str, evidence: Evidence | None = None) -> tuple[bytes, ...]:
        """Frames with forms, from a raw offset on; the evidence is that of the first."""
        self.log.feed(self.replica)
        headlines = [Headline(f"{offset + i:032x}", "", "", form, form) for i, form in enumerate(forms)]
        batch = Batch("raw", 0, range(offset, offset + len(forms)), [0] * len(forms), headlines)
        found = {} if evidence is None else {bytes.fromhex(headlines[0].id): evidence}
        return self.writer.plan(batch, found).frames

    def verdicts(self, offsets: Sequence[int]) -> list[Verdict | None]:
        self.log.feed(self.replica)
        return self.replica.verdicts("raw", 0, offsets, [f"{offset:032x}" for offset in offsets])


def marks(value: bytes) -> tuple[int, int]:
    """Format and version of a frame."""
    return struct.unpack_from("<HH", value, 8)


def duplicate(of: int, reason: str, score: float) -> Verdict:
    return Verdict(Kind.DUPLICATE, reason, f"{of:032x}", score)


# -- which version is written


def test_the_first_version_has_none_before_it_and_is_what_is_written() -> None:
    assert list(readable(SHIPPED)) == [2]
    assert to_write(SHIPPED, 0) == 2


def test_the_older_version_is_written_until_the_newer_is_asked_for() -> None:
    assert [to_write(SECOND, told) for told in (0, 1, 2)] == [1, 1, 2]


def test_a_version_that_the_release_does_not_write_is_refused_as_a_setting() -> None:
    with pytest.raises(SettingsError, match=r"dedup.write_version=2: this release writes version 1 "):
        to_write(FIRST, 2)
    with pytest.raises(SettingsError, match=r"dedup.write_version=1: this release writes version 2 or 3 "):
        to_write(THIRD, 1)


def test_frames_have_the_format_and_the_keys_of_the_version_that_is_written() -> None:
    older, newer = (Worker(Log(), SECOND, told=told).plan(0, "1 1")[0] for told in (0, 2))
    assert (marks(older), marks(newer)) == ((1, 1), (2, 2))
    frame, next_frame = decode(older), decode(newer)
    assert frame is not None
    assert next_frame is not None
    assert frame.keys[0] == FIRST.keys("1 1")
    assert next_frame.keys[0] == SECOND.keys("1 1")


# -- an upgrade


def test_old_and_new_releases_share_a_log_without_a_stop() -> None:
    log = Log()
    old, new = Worker(log, FIRST), Worker(log, SECOND)
    log.append(0, *old.plan(0, "1 1"))
    log.append(0, *new.plan(1, "1 3", "2 1"))
    log.append(0, *old.plan(3, "2 2"))
    assert {marks(value) for _, value in log.records} == {(1, 1)}
    said = [*[Verdict(Kind.ORIGINAL, "new")] * 3, duplicate(2, "near", 0.9)]
    said[1] = Verdict(Kind.UPDATE, "fact", f"{0:032x}", 0.8)
    assert old.verdicts(range(4)) == new.verdicts(range(4)) == said


def test_a_pair_is_judged_by_the_version_of_the_later() -> None:
    log = Log()
    older, newer = Worker(log, SECOND), Worker(log, SECOND, told=2)
    log.append(0, *older.plan(0, "1 1"))
    log.append(0, *newer.plan(1, "1 3"))
    log.append(0, *older.plan(2, "1 6"))
    update = Verdict(Kind.UPDATE, "fact", f"{0:032x}", 0.8)
    assert older.verdicts([1]) == newer.verdicts([1]) == [duplicate(0, "far", 0.8)]
    log.append(0, *newer.plan(3, "2 1"))
    log.append(0, *older.plan(4, "2 3"))
    assert older.verdicts([4]) == newer.verdicts([4]) == [structs.replace(update, of=f"{3:032x}")]


SAME = Evidence((Pair(form_hash(b"1 1"), Scores(50, 0)),), bytes(range(17)))


def test_evidence_counts_once_the_version_that_takes_it_is_written() -> None:
    log = Log()
    older, newer = Worker(log, SECOND), Worker(log, SECOND, told=2)
    assert (older.writer.takes_evidence, newer.writer.takes_evidence) == (False, True)
    log.append(0, *older.plan(0, "1 1"))
    log.append(0, *older.plan(1, "1 9", evidence=SAME))
    log.append(0, *newer.plan(2, "1 8", evidence=SAME))
    new, model = (
        Verdict(Kind.ORIGINAL, "new"),
        structs.replace(duplicate(0, "model", 0.05), topics=bytes(range(17))),
    )
    assert older.verdicts([1, 2]) == newer.verdicts([1, 2]) == [new, model]


FRAMES = st.lists(
    st.tuples(
        st.sampled_from((1, 40, 120, 240)),
        st.integers(0, 4),
        st.lists(st.builds(form, st.integers(0, 2), st.integers(0, 9)), min_size=1, max_size=5),
    ),
    min_size=10,
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(FRAMES)
def test_verdicts_do_not_depend_on_the_start_nor_on_when_they_are_asked_for(
    appended: list[tuple[int, int, list[str]]],
) -> None:
    log = Log()
    workers = [
        Worker(log, SECOND, told=told, window_ms=window_ms)
        for told, window_ms in ((0, WINDOW_MS), (2, WINDOW_MS), (0, 500), (2, 300), (1, 800))
    ]
    time, offset = 10**12, 0
    newest = []
    for wait, writer, forms in appended:
        time += wait
        log.append(time, *workers[writer].plan(offset, *forms))
        newest.append(range(offset, offset + len(forms)))
        offset += len(forms)
        workers[0].verdicts(newest[-1])
    since = start_time_ms(time, Rule(1, WINDOW_MS, 1000))
    start = next(at for at, (appended_ms, _) in enumerate(log.records) if appended_ms >= since)
    cold, asked_late, whole = Worker(log, SECOND, start=start), workers[1], workers[0]
    everything = range(offset)
    assert cold.verdicts(everything) == asked_late.verdicts(everything) == whole.verdicts(everything)


# -- what a release does not read


def test_a_release_stops_at_a_newer_version_and_asks_to_be_upgraded() -> None:
    log = Log()
    old, new = Worker(log, FIRST), Worker(log, SECOND, told=2)
    log.append(0, *new.plan(0, "1 1"))
    with pytest.raises(LogVersionError) as stopped:
        log.feed(old.replica)
    assert stopped.value.exit_code == 6
    assert "log offset 0 is of version 2 and this release reads version 1:" in str(stopped.value)
    assert "Upgrade this worker" in str(stopped.value)


def test_a_release_stops_at_a_version_that_is_too_old_and_says_how_to_upgrade_in_steps() -> None:
    log = Log()
    log.append(0, *Worker(log, FIRST).plan(0, "1 1"))
    with pytest.raises(LogVersionError) as stopped:
        Worker(log, THIRD)
    assert "is of version 1 and this release reads version 2 or 3:" in str(stopped.value)
    assert "let the release before this one write version 2 (dedup.write_version=2)" in str(stopped.value)
    assert "for 4 windows" in str(stopped.value)


def test_a_release_goes_on_where_the_version_that_is_too_old_is_four_windows_past() -> None:
    log = Log()
    log.append(0, *Worker(log, FIRST).plan(0, "1 1"))
    log.append(4 * WINDOW_MS + 1, *Worker(log, SECOND, told=2).plan(1, "1 1"))
    assert start_time_ms(4 * WINDOW_MS + 1, Rule(2, WINDOW_MS, 1000)) == 1
    replica = Replica(Rule(2, WINDOW_MS, 1000), 1, start=1, end=2, matcher=THIRD)
    replica.apply(1, *log.records[1])
    assert replica.verdicts("raw", 0, [1], [f"{1:032x}"]) == [Verdict(Kind.ORIGINAL, "new")]


def test_other_epochs_may_be_of_any_version_and_format() -> None:
    log = Log()
    header = Header(2, Rule(7, WINDOW_MS, 1000), 7, 0, -1, 0, 0, "raw", 0, -1, 0)
    value = encode(header, [Entry(0, 0, bytes(16), 0, (), b"1 1")])
    unknown = value[:8] + struct.pack("<H", 9) + value[10:]
    log.append(0, value, unknown[:4] + struct.pack("<I", checksum(unknown)) + unknown[8:])
    assert Worker(log, FIRST).replica.ready
