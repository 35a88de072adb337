"""What a replica can say of each source partition's past, beyond the identities that it holds."""

from __future__ import annotations

from msgspec import Struct

from worker.deduplicate.frame import NOTHING, UP_TO_HERE, Frame

Source = tuple[str, int]
"""A source topic and partition."""


class Past(Struct, frozen=True, gc=False):
    """What is known of a source partition: whatever was appended of it lies below one of two bounds.

    It has a raw offset of at most `high`, or a raw timestamp before `suspect_before_ms`.

    `suspect_before_ms` is None where nothing at all is known: any record may have been appended before.
    """

    high: int
    suspect_before_ms: int | None

    def may_hold(self, offset: int, raw_ms: int) -> bool:
        """Whether a record may have been appended before."""
        return self.suspect_before_ms is None or offset <= self.high or raw_ms < self.suspect_before_ms


class Memory:
    """The pasts of all source partitions of an epoch: what frames carried forward, and what was seen since.

    Args:
        start: the log offset at which the replica starts.
    """

    def __init__(self, start: int) -> None:
        self.origin = 0
        self._start = start
        self._blind_before_ms: int | None = None
        self._high: dict[Source, int] = {}
        self._suspect: dict[Source, int] = {}
        self._told: set[Source] = set()

    @property
    def complete(self) -> bool:
        """Whether the replica has read every frame of the epoch."""
        return self._start <= self.origin

    def begin(self, blind_before_ms: int) -> None:
        """Sets the raw timestamp before which a record may have been appended unseen."""
        self._blind_before_ms = blind_before_ms

    def see(self, frame: Frame, *, valid: bool, here_ms: int) -> None:
        """Takes in a frame; of a void one only what makes more suspect, its entries may exist elsewhere.

        Args:
            frame: the frame.
            valid: whether it counts; then its header tells the partition's whole past.
            here_ms: the first raw timestamp that no record in the log up to the frame can have.
        """
        header = frame.header
        source = (header.topic, header.partition)
        suspect = here_ms if header.suspect_before_ms == UP_TO_HERE else header.suspect_before_ms
        self._high[source] = max(self._high.get(source, NOTHING), header.high, frame.offsets[-1])
        self._suspect[source] = max(self._suspect.get(source, 0), suspect)
        if valid:
            self._told.add(source)
            self.origin = max(self.origin, header.origin)

    def past(self, topic: str, partition: int) -> Past:
        """What is known of a partition now."""
        source = (topic, partition)
        high, suspect = self._high.get(source, NOTHING), self._suspect.get(source, 0)
        if source in self._told or self.complete:
            return Past(high, suspect)
        if self._blind_before_ms is None:
            return Past(high, None)
        return Past(high, max(suspect, self._blind_before_ms))
