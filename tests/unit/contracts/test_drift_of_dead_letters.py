"""What became of a dead letter: the type and the schema are the same, by marks of generated letters."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime

import msgspec
import orjson
import yaml
from aiokafka.structs import ConsumerRecord
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs
from tests.contracts.versions import SCHEMAS
from tests.unit.test_pipeline import World, record
from worker.deadletter import FIRST
from worker.deadletters.letter import Letter, Position, read
from worker.deadletters.status import Hand, Place, State, Status, Target, encode
from worker.normalize.schema import load

from .fields import named, reached, strict

STATUS = "deadletter.status"
STRICT = strict(STATUS)
HAND = Hand("ops@desk", "9f0c2a44d1e07b36")
KEY = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text("utf-8"))["components"]["messages"][
    "deadLetterStatus"
]["bindings"]["kafka"]["key"]

OFFSET = st.integers(0, 2**63 - 1)
TARGET = st.builds(Target, st.just("headlines.raw"), st.integers(0, 2**31 - 1), st.none() | OFFSET)
AT = st.datetimes(timezones=st.just(UTC))


def died(offset, *, again):
    """The dead letter that a worker writes of a broken record, as it is read; `again`: a redrive had sent that."""
    headers = [(name, b"3") for name in FIRST] if again else []
    world = World()
    asyncio.run(world.runs(record(offset, b"not json", b"key", headers)))
    ((_, _, sent),) = world.outbox.sent
    return read(ConsumerRecord("dead", 0, 17, 5, 1, sent.key, sent.value, None, 3, 8, sent.headers))


def foreign(offset):
    """A dead letter that newswire did not write."""
    return read(ConsumerRecord("dead", 0, offset, 5, 1, None, b"{", None, -1, 1, []))


LETTERS = st.builds(lambda offset, again: died(offset, again=again), OFFSET, st.booleans()) | OFFSET.map(
    foreign
)


def test_what_marks_say_fits_the_schema_and_reaches_every_field_that_is_named():
    found = set()

    @given(LETTERS, st.booleans(), TARGET | st.none(), AT)
    @example(died(1, again=True), True, Target("headlines.raw", 3, 4411), datetime(2026, 1, 9, tzinfo=UTC))
    @example(died(1, again=True), False, None, datetime(2026, 1, 9, tzinfo=UTC))
    def marks(letter, mended, target, at):
        letter = structs.replace(letter, mended=mended)
        status = (
            HAND.discarded(letter, at, "test traffic")
            if target is None
            else HAND.redriven(letter, at, target)
        )
        document = orjson.loads(encode(status))
        STRICT.validate(document)
        found.update(reached(document, load(STATUS)))
        assert re.fullmatch(KEY["pattern"], letter.status_key.decode())

    marks()
    assert found == set(named(load(STATUS)))


def test_the_fields_of_the_types_are_those_of_the_schema():
    properties = load(STATUS)["properties"]
    assert set(properties) == set(Status.__struct_fields__)
    for name, kind in (("letter", Place), ("source", Position), ("first", Position), ("target", Target)):
        assert set(properties[name]["properties"]) == set(kind.__struct_fields__)


def test_a_letter_without_a_mark_is_open_so_no_mark_says_so():
    assert set(load(STATUS)["properties"]["state"]["enum"]) == set(State) - {State.OPEN}


def test_a_mark_is_known_by_the_position_of_this_death():
    letter = died(1208, again=True)
    assert isinstance(letter, Letter)
    assert letter.status_key == b"raw/4/1208@1700000000000"
    assert letter.first == Position("3", 3, 3, 3)


def test_the_examples_are_read_as_marks_with_nothing_lost():
    lines = (SCHEMAS / "examples" / STATUS / "v1/valid.jsonl").read_text("utf-8").splitlines()
    for line in lines:
        assert msgspec.to_builtins(msgspec.json.decode(line, type=Status)) == json.loads(line)
