"""Each event of the streams once, though Kafka may hold and deliver some of them twice."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from worker.errors import OffsetBeyondEndError, UnreadableRecordError
from worker.reader.events import RoutedHeadline
from worker.reader.records import event_of, opened

if TYPE_CHECKING:
    from worker.reader.events import Event
    from worker.reader.records import Record

WINDOW: Final = 10_000
"""How many records of a partition back a repeat is recognised by default."""


class Reader:
    """Events of records, each once.

    Kafka holds some records twice: a worker that crashed does its last batches again, with the same ids and bytes.
    `read` recognises a repeat when a copy stands at most `window` records before it in its partition, which is where
    copies stand. Two routed headlines are the same when their ids are; two duplicates when their raw positions are
    too, since a feed may send the same bytes any number of times.

    So what is a repeat is a matter of the log, and the log can be asked again: `begin` says how far to read back, so
    that a consumer which has just started, or was given a partition, knows what came before. There is no state to
    save. Give `window` as many records as a partition gets while a worker restarts: its rate, times
    `kafka.session_timeout_s` and some seconds.

    Of a partition between `window` and twice as many ids are remembered, each in 80 to 160 bytes. A repeat is not
    recognised where the model or the number of output partitions changed between the copies. Not for several threads.
    """

    def __init__(self, *, window: int = WINDOW) -> None:
        if window < 1:
            raise ValueError(f"a window of {window} records; it takes at least 1")
        self._window = window
        self._partitions: dict[tuple[str, int], _Partition] = {}

    def begin(
        self,
        topic: str,
        partition: int,
        offset: int | None,
        *,
        oldest: int | None = None,
        end: int | None = None,
    ) -> int:
        """Say that what comes of a partition from `offset` on is new; seek to the offset that is returned.

        Call it when the partition is assigned, with the committed offset; None, or one below 0, stands for none, and
        then everything is new. The records before it are only remembered. Call it again before going back to read
        something anew, and let nothing be fetched of the partition in between: a listener of aiokafka that awaits has
        to pause it.

        `oldest` and `end` are what Kafka has of the partition: the first offset that it keeps, and the one behind the
        last (the low and the high watermark). Without `oldest` the offset that is returned may be older than what is
        kept. The consumer then goes where `auto.offset.reset` says: that has to be `earliest`, since the clients'
        default, `latest`, goes to the end, and all events in between are lost.

        Without `end` a topic that was made anew looks as if it had been read, as far as the committed offset. Where
        the new one is longer than that, nobody can tell: delete the group after a topic was made anew.

        Raises:
            OffsetBeyondEndError: the committed offset lies behind `end`.
        """
        first = max(offset or 0, 0)
        if end is not None and first > end:
            raise OffsetBeyondEndError(
                f"{topic}[{partition}] ends at offset {end}, and {first} is committed: the topic was made anew, or"
                " Kafka lost records; delete the group to read what is there from its beginning"
            )
        known = self._partitions[topic, partition] = _Partition(self._window, first, oldest or 0)
        return known.start

    def forget(self, topic: str, partition: int) -> None:
        """Let go of a partition that was taken away."""
        self._partitions.pop((topic, partition), None)

    def read(self, record: Record) -> Event | None:
        """The event, or None where the record is a repeat or stands before the offset that `begin` was given.

        A record that raises is not counted as read.

        Raises:
            UnknownVersionError: the event is of a version that this release does not read.
            UnreadableRecordError: the record holds no event of these streams, or none that fits its schema.
        """
        found = opened(record)
        place = found.topic, found.partition
        known = self._partitions.get(place)
        if known is None:
            known = self._partitions[place] = _Partition(self._window, 0)
        if found.offset < known.first:
            # Whoever read it at its time has dealt with a record that can not be read.
            with suppress(UnreadableRecordError):
                known.is_repeat(found.offset, _identity(event_of(found)))
            return None
        event = event_of(found)
        known.following = max(known.following, found.offset + 1)
        return None if known.is_repeat(found.offset, _identity(event)) else event

    def offsets(self) -> dict[tuple[str, int], int]:
        """What to commit, by topic and partition, once all events that were read have been dealt with.

        A consumer's own position will not do: while it reads back, it is behind what was committed.
        """
        return {place: known.following for place, known in self._partitions.items()}


class _Partition:
    """What is remembered of a partition: identities from `_turn` on, and those of the window before it."""

    __slots__ = ("_new", "_old", "_turn", "_window", "first", "following", "start")

    def __init__(self, window: int, first: int, oldest: int = 0) -> None:
        self.first = self.following = first
        self.start = self._turn = max(first - window, oldest)
        self._window = window
        self._new: set[int] = set()
        self._old: set[int] = set()

    def is_repeat(self, offset: int, identity: int) -> bool:
        window, ahead = self._window, offset - self._turn
        if not -window <= ahead < window:
            # Whoever goes further back than what is remembered begins anew.
            self._old = self._new if window <= ahead < 2 * window else set()
            self._new = set()
            self._turn = offset
        repeated = identity in self._new or identity in self._old
        self._new.add(identity)
        return repeated


_POSITION_BITS: Final = 64
_POSITION_MASK: Final = (1 << _POSITION_BITS) - 1


def _identity(event: Event) -> int:
    """A number that copies of an event have in common, and no two other events of their partition."""
    identity = int(event.id, 16)
    if isinstance(event, RoutedHeadline):
        return identity
    return identity << _POSITION_BITS | (hash(event.position) & _POSITION_MASK)
