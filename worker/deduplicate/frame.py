"""A frame of the fingerprint log: the fingerprints of one batch, or of a part of it, as bytes.

`schemas/fingerprint.frame/` describes each format byte by byte. Format 2 is format 1 with the entries' evidence behind
it. Parsing is strict: bytes that differ from what `encode` writes in any way are no frame.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from itertools import accumulate, pairwise
from operator import lt
from typing import TYPE_CHECKING
from zlib import crc32

from msgspec import Struct, structs

from worker.deduplicate import evidence as costly
from worker.deduplicate.evidence import NO_EVIDENCE, Evidence, PairsByRow, TopicsByRow
from worker.deduplicate.rule import MOST_KEYS, Rule
from worker.errors import LogVersionError
from worker.events import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAGIC = b"NWFP"
PLAIN_FORMAT = 1
"""Without evidence."""
FORMAT = 2
ID_BYTES = 16
NOTHING = -1
"""`known` of a writer that has read nothing; `high` of a partition of which nothing was appended."""
UP_TO_HERE = -1
"""`suspect_before_ms` of a writer that knows nothing: whatever is older than the frame itself is suspect."""

_PREFIX = struct.Struct("<4sIHHI")  # magic, crc, format, rule version, epoch
_HEADER = struct.Struct("<qqQQqIiqqqHI")
_COLUMNS_FROM = _PREFIX.size + _HEADER.size
_CHECKED_FROM = 8
_ENTRY_BYTES = 8 + 8 + ID_BYTES + 1 + 1 + 4
_KEY_BYTES = 4


class Flag(IntEnum):
    """An entry's flag: NONE, or why it is an original whatever came before it."""

    NONE = 0
    LATE = 1
    CORRECTION = 2
    REFILE = 3
    KILL = 4
    SUPERSEDES = 5


_LAST_FLAG = max(Flag)

GUARD_FLAGS = {guard: Flag[guard.name] for guard in Guard}


class Header(Struct, frozen=True):
    """What a frame says of its writer and of its source partition.

    `known` is the log offset of the last record that the writer's replica had applied, `known_crc` that
    record's checksum (0: not read). Before the log offset `origin` the epoch has no frames. `high` and
    `suspect_before_ms` are the partition's memory: whatever was appended of it at or before `known` has a raw
    offset of at most `high`, or a raw timestamp before `suspect_before_ms`.
    """

    epoch: int
    rule: Rule
    writer: int
    sequence: int
    known: int
    known_crc: int
    origin: int
    topic: str
    partition: int
    high: int
    suspect_before_ms: int


class Entry(Struct, frozen=True, gc=False):
    """The fingerprint of one record.

    `offset` and `raw_ms` are the raw record's, `form` is its match form in UTF-8. A frame of format 1 leaves the
    evidence out.
    """

    offset: int
    raw_ms: int
    id: bytes
    flag: int
    keys: tuple[int, ...]
    form: bytes
    evidence: Evidence = NO_EVIDENCE


class Frame(Struct, frozen=True):
    """A parsed frame: its entries by column, in the order of their raw offsets.

    `ids` holds 16 bytes an entry, `flags` one. `forms` are match forms in UTF-8. `pairs` and `topics` are the evidence
    of those entries that have any, by their place in the frame.
    """

    header: Header
    offsets: Sequence[int]
    raw_ms: Sequence[int]
    ids: bytes
    flags: bytes
    keys: Sequence[Sequence[int]]
    forms: Sequence[bytes]
    pairs: PairsByRow = {}
    topics: TopicsByRow = {}


def checksum(value: bytes) -> int:
    """What a record of the log is recognised by, frame or not: the crc32 of all after the crc field."""
    return crc32(memoryview(value)[_CHECKED_FROM:])


class Format(Struct, frozen=True):
    """A format of frames. What stands before offset 16 is the same in all of them.

    `split` and `encode` are as the functions of these names. `parse` takes the whole frame, the rule's version and
    the epoch; it gives None, or raises `struct.error` or `UnicodeDecodeError`, for what `encode` does not write.
    """

    split: Callable[[Sequence[Entry], str, int], Iterator[Sequence[Entry]]]
    encode: Callable[[Header, Sequence[Entry]], bytes]
    parse: Callable[[bytes, int, int], Frame | None]


def encode(header: Header, entries: Sequence[Entry]) -> bytes:
    """The bytes of one frame in format 2.

    Args:
        header: the writer's.
        entries: at least one, their raw offsets strictly ascending.
    """
    return _encoded(FORMAT, header, entries, costly.encode([entry.evidence for entry in entries]))


def encode_plain(header: Header, entries: Sequence[Entry]) -> bytes:
    """The bytes of one frame in format 1: without evidence."""
    return _encoded(PLAIN_FORMAT, header, entries, b"")


def _encoded(layout: int, header: Header, entries: Sequence[Entry], evidence: bytes) -> bytes:
    topic = header.topic.encode()
    number = len(entries)
    body = b"".join(
        (
            struct.pack("<HHI", layout, header.rule.version, header.epoch),
            _HEADER.pack(
                header.rule.window_ms,
                header.rule.max_entries,
                header.writer,
                header.sequence,
                header.known,
                header.known_crc,
                header.partition,
                header.origin,
                header.high,
                header.suspect_before_ms,
                len(topic),
                number,
            ),
            topic,
            struct.pack(f"<{number}q", *[entry.offset for entry in entries]),
            struct.pack(f"<{number}q", *[entry.raw_ms for entry in entries]),
            b"".join([entry.id for entry in entries]),
            bytes([entry.flag for entry in entries]),
            bytes([len(entry.keys) for entry in entries]),
            _packed_u32([key for entry in entries for key in entry.keys]),
            _packed_u32([len(entry.form) for entry in entries]),
            b"".join([entry.form for entry in entries]),
            evidence,
        )
    )
    return MAGIC + struct.pack("<I", crc32(body)) + body


def split(entries: Sequence[Entry], topic: str, max_frame_bytes: int) -> Iterator[Sequence[Entry]]:
    """Cuts a batch's entries into runs whose frames stay within the size, in any format.

    Raises:
        ValueError: an entry does not fit into a frame of its own.
    """
    room = max_frame_bytes - _COLUMNS_FROM - len(topic.encode()) - costly.NOTHING_BYTES
    start = used = 0
    for i, entry in enumerate(entries):
        size = _ENTRY_BYTES + _KEY_BYTES * len(entry.keys) + len(entry.form)
        if entry.evidence is not NO_EVIDENCE:
            size += costly.size(entry.evidence)
        if size > room:
            raise ValueError(
                f"the fingerprint of {topic} offset {entry.offset} takes {size} bytes and a frame has room"
                f" for {room}: raise topics.log_max_message_bytes, or lower normalize.max_headline_chars"
            )
        if used + size > room:
            yield entries[start:i]
            start, used = i, 0
        used += size
    if start < len(entries):
        yield entries[start:]


def epoch_of(value: bytes | None) -> int | None:
    """The epoch of a frame of whatever format, or None for a record that is no whole frame."""
    if value is None or len(value) < _PREFIX.size:
        return None
    magic, crc, _, _, epoch = _PREFIX.unpack_from(value)
    if magic != MAGIC or crc != checksum(value):
        return None
    return int(epoch)


def version_of(value: bytes) -> int:
    """The version of the matching rule of a frame of whatever format, whose checksum `epoch_of` has verified."""
    return int(_PREFIX.unpack_from(value)[3])


def decode(value: bytes) -> Frame | None:
    """Parses a frame whose checksum `epoch_of` has verified; None where it is not what its format writes.

    Raises:
        LogVersionError: a frame of a format that this release does not read.
    """
    _, _, number, rule_version, epoch = _PREFIX.unpack_from(value)
    if number not in FORMATS:
        raise LogVersionError(
            f"the fingerprint log holds a frame of version {rule_version} in format {number} and this release"
            f" reads format {' or '.join(map(str, FORMATS))}: run the release that wrote it, or begin a new epoch"
            " (dedup.epoch)"
        )
    try:
        return FORMATS[number].parse(value, rule_version, epoch)
    except (struct.error, UnicodeDecodeError):
        return None


def _parsed_plain(value: bytes, rule_version: int, epoch: int) -> Frame | None:
    parsed = _parsed(value, rule_version, epoch)
    return parsed[0] if parsed is not None and not parsed[1] else None


def _parsed_with_evidence(value: bytes, rule_version: int, epoch: int) -> Frame | None:
    parsed = _parsed(value, rule_version, epoch)
    if parsed is None:
        return None
    frame, rest = parsed
    if rest == _NO_EVIDENCE:
        return frame
    found = costly.decode(rest, len(frame.offsets))
    return None if found is None else structs.replace(frame, pairs=found[0], topics=found[1])


def _parsed(value: bytes, rule_version: int, epoch: int) -> tuple[Frame, bytes] | None:
    """A frame without its evidence, and the bytes behind its match forms; None if something before these is wrong."""
    (
        window_ms,
        max_entries,
        writer,
        sequence,
        known,
        known_crc,
        partition,
        origin,
        high,
        suspect,
        named,
        number,
    ) = _HEADER.unpack_from(value, _PREFIX.size)
    at = _COLUMNS_FROM
    topic = value[at : at + named].decode()
    at += named
    if (
        min(window_ms, max_entries, named, number) < 1
        or min(known, high, suspect) < NOTHING
        or min(partition, origin) < 0
        or at + number * _ENTRY_BYTES > len(value)
    ):
        return None
    offsets = struct.unpack_from(f"<{number}q", value, at)
    at += 8 * number
    raw_ms = struct.unpack_from(f"<{number}q", value, at)
    at += 8 * number
    ids = value[at : at + ID_BYTES * number]
    at += ID_BYTES * number
    flags = value[at : at + number]
    counts = value[at + number : at + 2 * number]
    at += 2 * number
    key_ends = list(accumulate(counts, initial=0))
    keys = struct.unpack_from(f"<{key_ends[-1]}I", value, at)
    at += _KEY_BYTES * len(keys)
    lengths = struct.unpack_from(f"<{number}I", value, at)
    at += 4 * number
    text_ends = list(accumulate(lengths, initial=0))
    text, rest = value[at : at + text_ends[-1]], value[at + text_ends[-1] :]
    forms = [text[start:end] for start, end in pairwise(text_ends)]
    whole = (
        len(text) == text_ends[-1]
        and offsets[0] >= 0
        and min(raw_ms) >= 0
        and all(map(lt, offsets, offsets[1:]))
        and max(flags) <= _LAST_FLAG
        and max(counts) <= MOST_KEYS
        and (text.isascii() or _is_utf8(forms))
    )
    if not whole:
        return None
    header = Header(
        epoch=epoch,
        rule=Rule(rule_version, window_ms, max_entries),
        writer=writer,
        sequence=sequence,
        known=known,
        known_crc=known_crc,
        origin=origin,
        topic=topic,
        partition=partition,
        high=high,
        suspect_before_ms=suspect,
    )
    by_entry = [keys[start:end] for start, end in pairwise(key_ends)]
    return Frame(header, offsets, raw_ms, ids, flags, by_entry, forms), rest


def _is_utf8(forms: Sequence[bytes]) -> bool:
    """Whether every form is UTF-8, not only all of them in a row."""
    for form in forms:
        form.decode()
    return True


def _packed_u32(numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


_NO_EVIDENCE = costly.encode(())

FORMATS = {
    PLAIN_FORMAT: Format(split, encode_plain, _parsed_plain),
    FORMAT: Format(split, encode, _parsed_with_evidence),
}
"""The formats that this release reads and can write, by number."""
