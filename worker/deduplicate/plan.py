"""The writer's side: which of a batch's records the log has yet to learn of, and the frames that tell it."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, structs

from worker.deduplicate import frame as frames
from worker.deduplicate.evidence import Evidence
from worker.deduplicate.frame import GUARD_FLAGS, PLAIN_FORMAT, UP_TO_HERE, Entry, Flag, Header
from worker.deduplicate.replica import RESTART, Replica
from worker.deduplicate.versions import readable
from worker.errors import LogIntegrityError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.deduplicate.rule import Matcher
    from worker.events import Guard


class Fingerprinted(Protocol):
    """What is read of a headline; `worker.events.Headline` fits."""

    @property
    def id(self) -> str:
        """32 hex digits."""

    @property
    def match(self) -> str:
        """The match form."""

    @property
    def guard(self) -> Guard | None:
        """Why it is an original whatever came before it, if it is."""

    @property
    def language(self) -> str | None:
        """As the feed says, else as its text shows, else None."""


class Batch(Struct, frozen=True):
    """Headlines of one source partition, by column, in ascending order of their raw offsets.

    `raw_ms` are the raw records' append timestamps. `keys` are the headlines' blocking keys by the rule that is
    written, without repetition; the writer computes them where they are not given.
    """

    topic: str
    partition: int
    offsets: Sequence[int]
    raw_ms: Sequence[int]
    headlines: Sequence[Fingerprinted]
    keys: Sequence[tuple[int, ...]] | None = None


class Plan(Struct, frozen=True):
    """What has to be appended to the log before a batch's verdicts can be read off.

    `frames` may be empty: then the log holds all of the batch already. `late` counts the entries that will be
    originals because they may have been appended before.
    """

    frames: tuple[bytes, ...]
    entries: int
    late: int


class Writer:
    """Plans the frames of one worker process.

    Append a plan's frames at once, wait until the replica has applied them, `verify` them, and ask the
    replica for the batch's verdicts. Where one is missing, a frame came too late and is void: plan the batch
    again. A plan that is made and never appended, or appended twice, is harmless.

    `matcher` is that of the version that is written.

    Args:
        replica: this worker's; caught up.
        matcher: this release's; it or the one before, whichever the replica's rule names, gives blocking keys
            and format.
        max_frame_bytes: what a record of the log may take.
        writer_id: a random unsigned 64-bit number that no other process uses.
    """

    def __init__(self, replica: Replica, matcher: Matcher, *, max_frame_bytes: int, writer_id: int) -> None:
        self._replica = replica
        self.matcher = readable(matcher)[replica.rule.version]
        self._format = frames.FORMATS[self.matcher.format]
        self._max_frame_bytes = max_frame_bytes
        self._writer_id = writer_id
        self._sequence = 0

    @property
    def takes_evidence(self) -> bool:
        """Whether frames of the version that is written can hold evidence."""
        return self.matcher.format != PLAIN_FORMAT

    def plan(self, batch: Batch, evidence: Mapping[bytes, Evidence] | None = None) -> Plan:
        """The frames with the fingerprints of those records of a batch that the replica does not know.

        Args:
            batch: the batch.
            evidence: by id (16 bytes), for those headlines that have any. An entry that is an original whatever came
                before it gets no scores of pairs.
        """
        entries = self.unknown(batch)
        if evidence:
            entries = [_with_evidence(entry, evidence) for entry in entries]
        runs = self._format.split(entries, batch.topic, self._max_frame_bytes)
        return Plan(
            frames=tuple(self._format.encode(self._header(batch), run) for run in runs),
            entries=len(entries),
            late=sum(entry.flag == Flag.LATE for entry in entries),
        )

    def verify(self, plan: Plan, offsets: Sequence[int]) -> None:
        """Checks that the log holds what was sent; to be called when the replica has applied a plan's frames.

        Args:
            plan: the plan.
            offsets: the log offsets at which the broker acknowledged its frames.

        Raises:
            LogIntegrityError: the log holds something else there.
        """
        for value, offset in zip(plan.frames, offsets, strict=True):
            if self._replica.checksum(offset) not in (frames.checksum(value), None):
                raise LogIntegrityError(
                    f"the fingerprint log holds another frame at offset {offset} than the one acknowledged"
                    f" there: the topic was truncated. {RESTART}"
                )

    def unknown(self, batch: Batch) -> list[Entry]:
        """The entries of those records of a batch that the replica does not know, without evidence."""
        past = self._replica.past(batch.topic, batch.partition)
        ids = [headline.id for headline in batch.headlines]
        known = self._replica.knows(batch.topic, batch.partition, batch.offsets, ids)
        entries = []
        given = repeat(None) if batch.keys is None else batch.keys
        columns = zip(batch.offsets, batch.raw_ms, batch.headlines, given, known)  # noqa: B905 - `repeat` has no end
        for offset, raw_ms, headline, of_headline, is_known in columns:
            if is_known:
                continue
            keys = of_headline
            if keys is None:
                keys = tuple(dict.fromkeys(self.matcher.keys(headline.match)))
            if headline.guard is not None:
                flag = GUARD_FLAGS[headline.guard]
            else:
                flag = Flag.LATE if past.may_hold(offset, raw_ms) else Flag.NONE
            entry_id = bytes.fromhex(headline.id)
            entries.append(Entry(offset, max(0, raw_ms), entry_id, flag, keys, headline.match.encode()))
        return entries

    def _header(self, batch: Batch) -> Header:
        replica = self._replica
        past = replica.past(batch.topic, batch.partition)
        known = replica.next_offset - 1
        self._sequence += 1
        return Header(
            epoch=replica.epoch,
            rule=replica.rule,
            writer=self._writer_id,
            sequence=self._sequence,
            known=known,
            known_crc=replica.checksum(known) or 0,
            origin=replica.origin,
            topic=batch.topic,
            partition=batch.partition,
            high=past.high,
            suspect_before_ms=UP_TO_HERE if past.suspect_before_ms is None else past.suspect_before_ms,
        )


def _with_evidence(entry: Entry, evidence: Mapping[bytes, Evidence]) -> Entry:
    found = evidence.get(entry.id)
    if found is None:
        return entry
    return structs.replace(entry, evidence=found if entry.flag == Flag.NONE else Evidence((), found.topics))
