import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker.events import Reason, Rejection
from worker.normalize import Limits
from worker.normalize.decode import decode
from worker.normalize.limits import MAX_DEPTH

LIMITS = Limits(max_value_bytes=4_096)
RAW = b'{"id":"1","source":"Example Wire","headline":"Oil rises"%s}'


def nested(levels: int) -> bytes:
    """A raw record whose JSON is `levels` deep, the object itself being the first."""
    return RAW % (b',"x":' + b"[" * (levels - 1) + b"]" * (levels - 1))


def test_a_fitting_record_is_its_document():
    assert decode(RAW % b"", LIMITS) == {"id": "1", "source": "Example Wire", "headline": "Oil rises"}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b" \n\t", Reason.NOT_JSON),
        (b"{", Reason.NOT_JSON),
        (b"{}{}", Reason.NOT_JSON),
        (b"NaN", Reason.NOT_JSON),
        (b"1e999", Reason.NOT_JSON),
        (b'{"id":"\\ud800"}', Reason.NOT_JSON),
        (b'{"id":"\x00"}', Reason.NOT_JSON),
        (b"[" * 2_000, Reason.NOT_JSON),
        (b"[" * 900 + b"]" * 900, Reason.NOT_JSON),
        (b"\xff", Reason.NOT_UTF8),
        (b'{"id":"\xed\xa0\x80"}', Reason.NOT_UTF8),
        (b'{"id":"caf\xe9"}', Reason.NOT_UTF8),
        ((RAW % b"").decode().encode("utf-16"), Reason.NOT_UTF8),
        ((RAW % b"").decode().encode("utf-16-le"), Reason.NOT_JSON),
        (b"[]", Reason.SCHEMA),
        (b'"text"', Reason.SCHEMA),
        (b"1", Reason.SCHEMA),
        (b"null", Reason.SCHEMA),
        (b"x" * 4_097, Reason.TOO_LARGE),
    ],
)
def test_what_is_no_raw_headline_says_why(value, reason):
    outcome = decode(value, LIMITS)
    assert isinstance(outcome, Rejection)
    assert outcome.reason is reason


def test_utf16_is_named():
    assert "UTF-16" in decode((RAW % b"").decode().encode("utf-16"), LIMITS).message


def test_a_byte_order_mark_is_tolerated():
    assert decode(b"\xef\xbb\xbf" + RAW % b"", LIMITS) == decode(RAW % b"", LIMITS)


def test_the_size_limit_is_inclusive():
    exact = (RAW % b"").ljust(LIMITS.max_value_bytes)
    assert isinstance(decode(exact, LIMITS), dict)
    assert decode(exact + b" ", LIMITS).reason is Reason.TOO_LARGE


def test_the_depth_limit_is_inclusive():
    assert isinstance(decode(nested(MAX_DEPTH), LIMITS), dict)
    assert decode(nested(MAX_DEPTH + 1), LIMITS).reason is Reason.NOT_JSON


def test_many_brackets_are_no_depth():
    assert isinstance(
        decode(RAW % b',"note":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[","x":[[],[],[]]', LIMITS), dict
    )


def test_of_a_key_that_occurs_twice_the_last_one_counts():
    assert decode(RAW % b',"headline":"Oil falls"', LIMITS)["headline"] == "Oil falls"


@given(st.binary())
def test_any_bytes_are_a_document_or_a_rejection(value):
    assert isinstance(decode(value, LIMITS), dict | Rejection)
