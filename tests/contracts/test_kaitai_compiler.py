"""Kaitai Struct's own compiler makes readers of the frame's descriptions, and they read what the worker writes."""

from __future__ import annotations

import importlib.util
import json

import pytest
from kaitaistruct import ValidationFailedError
from msgspec import structs
from tests.unit.deduplicate.test_frame import ENTRY, HEADER, SCORED
from worker.deduplicate.frame import FORMATS, Flag
from worker.deduplicate.match import keys

from .node import run_node
from .versions import SCHEMAS, read, versions

VERSIONS = {each.major: each for each in versions() if each.event == "fingerprint.frame"}
IN_WORDS = {
    "a checksum that differs",
    "raw offsets that do not ascend",
    "places of scored entries that do not ascend",
    "the place of a scored entry that there is not",
    "a place twice among those with topics",
    "the place of an entry with topics that there is not",
}
"""What a description refuses in words only."""


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    """The classes that the compiler makes for Python, by the format's number."""
    made = {}
    for number, version in VERSIONS.items():
        done = run_node("kaitai.cjs", "python", stdin=json.dumps(read(version)))
        assert done.returncode == 0, done.stderr
        path = tmp_path_factory.mktemp(f"kaitai-{number}") / "fingerprint_frame.py"
        path.write_text(done.stdout, "utf-8")
        spec = importlib.util.spec_from_file_location(f"fingerprint_frame_{number}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        made[number] = module.FingerprintFrame
    return made


def examples(name):
    found = []
    for number in VERSIONS:
        path = SCHEMAS / f"examples/fingerprint.frame/v{number}" / name
        for line in path.read_text("utf-8").splitlines():
            example = json.loads(line)
            found.append(
                pytest.param(number, example, id=f"{number}-{example.get('what') or example['why']}")
            )
    return found


@pytest.mark.parametrize(("number", "example"), examples("valid.jsonl"))
def test_the_reader_finds_what_the_example_says(readers, number, example):
    read = readers[number].from_bytes(bytes.fromhex(example["hex"]))
    for name, expected in example["fields"].items():
        found = getattr(read, name)
        if name in {"keys", "scores"}:
            names = list(expected[0]) if expected else []
            found = [{name: getattr(each, name) for name in names} for each in found]
        elif name == "flags":
            found = [flag.name for flag in found]
        assert json.loads(json.dumps(found, default=bytes.hex)) == expected, name


@pytest.mark.parametrize("number", VERSIONS)
def test_the_reader_reads_a_frame_that_the_worker_writes(readers, number):
    read = readers[number].from_bytes(FORMATS[number].encode(HEADER, [ENTRY]))
    assert (read.epoch, read.topic, read.partition) == (HEADER.epoch, HEADER.topic, HEADER.partition)
    assert read.forms == [ENTRY.form.decode()]
    assert [flag.value for flag in read.flags] == [Flag.NONE]
    assert [each.hashes for each in read.keys] == [list(ENTRY.keys)]
    assert len(keys(ENTRY.form.decode())) <= max(read.num_keys)


def test_the_reader_of_the_second_format_reads_evidence(readers):
    read = readers[2].from_bytes(FORMATS[2].encode(HEADER, [structs.replace(ENTRY, evidence=SCORED)]))
    (scores,) = read.scores
    assert read.scored == read.topical == [0]
    assert [*zip(scores.forms, scores.same, scores.story, strict=True)] == [
        (pair.form, *pair.scores) for pair in SCORED.pairs
    ]
    assert read.topics == [SCORED.topics]


@pytest.mark.parametrize(("number", "example"), examples("invalid.jsonl"))
def test_the_reader_refuses_what_is_no_frame(readers, number, example):
    if example["why"] in IN_WORDS:
        readers[number].from_bytes(bytes.fromhex(example["hex"]))
        return
    with pytest.raises((ValidationFailedError, EOFError, UnicodeDecodeError)):
        readers[number].from_bytes(bytes.fromhex(example["hex"]))
