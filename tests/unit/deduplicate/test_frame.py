import struct
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from worker.deduplicate.frame import FORMAT, Entry, Flag, Header, checksum, decode, encode, epoch_of, split
from worker.deduplicate.rule import MOST_KEYS, Rule
from worker.errors import LogVersionError

U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
I63 = st.integers(0, 2**63 - 1)

HEADERS = st.builds(
    Header,
    epoch=U32,
    rule=st.builds(Rule, st.integers(0, 2**16 - 1), st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1)),
    writer=U64,
    sequence=U64,
    known=st.integers(-1, 2**63 - 1),
    known_crc=U32,
    origin=I63,
    topic=st.text(min_size=1, max_size=20),
    partition=st.integers(0, 2**31 - 1),
    high=st.integers(-1, 2**63 - 1),
    suspect_before_ms=st.integers(-1, 2**63 - 1),
)
ENTRIES = st.lists(
    st.builds(
        Entry,
        offset=I63,
        raw_ms=I63,
        id=st.binary(min_size=16, max_size=16),
        flag=st.sampled_from(Flag),
        keys=st.lists(U32, max_size=MOST_KEYS).map(tuple),
        form=st.text(max_size=30).map(str.encode),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda entry: entry.offset,
).map(lambda entries: sorted(entries, key=lambda entry: entry.offset))

HEADER = Header(1, Rule(1, 1000, 100), 7, 8, 3, 4, 0, "raw", 2, 5, 6)
ENTRY = Entry(10, 20, bytes(range(16)), Flag.NONE, (1, 2), "zürich".encode())
FRAME = encode(HEADER, [ENTRY, structs.replace(ENTRY, offset=11)])


def checked(value: bytes) -> bytes:
    """The same frame with a checksum that fits."""
    return value[:4] + struct.pack("<I", crc32(value[8:])) + value[8:]


@given(HEADERS, ENTRIES)
def test_a_frame_comes_back_as_it_was(header: Header, entries: list[Entry]) -> None:
    value = encode(header, entries)
    frame = decode(value)
    assert epoch_of(value) == header.epoch
    assert frame is not None
    assert frame.header == header
    columns = zip(frame.offsets, frame.raw_ms, frame.flags, frame.keys, frame.forms, strict=True)
    ids = [frame.ids[i : i + 16] for i in range(0, len(frame.ids), 16)]
    assert [
        Entry(offset, raw_ms, entry_id, flag, tuple(keys), form)
        for (offset, raw_ms, flag, keys, form), entry_id in zip(columns, ids, strict=True)
    ] == entries


@given(st.binary(max_size=300))
def test_bytes_that_are_no_frame_have_no_epoch(value: bytes) -> None:
    assert epoch_of(value) is None


def test_a_tombstone_has_no_epoch() -> None:
    assert epoch_of(None) is None


def test_a_flipped_bit_is_noticed_wherever_it_is() -> None:
    for at in range(len(FRAME)):
        flipped = bytearray(FRAME)
        flipped[at] ^= 4
        assert epoch_of(bytes(flipped)) is None


def test_a_frame_cut_short_is_none_even_if_its_checksum_fits() -> None:
    for length in range(16, len(FRAME)):
        assert decode(checked(FRAME[:length])) is None


def test_a_frame_with_bytes_behind_it_is_none() -> None:
    assert decode(checked(FRAME + b"x")) is None


def test_offsets_have_to_ascend() -> None:
    assert decode(encode(HEADER, [ENTRY, ENTRY])) is None


def test_a_form_may_not_end_within_a_character() -> None:
    halves = [structs.replace(ENTRY, form=b"z\xc3"), structs.replace(ENTRY, offset=11, form=b"\xbcrich")]
    assert decode(encode(HEADER, halves)) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("known", -2),
        ("high", -2),
        ("suspect_before_ms", -2),
        ("origin", -1),
        ("partition", -1),
        ("topic", ""),
    ],
)
def test_a_header_out_of_bounds_is_none(field: str, value: object) -> None:
    assert decode(encode(structs.replace(HEADER, **{field: value}), [ENTRY])) is None


@pytest.mark.parametrize(
    ("field", "value"), [("flag", max(Flag) + 1), ("keys", tuple(range(MOST_KEYS + 1))), ("raw_ms", -1)]
)
def test_an_entry_out_of_bounds_is_none(field: str, value: object) -> None:
    assert decode(encode(HEADER, [structs.replace(ENTRY, **{field: value})])) is None


def test_a_frame_without_entries_is_none() -> None:
    assert decode(encode(HEADER, [])) is None


def test_another_format_is_refused_by_name_and_still_shows_its_epoch() -> None:
    value = checked(FRAME[:8] + struct.pack("<H", FORMAT + 1) + FRAME[10:])
    assert epoch_of(value) == HEADER.epoch
    with pytest.raises(LogVersionError, match=f"format {FORMAT + 1}"):
        decode(value)


def test_the_checksum_is_the_frames_own() -> None:
    assert FRAME[4:8] == struct.pack("<I", checksum(FRAME))


@given(ENTRIES, st.integers(300, 2000))
def test_runs_hold_every_entry_in_order_and_stay_within_the_size(entries: list[Entry], most: int) -> None:
    runs = list(split(entries, "raw", most))
    assert [entry for run in runs for entry in run] == entries
    assert all(run and len(encode(HEADER, run)) <= most for run in runs)


def test_an_entry_larger_than_a_frame_is_an_error_that_names_the_settings() -> None:
    with pytest.raises(ValueError, match="log_max_message_bytes"):
        list(split([structs.replace(ENTRY, form=b"x" * 500)], "raw", 400))
