"""Kaitai Struct's own compiler makes a reader of the frame's description, and that reads what the worker writes."""

from __future__ import annotations

import importlib.util
import json

import pytest
from kaitaistruct import ValidationFailedError
from tests.unit.deduplicate.test_frame import ENTRY, HEADER
from worker.deduplicate.frame import Flag, encode
from worker.deduplicate.match import keys

from .node import run_node
from .versions import SCHEMAS, read, versions

EXAMPLES = SCHEMAS / "examples/fingerprint.frame/v1"
OUTSIDE_THE_LANGUAGE = {"checksum", "offsets", "forms"}
"""What the description says in words: the checksum, that offsets ascend, that each form is UTF-8 to its end."""


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    """The class that the compiler makes for Python."""
    (version,) = (each for each in versions() if each.event == "fingerprint.frame")
    done = run_node("kaitai.cjs", "python", stdin=json.dumps(read(version)))
    assert done.returncode == 0, done.stderr
    path = tmp_path_factory.mktemp("kaitai") / "fingerprint_frame.py"
    path.write_text(done.stdout, "utf-8")
    spec = importlib.util.spec_from_file_location("fingerprint_frame", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FingerprintFrame


def examples(name):
    return [json.loads(line) for line in (EXAMPLES / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("example", examples("valid.jsonl"), ids=lambda example: example["what"])
def test_the_reader_finds_what_the_example_says(frame, example):
    read = frame.from_bytes(bytes.fromhex(example["hex"]))
    for name, expected in example["fields"].items():
        found = getattr(read, name)
        if name == "keys":
            found = [{"hashes": each.hashes} for each in found]
        elif name == "flags":
            found = [flag.name for flag in found]
        assert json.loads(json.dumps(found, default=bytes.hex)) == expected, name


def test_the_reader_reads_a_frame_that_the_worker_writes(frame):
    read = frame.from_bytes(encode(HEADER, [ENTRY]))
    assert (read.epoch, read.topic, read.partition) == (HEADER.epoch, HEADER.topic, HEADER.partition)
    assert read.forms == [ENTRY.form.decode()]
    assert [flag.value for flag in read.flags] == [Flag.NONE]
    assert [each.hashes for each in read.keys] == [list(ENTRY.keys)]
    assert len(keys(ENTRY.form.decode())) <= max(read.num_keys)


@pytest.mark.parametrize("example", examples("invalid.jsonl"), ids=lambda example: example["why"])
def test_the_reader_refuses_what_is_no_frame(frame, example):
    if example["field"] in OUTSIDE_THE_LANGUAGE - {"forms"} and "negative" not in example["why"]:
        frame.from_bytes(bytes.fromhex(example["hex"]))
        return
    with pytest.raises((ValidationFailedError, EOFError, UnicodeDecodeError)):
        frame.from_bytes(bytes.fromhex(example["hex"]))
