"""The Python on the page about redriving does what the page says, whatever dead letters there are."""

import json
import shlex
import subprocess

import orjson
import pytest
from aiokafka.structs import ConsumerRecord
from worker.cli.deadletters.listing import as_json
from worker.deadletter import headers, letter
from worker.deadletters.letter import read
from worker.events import Rejection
from worker.normalize import Limits, normalize

from .rules import RUNBOOKS

TOPIC = "headlines.deadletter"
WITHOUT_SOURCE = b'{"id":"1","headline":"Rain"}'
WITH_A_NUMBER = b'\xef\xbb\xbf{"id":"2","source":7,"headline":"Snow"}'
OTHERS = (
    b"[]",
    b"null",
    b"{",
    b"\xff\xfe",
    b'"text"',
    b'{"source":"agency","headline":"Hail"}',
    b'{"id":"3","source":"agency","headline":5}',
    b'{"id":"4","source":"agency","headline":" "}',
)


def script():
    """The Python program of the page."""
    text = (RUNBOOKS / "redrive.md").read_text()
    lines = [line.strip(" ") and line[7:] for line in text.splitlines()]
    start = lines.index("python3 -c '")
    return shlex.split("\n".join(lines[start:]).partition("' <")[0] + "'")[2]


def line_of(value, *, max_bytes=10_000_000):
    """The line that `newswire deadletters list --json` prints of the dead letter that a raw value becomes."""
    rejection = normalize(value, Limits())
    assert isinstance(rejection, Rejection)
    cause = headers(rejection, topic="headlines.raw", partition=0, offset=1, timestamp=1, original=())
    key, value, cause = letter(cause, key=b"k", value=value, max_bytes=max_bytes)
    record = ConsumerRecord(TOPIC, 0, 7, 1, 1, key, value, None, 1, len(value or b""), cause)
    return orjson.dumps(as_json(read(record), None), option=orjson.OPT_APPEND_NEWLINE)


@pytest.fixture(scope="module")
def letters():
    values = (OTHERS[0], WITHOUT_SOURCE, *OTHERS[1:], WITH_A_NUMBER)
    return b"".join([*map(line_of, values), line_of(WITHOUT_SOURCE, max_bytes=10)])


def run(letters):
    return subprocess.run(["python3", "-c", script()], input=letters, capture_output=True, check=True)


def test_what_the_example_can_mend_is_mended_and_letters_of_other_causes_are_passed_over(letters):
    done = run(letters)

    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"id": "1", "headline": "Rain", "source": "agency"},
        {"id": "2", "source": "agency", "headline": "Snow"},
    ]
    assert done.stderr.decode() == f"2 mended, {len(OTHERS) + 1} of another cause\n"


def test_what_was_mended_is_a_raw_headline(letters):
    for line in run(letters).stdout.splitlines():
        assert not isinstance(normalize(line, Limits()), Rejection)
