"""A worker's copy of the fingerprint log, and the verdicts that follow from it.

A replica is fed with every record of the log from its start on, in order. It knows neither Kafka nor a clock:
what it says is a function of what it was fed. README.md in this folder holds the rule, and why replicas
agree.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from worker.deduplicate import frame as frames
from worker.deduplicate.evidence import of_rows
from worker.deduplicate.frame import ID_BYTES, Flag, Frame, Header
from worker.deduplicate.identities import NONE, Identities
from worker.deduplicate.index import Index
from worker.deduplicate.memory import Memory, Past
from worker.deduplicate.rule import LEAST_REMEMBERED
from worker.deduplicate.timeline import Timeline
from worker.deduplicate.verdicts import Verdicts
from worker.deduplicate.versions import Judges, readable, refusal
from worker.errors import LogIntegrityError, LogVersionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.rule import Matcher, Rule
    from worker.events import Verdict

NEW_EPOCH = "Stop all workers, find out what happened to the topic, and begin a new epoch (dedup.epoch)"
RESTART = (
    "Find out what happened to the topic (`newswire topics check`) and restart this worker; if it ends so again,"
    " stop all workers and begin a new epoch (dedup.epoch)"
)
"""For where the log as it is now may still be whole to a worker that reads it from its start."""
_MOST_WAITING = 1000
_NO_FORM = b"\0"
"""What no headline has for its match form."""


class Status(StrEnum):
    """What a record of the log turned out to be."""

    VALID = "valid"
    """A frame of this epoch: its entries count."""
    VOID = "void"
    """A frame whose writer was too far behind the log when it was appended: none of its entries exist."""
    FOREIGN = "foreign"
    """A frame of another epoch: only its time counts."""
    UNREADABLE = "unreadable"
    """No frame: only its time counts."""


class Applied(Struct, frozen=True, gc=False):
    """What one record of the log was.

    `writer` and `sequence` are those of a frame of this epoch. `new` and `replays` count the entries of a
    valid one: those that got a verdict, and those that had one already.
    """

    status: Status
    writer: int = 0
    sequence: int = 0
    new: int = 0
    replays: int = 0


class Replica:
    """The log from a start on: identities, verdicts, and the index of the window.

    Args:
        rule: what this worker's own frames say.
        epoch: frames of other epochs are passed over.
        start: the log offset of the first record that will be applied: the first one stamped at or after
            `start_time_ms` of the log's last record, or the log's first.
        end: the log's end when the replica was made; before it is reached nothing can be asked.
        matcher: this release's; it and the one before judge the pairs, each those whose later entry is of its
            version.
        reach: the widest rule that the kept log holds, if that is wider than `rule`.
        least_remembered: part of the rule (`rule.LEAST_REMEMBERED`), and the same for all; less for trials.
    """

    def __init__(
        self,
        rule: Rule,
        epoch: int,
        *,
        start: int,
        end: int,
        matcher: Matcher,
        reach: Rule | None = None,
        least_remembered: int = LEAST_REMEMBERED,
    ) -> None:
        self.rule = rule
        self.epoch = epoch
        self.start = start
        self.end = end
        self.epoch_frames = 0
        self._reach = rule if reach is None else rule.widened(reach)
        self._timeline = Timeline(start, self._reach.most_pause_ms)
        self._memory = Memory(start)
        self._identities = Identities()
        self._verdicts = Verdicts()
        self._versions = readable(matcher)
        self._judges = Judges(matcher)
        self._index = Index(structs.replace(matcher, judge=self._judges.judge), self._reach.max_entries)
        self._least_remembered = least_remembered
        self._remembered = self._reach.remembered(least_remembered)
        self._appended = 0  # entries in frames of the epoch, whether these counted or not
        self._alive = 0  # entries before this number are too old to be known by identity
        self._sure = 0  # entries before this number may be judged otherwise by who has read more

    def apply(self, offset: int, timestamp_ms: int, value: bytes | None) -> Applied:
        """Applies the next record of the log.

        Args:
            offset: its offset in the log.
            timestamp_ms: its append timestamp.
            value: its bytes.

        Raises:
            LogIntegrityError: a gap, or a frame whose writer saw another log than this replica.
            LogVersionError: a frame of a version or a window that this replica cannot judge by.
        """
        if offset != self.next_offset:
            raise LogIntegrityError(
                f"the fingerprint log goes on at offset {offset} where {self.next_offset} was due: records"
                f" were deleted or the topic was truncated. {RESTART}"
            )
        time = self._timeline.append(
            timestamp_ms, frames.checksum(value or b""), self._verdicts.following, self._appended
        )
        if offset == self.start:
            self._memory.begin(self._after_raw_ms(time) + self._reach.stale_ms)
        applied = self._applied(offset, time, value)
        if self.next_offset == self.end:
            self._sure = self._first_sure(time)
        self._forget()
        return applied

    def verdicts(
        self, topic: str, partition: int, offsets: Sequence[int], ids: Sequence[str]
    ) -> list[Verdict | None]:
        """The verdicts of raw records, by identity; None for one that the log does not, or no longer, hold.

        Args:
            topic: source topic.
            partition: source partition.
            offsets: raw offsets.
            ids: the headlines' ids, 32 hex digits each.
        """
        if self._index.waiting:
            self._judge()
        numbers = self._find(topic, partition, offsets, ids)
        return [None if number == NONE else self._verdicts.verdict(number) for number in numbers]

    def knows(self, topic: str, partition: int, offsets: Sequence[int], ids: Sequence[str]) -> list[bool]:
        """Whether `verdicts` has an answer."""
        return [number != NONE for number in self._find(topic, partition, offsets, ids)]

    def candidates(
        self, forms: Sequence[bytes], keys: Sequence[Sequence[int]], raw_ms: Sequence[int]
    ) -> list[list[bytes]]:
        """The forms that new entries would be compared with if they were appended now, the most promising first.

        It only looks: verdicts do not change by it. Of an entry whose very form stands in the window there are none.

        Args:
            forms: their match forms in UTF-8.
            keys: their blocking keys.
            raw_ms: their raw timestamps.
        """
        self._check_ready()
        if self._index.waiting:
            self._judge()
        time = self._timeline.log_time
        if time is None:
            return [[] for _ in forms]
        oldest = self._timeline.first_entry_since(time - self.rule.window_ms)
        return self._index.look(forms, keys, raw_ms, oldest=oldest, rule=self.rule)

    def past(self, topic: str, partition: int) -> Past:
        """What may have been appended of a source partition, beyond the identities that `verdicts` knows."""
        self._check_ready()
        return self._memory.past(topic, partition)

    def begin_epoch(self) -> None:
        """Declares that the epoch begins here.

        For a consumer group without commits, whose replica has read the whole kept log and met no frame of
        its epoch.

        Raises:
            LogIntegrityError: the epoch has frames.
        """
        self._check_ready()
        if self.epoch_frames:
            raise LogIntegrityError(
                f"the consumer group has no commits but epoch {self.epoch} has {self.epoch_frames} frames in"
                " the log: to process history again, begin a new epoch (dedup.epoch)"
            )
        self._memory.origin = self.next_offset

    @property
    def ready(self) -> bool:
        """Whether the replica has caught up with the log as it was at its start."""
        return self.next_offset >= self.end

    @property
    def missing_ms(self) -> int:
        """How much more log it would have to hold to answer for all that is known by identity; 0 if none.

        Pauses make it: of four windows of log time little busy time may be left. Where the log was deleted before, no
        more can be had.
        """
        return max(0, self._reach.needed_ms - self._timeline.busy_ms)

    @property
    def next_offset(self) -> int:
        """The log offset of the record that is due."""
        return self._timeline.next_offset

    @property
    def log_time(self) -> int | None:
        """The running maximum of the append timestamps, or None before the first record."""
        return self._timeline.log_time

    @property
    def origin(self) -> int:
        """The log offset before which the epoch is known to have no frames."""
        return self._memory.origin

    @property
    def complete(self) -> bool:
        """Whether the replica has read every frame of its epoch."""
        return self._memory.complete

    @property
    def entries(self) -> int:
        """Entries in the window."""
        return len(self._index)

    @property
    def identities(self) -> int:
        """Entries whose verdict is known by identity."""
        return self._verdicts.following - self._alive

    @property
    def memory_bytes(self) -> int:
        """Memory of all that grows with the window, estimated."""
        parts = (self._timeline, self._identities, self._verdicts, self._index)
        return sum(part.memory_bytes for part in parts)

    def checksum(self, offset: int) -> int | None:
        """The checksum of a recently applied record, or None."""
        return self._timeline.checksum(offset)

    def _find(self, topic: str, partition: int, offsets: Sequence[int], ids: Sequence[str]) -> list[int]:
        """The entries that stand for raw records, or NONE."""
        self._check_ready()
        numbers = self._identities.get(topic, partition, offsets)
        alive, id_of = self._alive, self._verdicts.id
        return [
            number if number >= alive and id_of(number).hex() == headline_id else NONE
            for number, headline_id in zip(numbers, ids, strict=True)
        ]

    def _applied(self, offset: int, time: int, value: bytes | None) -> Applied:
        epoch = frames.epoch_of(value)
        if value is None or epoch is None:
            return Applied(Status.UNREADABLE)
        if epoch != self.epoch:
            return Applied(Status.FOREIGN)
        version = frames.version_of(value)
        if version not in self._versions:
            raise refusal(version, offset, self._versions)
        frame = frames.decode(value)
        if frame is None:
            return Applied(Status.UNREADABLE)
        self.epoch_frames += 1
        header = frame.header
        self._check_covered(header, offset)
        self._check_same_log(header, offset)
        valid = self._in_time(header, offset, time)
        self._appended += len(frame.offsets)
        self._memory.see(frame, valid=valid, here_ms=self._after_raw_ms(time))
        if not valid:
            return Applied(Status.VOID, header.writer, header.sequence)
        new = self._add(frame, offset, time)
        return Applied(Status.VALID, header.writer, header.sequence, new, len(frame.offsets) - new)

    def _add(self, frame: Frame, offset: int, time: int) -> int:
        """Adds a valid frame's entries; returns how many were new."""
        header = frame.header
        topic, partition = header.topic, header.partition
        stand = self._identities.get(topic, partition, frame.offsets)
        missed = self._entries_before(header.known + 1, offset)
        if max(stand) >= missed:
            frame = self._without_replays(frame, stand, missed)
        latest_ms = time + header.rule.skew_ms
        if frame.raw_ms and max(frame.raw_ms) > latest_ms:
            frame = _set_aside(frame, latest_ms)
        if header.rule.version != self._judges.version:
            self._judge()  # what waits is judged by its own version
            self._judges.turn_to(header.rule.version)
        oldest = self._timeline.first_entry_since(time - header.rule.window_ms)
        self._index.put(
            frame.forms,
            frame.keys,
            frame.raw_ms,
            frame.flags,
            frame.pairs,
            time=time,
            oldest=oldest,
            rule=header.rule,
        )
        self._identities.put(topic, partition, frame.offsets, self._verdicts.following)
        self._verdicts.extend(frame.ids, frame.flags, frame.topics)
        return len(frame.offsets)

    def _without_replays(self, frame: Frame, stand: Sequence[int], missed: int) -> Frame:
        """The entries whose identity is not among those that the writer had missed.

        Args:
            frame: the frame.
            stand: the entries that stand for its positions.
            missed: the first entry that the writer had not seen.
        """
        id_of = self._verdicts.id
        kept = [
            i
            for i, number in enumerate(stand)
            if number < missed or id_of(number) != frame.ids[ID_BYTES * i :][:ID_BYTES]
        ]
        return structs.replace(
            frame,
            offsets=[frame.offsets[i] for i in kept],
            raw_ms=[frame.raw_ms[i] for i in kept],
            ids=b"".join([frame.ids[ID_BYTES * i :][:ID_BYTES] for i in kept]),
            flags=bytes([frame.flags[i] for i in kept]),
            keys=[frame.keys[i] for i in kept],
            forms=[frame.forms[i] for i in kept],
            pairs=of_rows(frame.pairs, kept),
            topics=of_rows(frame.topics, kept),
        )

    def _in_time(self, header: Header, offset: int, time: int) -> bool:
        """Whether the writer knew the log up to shortly before its frame was appended."""
        if header.known == offset - 1:
            return True
        missed_since = self._timeline.time(header.known + 1)
        if missed_since is None or time - missed_since > header.rule.stale_ms:
            return False
        # All entries count, not the new ones alone: which ones are new hangs on what a replica may not have read.
        missed = self._appended - self._timeline.appended_before(header.known + 1)
        return missed <= header.rule.remembered(self._least_remembered)

    def _entries_before(self, first_missed: int, offset: int) -> int:
        return (
            self._verdicts.following
            if first_missed == offset
            else self._timeline.entries_before(first_missed)
        )

    def _after_raw_ms(self, time: int) -> int:
        """The first raw timestamp that no record in the log up to a log time can have."""
        return time + self._reach.skew_ms + 1

    def _first_sure(self, time: int) -> int:
        """The first entry whose verdict can not hang on what was deleted before the replica's start."""
        begun, reach = self._timeline.start_time, self._reach
        if not self.missing_ms or self._memory.complete or begun is None:
            return 0
        settled = begun + reach.settling_ms
        return self._timeline.first_entry_since(min(settled, time - reach.identity_ms))

    def _forget(self) -> None:
        reach, timeline = self._reach, self._timeline
        remembered_from = self._verdicts.following - self._remembered
        # By busy time: what was in flight when everything stopped keeps its verdict, however long that lasts.
        self._alive = max(self._sure, remembered_from, timeline.first_entry_of_last(reach.identity_ms))
        if self._index.waiting >= _MOST_WAITING:
            self._judge()
        self._identities.forget_before(self._alive)
        # Verdicts name entries of the window before, and to judge by it takes its log time.
        named_from, named_ms = remembered_from - reach.max_entries, reach.identity_ms + reach.window_ms
        self._verdicts.forget_before(max(named_from, timeline.first_entry_of_last(named_ms)))
        timeline.forget_before(named_from, named_ms)

    def _judge(self) -> None:
        """Judges the entries that wait for it; then drops from the index what fell out of the window.

        Nobody asks for verdicts while a replica catches up, and many entries are quicker judged together than
        frame by frame.
        """
        for number, match in self._index.flush():
            self._verdicts.amend(number, match)
        time, reach = self._timeline.log_time, self._reach
        if time is not None:
            in_window = self._timeline.first_entry_since(time - reach.window_ms)
            self._index.forget_before(max(in_window, self._verdicts.following - reach.max_entries))

    def _check_ready(self) -> None:
        if not self.ready:
            raise LogIntegrityError(
                f"the replica stands at log offset {self.next_offset} and the log went up to {self.end} when"
                " it began: it must catch up before it decides"
            )

    def _check_covered(self, header: Header, offset: int) -> None:
        if not self._reach.covers(header.rule):
            raise LogVersionError(
                f"the frame at log offset {offset} is judged over {header.rule.window_ms} ms and"
                f" {header.rule.max_entries} entries, and this worker has loaded {self._reach.window_ms} ms"
                f" and {self._reach.max_entries} entries: give all workers the larger dedup.window_s and"
                " dedup.max_entries and restart them, or begin a new epoch (dedup.epoch)"
            )

    def _check_same_log(self, header: Header, offset: int) -> None:
        if header.known >= offset:
            raise LogIntegrityError(
                f"the frame at log offset {offset} comes from a worker that had read up to {header.known}:"
                f" the log was truncated. {NEW_EPOCH}"
            )
        here = self._timeline.checksum(header.known)
        if here is not None and header.known_crc and here != header.known_crc:
            raise LogIntegrityError(
                f"the writer of the frame at log offset {offset} saw another record at {header.known} than"
                f" this worker: the log was truncated and written anew. {NEW_EPOCH}"
            )


def _set_aside(frame: Frame, latest_ms: int) -> Frame:
    """A frame whose entries with a raw timestamp after the latest are originals, and are compared with nothing.

    Their clock was wrong: should such a record be forgotten and come again, nobody could tell.
    """
    ahead = [raw_ms > latest_ms for raw_ms in frame.raw_ms]
    return structs.replace(
        frame,
        flags=bytes(
            [flag or Flag.LATE * is_ahead for flag, is_ahead in zip(frame.flags, ahead, strict=True)]
        ),
        keys=[() if is_ahead else keys for keys, is_ahead in zip(frame.keys, ahead, strict=True)],
        forms=[_NO_FORM if is_ahead else form for form, is_ahead in zip(frame.forms, ahead, strict=True)],
    )
