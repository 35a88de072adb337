"""The descriptions of the frame's bytes in schemas/ and the code that writes and reads them say the same."""

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
from worker.deduplicate.evidence import MOST_LOG_ODDS, TOPICS
from worker.deduplicate.frame import FORMAT, FORMATS, Flag, decode, encode, epoch_of
from worker.deduplicate.rule import MOST_JUDGED, MOST_KEYS
from worker.errors import LogVersionError

DESCRIBED = {each.major: read(each) for each in versions() if each.event == "fingerprint.frame"}
EVERY_FORMAT = pytest.mark.parametrize("number", DESCRIBED)


def examples(name):
    return [
        pytest.param(
            number, json.loads(line), id=f"{number}-{json.loads(line).get('what') or json.loads(line)['why']}"
        )
        for number in DESCRIBED
        for line in (SCHEMAS / f"examples/fingerprint.frame/v{number}" / name).read_text().splitlines()
    ]


def described(number, value):
    """The fields of a frame by the description of a format, and what that says in words: checksum, ascending."""
    fields = parse(DESCRIBED[number], value)
    if fields["checksum"] != crc32(value[8:]):
        raise RefusedError("checksum", "differs")
    for name, end in (
        ("offsets", 1 << 63),
        ("scored", fields["num_entries"]),
        ("topical", fields["num_entries"]),
    ):
        numbers = fields.get(name, [])
        if sorted(set(numbers)) != numbers or (numbers and numbers[-1] >= end):
            raise RefusedError(name, f"do not ascend, or go beyond {end}")
    return fields


def is_described(number, value):
    try:
        described(number, value)
    except RefusedError:
        return False
    return True


def is_read(number, value):
    """Whether the code takes the bytes for a frame of a format."""
    if epoch_of(value) is None or struct.unpack_from("<H", value, 8) != (number,):
        return False
    try:
        return decode(value) is not None
    except LogVersionError:
        return False


def fields_of(number, header, entries):
    """What the description of a format should find in a frame, by the code's names."""
    scored, topical = (
        [
            (row, getattr(entry.evidence, name))
            for row, entry in enumerate(entries)
            if getattr(entry.evidence, name)
        ]
        for name in ("pairs", "topics")
    )
    evidence = {
        "num_scored": len(scored),
        "scored": [row for row, _ in scored],
        "num_scores": [len(pairs) for _, pairs in scored],
        "scores": [
            {
                "forms": [pair.form for pair in pairs],
                "same": [pair.scores.same for pair in pairs],
                "story": [pair.scores.story for pair in pairs],
            }
            for _, pairs in scored
        ],
        "num_topical": len(topical),
        "topical": [row for row, _ in topical],
        "topics": [topics for _, topics in topical],
    }
    return {
        "magic": b"NWFP",
        "format": number,
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
        **(evidence if number > 1 else {}),
        "rest": b"",
    }


@EVERY_FORMAT
@given(HEADERS, ENTRIES)
def test_what_the_code_writes_is_read_by_the_description(number, header, entries):
    value = FORMATS[number].encode(header, entries)
    fields = described(number, value)
    checksum = fields.pop("checksum")

    assert fields == fields_of(number, header, entries)
    assert checksum == crc32(value[8:])


def checked(value):
    """The same bytes with a checksum that fits."""
    return value[:4] + struct.pack("<I", crc32(value[8:])) + value[8:]


@EVERY_FORMAT
@given(HEADERS, ENTRIES, st.data())
def test_bytes_that_were_changed_are_a_frame_for_both_or_for_neither(number, header, entries, data):
    value = bytearray(FORMATS[number].encode(header, entries))
    for _ in range(data.draw(st.integers(1, 3))):
        value[data.draw(st.integers(8, len(value) - 1))] = data.draw(st.integers(0, 255))
    length = data.draw(st.integers(8, len(value)) | st.just(len(value)))
    changed = checked(bytes(value[:length]) + data.draw(st.sampled_from([b"", b"", b"\0"])))

    assert is_described(number, changed) == is_read(number, changed)


@given(st.integers(0, len(FRAME) - 1), st.integers(0, 255))
@example(10, 255)
def test_one_byte_that_was_changed_is_for_both_what_it_is_for_one(place, byte):
    changed = checked(FRAME[:place] + bytes([byte]) + FRAME[place + 1 :])
    assert is_described(FORMAT, changed) == is_read(FORMAT, changed)


@pytest.mark.parametrize(("number", "example"), examples("valid.jsonl"))
def test_a_valid_example_is_read_by_both(number, example):
    value = bytes.fromhex(example["hex"])
    assert is_read(number, value)
    shown = json.loads(json.dumps(described(number, value), default=bytes.hex))
    assert shown == example["fields"]


@pytest.mark.parametrize(("number", "example"), examples("invalid.jsonl"))
def test_an_invalid_example_is_refused_by_both_for_what_it_says(number, example):
    value = bytes.fromhex(example["hex"])
    with pytest.raises(RefusedError) as refused:
        described(number, value)
    assert refused.value.field == example["field"]
    assert not is_read(number, value)


@EVERY_FORMAT
def test_every_field_that_can_be_refused_has_an_example(number):
    refusing = {name for name, field in fields(number).items() if {"valid", "contents"} & field.keys()}
    refused = {
        example.values[1]["field"] for example in examples("invalid.jsonl") if example.values[0] == number
    }
    assert refusing | {"checksum"} <= refused


def fields(number):
    """The description's fields by name, those of its types too."""
    types = DESCRIBED[number]["types"].values()
    return {
        field["id"]: field
        for sequence in (DESCRIBED[number]["seq"], *[each["seq"] for each in types])
        for field in sequence
    }


def test_each_format_that_is_read_is_described_under_its_number():
    assert list(DESCRIBED) == list(FORMATS)
    assert max(FORMATS) == FORMAT
    assert [fields(number)["format"]["valid"] for number in DESCRIBED] == list(FORMATS)


@EVERY_FORMAT
def test_flags_and_bounds_are_the_codes_own(number):
    assert DESCRIBED[number]["enums"]["flag"] == {str(flag.value): flag.name.lower() for flag in Flag}
    assert fields(number)["num_keys"]["valid"]["max"] == MOST_KEYS


def test_the_bounds_of_evidence_are_the_codes_own():
    bounds = fields(FORMAT)
    assert bounds["num_scores"]["valid"] == {"min": 1, "max": MOST_JUDGED}
    assert bounds["same"]["valid"] == bounds["story"]["valid"] == {"min": -MOST_LOG_ODDS}
    assert bounds["topics"]["size"] == TOPICS


@EVERY_FORMAT
def test_every_field_says_what_it_is(number):
    assert [name for name, field in fields(number).items() if name != "magic" and not field.get("doc")] == []


def test_a_word_of_the_language_that_is_not_known_is_an_error():
    unknown = {**DESCRIBED[FORMAT], "seq": [{"id": "magic", "terminator": 0}]}
    with pytest.raises(UnknownWordError, match="magic: terminator"):
        parse(unknown, encode(HEADER, [ENTRY]))
