import struct
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from worker.deduplicate.evidence import NO_EVIDENCE, TOPICS, Evidence, Pair, Scores
from worker.deduplicate.frame import (
    FORMAT,
    FORMATS,
    PLAIN_FORMAT,
    Entry,
    Flag,
    Frame,
    Header,
    checksum,
    decode,
    encode,
    encode_plain,
    epoch_of,
    split,
)
from worker.deduplicate.rule import MOST_JUDGED, MOST_KEYS, Rule
from worker.errors import LogVersionError

U32 = st.integers(0, 2**32 - 1)
U64 = st.integers(0, 2**64 - 1)
I63 = st.integers(0, 2**63 - 1)
LOG_ODDS = st.integers(-127, 127)

EVIDENCE = st.just(NO_EVIDENCE) | st.builds(
    Evidence,
    pairs=st.lists(st.builds(Pair, U64, st.builds(Scores, LOG_ODDS, LOG_ODDS)), max_size=MOST_JUDGED).map(
        tuple
    ),
    topics=st.just(b"") | st.binary(min_size=TOPICS, max_size=TOPICS),
)
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
        evidence=EVIDENCE,
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda entry: entry.offset,
).map(lambda entries: sorted(entries, key=lambda entry: entry.offset))

HEADER = Header(1, Rule(1, 1000, 100), 7, 8, 3, 4, 0, "raw", 2, 5, 6)
ENTRY = Entry(10, 20, bytes(range(16)), Flag.NONE, (1, 2), "zürich".encode())
SCORED = Evidence((Pair(7, Scores(5, -6)), Pair(8, Scores(0, 1))), bytes(range(TOPICS)))
FRAME = encode(HEADER, [ENTRY, structs.replace(ENTRY, offset=11, evidence=SCORED)])


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
    assert entries_of(frame) == entries


@given(HEADERS, ENTRIES)
def test_a_frame_of_the_first_format_comes_back_without_evidence(
    header: Header, entries: list[Entry]
) -> None:
    frame = decode(encode_plain(header, entries))
    assert frame is not None
    assert entries_of(frame) == [structs.replace(entry, evidence=NO_EVIDENCE) for entry in entries]


def entries_of(frame: Frame) -> list[Entry]:
    columns = zip(frame.offsets, frame.raw_ms, frame.flags, frame.keys, frame.forms, strict=True)
    return [
        Entry(
            offset,
            raw_ms,
            frame.ids[16 * row : 16 * row + 16],
            flag,
            tuple(keys),
            form,
            Evidence(frame.pairs.get(row, ()), frame.topics.get(row, b"")),
        )
        for row, (offset, raw_ms, flag, keys, form) in enumerate(columns)
    ]


def test_an_entry_without_evidence_takes_no_byte_for_it() -> None:
    frame, another = encode(HEADER, [ENTRY]), encode(HEADER, [ENTRY, structs.replace(ENTRY, offset=11)])
    plain, plain_another = (
        encode_plain(HEADER, [ENTRY]),
        encode_plain(HEADER, [ENTRY, structs.replace(ENTRY, offset=11)]),
    )
    assert len(another) - len(frame) == len(plain_another) - len(plain)
    assert len(frame) - len(plain) == 8


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
    ("field", "value"),
    [
        ("pairs", (Pair(7, Scores(-128, 0)),)),
        ("pairs", (Pair(7, Scores(0, -128)),)),
        ("pairs", (Pair(7, Scores(0, 0)),) * (MOST_JUDGED + 1)),
        ("topics", bytes(TOPICS - 1)),
        ("topics", bytes(TOPICS + 1)),
    ],
)
def test_evidence_out_of_bounds_is_none(field: str, value: object) -> None:
    evidence = structs.replace(SCORED, **{field: value})
    assert decode(encode(HEADER, [structs.replace(ENTRY, evidence=evidence)])) is None


def test_the_same_bytes_under_the_number_of_another_format_are_none() -> None:
    plain = encode_plain(HEADER, [ENTRY])
    for value, number in ((plain, FORMAT), (encode(HEADER, [ENTRY]), PLAIN_FORMAT)):
        assert decode(checked(value[:8] + struct.pack("<H", number) + value[10:])) is None


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
    assert all(run and len(layout.encode(HEADER, run)) <= most for run in runs for layout in FORMATS.values())


def test_an_entry_larger_than_a_frame_is_an_error_that_names_the_settings() -> None:
    with pytest.raises(ValueError, match="log_max_message_bytes"):
        list(split([structs.replace(ENTRY, form=b"x" * 500)], "raw", 400))
