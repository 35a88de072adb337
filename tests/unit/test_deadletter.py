"""A dead letter says why, where from, and keeps what the record came with."""

import random

from hypothesis import given
from hypothesis import strategies as st
from worker.deadletter import FIRST, headers, is_redriven, letter
from worker.events import Reason, Rejection

REJECTION = Rejection(Reason.SCHEMA, "headline: must be a string, found a number", "headline")


def made(original=(), rejection=REJECTION):
    return headers(
        rejection, topic="headlines.raw", partition=3, offset=41, timestamp=1700000000123, original=original
    )


def test_the_cause_and_the_source_position_are_in_the_headers():
    found = dict(made())

    assert found["newswire.stage"] == b"normalize"
    assert found["newswire.reason"] == b"schema"
    assert found["newswire.message"] == b"headline: must be a string, found a number"
    assert found["newswire.field"] == b"headline"
    assert found["newswire.topic"] == b"headlines.raw"
    assert found["newswire.partition"] == b"3"
    assert found["newswire.offset"] == b"41"
    assert found["newswire.timestamp"] == b"1700000000123"
    assert found["newswire.attempt"] == b"1"


def test_a_record_as_a_whole_has_no_field():
    assert "newswire.field" not in dict(made(rejection=Rejection(Reason.NULL, "no value")))


def test_headers_of_the_original_are_kept_in_their_order_and_number():
    original = [("trace", b"1"), ("trace", b"2"), ("empty", None), ("", b"x")]

    assert made(original)[:4] == original


def test_a_redriven_record_counts_its_attempts():
    first = made([("trace", b"1")])
    second = made(first)

    assert dict(second)["newswire.attempt"] == b"2"
    assert len(second) == len(first)


@given(st.lists(st.tuples(st.text(), st.none() | st.binary())))
def test_no_header_of_an_original_can_stop_it(original):
    assert dict(made(original))["newswire.reason"] == b"schema"


@given(st.none() | st.binary())
def test_a_count_of_attempts_that_is_no_count_begins_anew(value):
    count = dict(made([("newswire.attempt", value)]))["newswire.attempt"]

    assert count.isdigit()


def test_a_letter_carries_the_record_as_it_came():
    cause = made([("trace", b"1")])

    assert letter(cause, key=b"k", value=b"v" * 1000, max_bytes=20_000) == (b"k", b"v" * 1000, cause)


def test_a_letter_is_measured_as_kafka_measures_it_compressed():
    value = b"storm " * 1_000_000

    assert letter(made(), key=None, value=value, max_bytes=20_000)[1] == value


def test_a_record_that_fits_no_letter_leaves_its_cause_and_where_it_stands():
    noise = random.Random(1).randbytes(30_000)

    key, value, found = letter(made([("trace", b"1")]), key=b"k", value=noise, max_bytes=20_000)

    assert (key, value) == (None, None)
    found = dict(found)
    assert found["newswire.reason"] == b"schema"
    assert found["newswire.offset"] == b"41"
    assert b"too large for a dead letter" in found["newswire.omitted"]
    assert "trace" not in found


def test_a_header_of_noise_counts_too():
    noise = random.Random(1).randbytes(30_000)

    assert letter(made([("trace", noise)]), key=None, value=b"", max_bytes=20_000)[1] is None


FIRST_POSITION = list(zip(FIRST, (b"headlines.raw", b"2", b"7", b"1600000000000"), strict=True))


def test_the_first_position_is_kept_once_a_redrive_has_added_it():
    assert not set(FIRST) & set(dict(made()))
    second = made([("trace", b"1"), *FIRST_POSITION, ("newswire.attempt", b"1")])
    third = made(second)

    for found in (second, third):
        assert [header for header in found if header[0] in FIRST] == FIRST_POSITION
    assert dict(third)["newswire.attempt"] == b"3"
    assert dict(third)["newswire.offset"] == b"41"


def test_a_first_position_that_a_feed_made_up_is_dropped():
    for name in FIRST:
        assert not set(FIRST) & set(dict(made([*(dict(FIRST_POSITION) | {name: b"\xff"}).items()])))
        assert not set(FIRST) & set(dict(made([header for header in FIRST_POSITION if header[0] != name])))


def test_a_redriven_record_is_known_by_its_first_position():
    assert is_redriven([("trace", b"1"), *FIRST_POSITION])
    assert not is_redriven([("trace", b"1")])
