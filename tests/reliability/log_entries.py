"""What the fingerprint log says of raw records: in which order they stand, at what time, and which are late.

Read by the layout in schemas/fingerprint.frame/v1.ksy and the rule in worker/deduplicate/README.md, without any code of
the worker.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .verifier import Position, Record

MAGIC = b"NWFP"
FRAME = struct.Struct("<4sIHHIqqQQqIiqqqHI")
"""A frame before its columns."""
LATE = 1
MOST_SKEW_MS = 60_000


class Header(NamedTuple):
    """What stands before the columns, in its order."""

    magic: bytes
    checksum: int
    format: int
    rule_version: int
    epoch: int
    window_ms: int
    max_entries: int
    writer: int
    sequence: int
    known: int
    known_checksum: int
    partition: int
    origin: int
    high: int
    suspect_before_ms: int
    len_topic: int
    num_entries: int


class Entry(NamedTuple):
    """What the log holds of a raw record: its first entry's place and log time, and whether one of its is late.

    The place is the log offset and the raw one, by which entries stand in a frame. An entry that is ahead of the log's
    clock is late too, and no other is ever compared with it.
    """

    place: tuple[int, int]
    time_ms: int
    late: bool
    ahead: bool
    window_ms: int


def entries_of(log: Iterable[Record], raw: str) -> tuple[dict[Position, Entry], set[Position]]:
    """What the log's last epoch holds of each raw record, by the rule of worker/deduplicate/README.md; what is void.

    A frame whose writer had missed a record of the log for longer than a quarter of the window is void: its entries do
    not count, and those that follow for the same records are late. An entry that its writer had missed in the log is a
    replay; another one of the same record, which its writer had forgotten, may be late.
    """
    entries: dict[Position, Entry] = {}
    void: set[Position] = set()
    stands: dict[Position, int] = {}
    epoch, now = 0, 0
    times: dict[int, int] = {}
    for record in log:
        times[record.offset] = now = max(now, record.time_ms)
        value = record.value or b""
        frame = _header(value)
        if frame is None:
            continue
        missed_since = now if frame.known == record.offset - 1 else times.get(frame.known + 1)
        if frame.epoch < epoch:
            continue
        if frame.epoch > epoch:
            entries, void, stands, epoch = {}, set(), {}, frame.epoch
        if value[FRAME.size :][: frame.len_topic].decode() != raw:
            continue
        if missed_since is None or now - missed_since > frame.window_ms // 4:
            void |= {(frame.partition, offset) for offset, _, _ in _columns(value, frame)}
            continue
        for offset, raw_ms, flag in _columns(value, frame):
            position = (frame.partition, offset)
            if stands.get(position, -1) > frame.known:
                continue
            stands[position] = record.offset
            ahead = raw_ms > now + min(frame.window_ms, MOST_SKEW_MS)
            entry = Entry((record.offset, offset), now, False, ahead, frame.window_ms)
            entry = entries.setdefault(position, entry)
            if flag == LATE or ahead:
                entries[position] = entry._replace(late=True)
    return entries, void


def _header(value: bytes) -> Header | None:
    """What a frame says before its columns; None for what is no frame."""
    if len(value) < FRAME.size or not value.startswith(MAGIC):
        return None
    header = Header._make(FRAME.unpack_from(value))
    return header if crc32(value[8:]) == header.checksum else None


def _columns(value: bytes, frame: Header) -> Iterator[tuple[int, int, int]]:
    """Raw offset, raw time (ms) and flag of each entry; its id, 16 bytes, is passed over."""
    count = frame.num_entries
    found = struct.unpack_from(f"<{count}q{count}q{16 * count}x{count}B", value, FRAME.size + frame.len_topic)
    return zip(found[:count], found[count : 2 * count], found[2 * count :], strict=True)
