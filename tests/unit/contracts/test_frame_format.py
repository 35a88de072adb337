"""The description of the frame's bytes in schemas/ and the code that writes and reads them say the same."""

from __future__ import annotations

import json
import struct
from zlib import crc32

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.contracts.binary import RefusedError, UnknownWordError, parse
from tests.contracts.versions import SCHEMAS, read, versions
from tests.unit.deduplicate.test_frame import ENTRIES, ENTRY, FRAME, HEADER, HEADERS
from worker.deduplicate.frame import FORMAT, FORMATS, Flag, decode, encode, epoch_of
from worker.deduplicate.rule import MOST_KEYS
from worker.errors import LogVersionError

(VERSION,) = (each for each in versions() if each.event == "fingerprint.frame")
FORMAT_1 = read(VERSION)
EXAMPLES = SCHEMAS / "examples/fingerprint.frame/v1"
VALID, INVALID = (
    [json.loads(line) for line in (EXAMPLES / name).read_text().splitlines()]
    for name in ("valid.jsonl", "invalid.jsonl")
)


def described(value):
    """The fields of a frame by its description, and what that says in words: the checksum, the order of the offsets."""
    fields = parse(FORMAT_1, value)
    if fields["checksum"] != crc32(value[8:]):
        raise RefusedError("checksum", "differs")
    if sorted(set(fields["offsets"])) != fields["offsets"]:
        raise RefusedError("offsets", "do not ascend")
    return fields


def is_described(value):
    try:
        described(value)
    except RefusedError:
        return False
    return True


def is_read(value):
    """Whether the code takes the bytes for a frame of this format."""
    if epoch_of(value) is None:
        return False
    try:
        return decode(value) is not None
    except LogVersionError:
        return False


def fields_of(header, entries):
    """What the description should find in a frame, by the code's names."""
    return {
        "magic": b"NWFP",
        "format": FORMAT,
        "rule_version": header.rule.version,
        "epoch": header.epoch,
        "window_ms": header.rule.window_ms,
        "max_entries": header.rule.max_entries,
        "writer": header.writer,
        "sequence": header.sequence,
        "known": header.known,
        "known_checksum": header.known_crc,
        "partition": header.partition,
        "origin": header.origin,
        "high": header.high,
        "suspect_before_ms": header.suspect_before_ms,
        "len_topic": len(header.topic.encode()),
        "num_entries": len(entries),
        "topic": header.topic,
        "offsets": [entry.offset for entry in entries],
        "timestamps_ms": [entry.raw_ms for entry in entries],
        "ids": [entry.id for entry in entries],
        "flags": [Flag(entry.flag).name.lower() for entry in entries],
        "num_keys": [len(entry.keys) for entry in entries],
        "keys": [{"hashes": list(entry.keys)} for entry in entries],
        "len_forms": [len(entry.form) for entry in entries],
        "forms": [entry.form.decode() for entry in entries],
        "rest": b"",
    }


@given(HEADERS, ENTRIES)
def test_what_the_code_writes_is_read_by_the_description(header, entries):
    value = encode(header, entries)
    fields = described(value)
    checksum = fields.pop("checksum")

    assert fields == fields_of(header, entries)
    assert checksum == crc32(value[8:])


def checked(value):
    """The same bytes with a checksum that fits."""
    return value[:4] + struct.pack("<I", crc32(value[8:])) + value[8:]


@given(HEADERS, ENTRIES, st.data())
def test_bytes_that_were_changed_are_a_frame_for_both_or_for_neither(header, entries, data):
    value = bytearray(encode(header, entries))
    for _ in range(data.draw(st.integers(1, 3))):
        value[data.draw(st.integers(8, len(value) - 1))] = data.draw(st.integers(0, 255))
    length = data.draw(st.integers(8, len(value)) | st.just(len(value)))
    changed = checked(bytes(value[:length]) + data.draw(st.sampled_from([b"", b"", b"\0"])))

    assert is_described(changed) == is_read(changed)


@given(st.integers(0, len(FRAME) - 1), st.integers(0, 255))
@example(10, 255)
def test_one_byte_that_was_changed_is_for_both_what_it_is_for_one(place, byte):
    changed = checked(FRAME[:place] + bytes([byte]) + FRAME[place + 1 :])
    assert is_described(changed) == is_read(changed)


@pytest.mark.parametrize("example", VALID, ids=lambda example: example["what"])
def test_a_valid_example_is_read_by_both(example):
    value = bytes.fromhex(example["hex"])
    assert is_read(value)
    shown = json.loads(json.dumps(described(value), default=bytes.hex))
    assert shown == example["fields"]


@pytest.mark.parametrize("example", INVALID, ids=lambda example: example["why"])
def test_an_invalid_example_is_refused_by_both_for_what_it_says(example):
    value = bytes.fromhex(example["hex"])
    with pytest.raises(RefusedError) as refused:
        described(value)
    assert refused.value.field == example["field"]
    assert not is_read(value)


def test_every_field_that_can_be_refused_has_an_example():
    refusing = {field["id"] for field in FORMAT_1["seq"] if {"valid", "contents"} & field.keys()}
    assert refusing | {"checksum"} <= {example["field"] for example in INVALID}


def test_the_description_is_of_each_format_that_is_read():
    assert [each.major for each in versions() if each.event == "fingerprint.frame"] == list(FORMATS)
    (format_field,) = (field for field in FORMAT_1["seq"] if field["id"] == "format")
    assert format_field["valid"] == FORMAT == VERSION.major


def test_flags_and_bounds_are_the_codes_own():
    assert FORMAT_1["enums"]["flag"] == {str(flag.value): flag.name.lower() for flag in Flag}
    (num_keys,) = (field for field in FORMAT_1["seq"] if field["id"] == "num_keys")
    assert num_keys["valid"]["max"] == MOST_KEYS


def test_every_field_says_what_it_is():
    assert [field["id"] for field in FORMAT_1["seq"] if field["id"] != "magic" and not field.get("doc")] == []


def test_a_word_of_the_language_that_is_not_known_is_an_error():
    unknown = {**FORMAT_1, "seq": [{"id": "magic", "terminator": 0}]}
    with pytest.raises(UnknownWordError, match="magic: terminator"):
        parse(unknown, encode(HEADER, [ENTRY]))
