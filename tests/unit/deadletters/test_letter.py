"""A record of the dead-letter topic, read, whatever stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker import deadletter
from worker.deadletters.letter import Address, Position, read
from worker.deadletters.plan import redriven_headers
from worker.events import Reason, Rejection

from .letters import BORN_MS, DIED_MS, died, letter, record

SOURCE = Position("raw", 3, 41, BORN_MS)


def test_a_letter_says_why_where_and_when():
    found = letter(address=17, original=[("trace", b"7"), ("trace", None)])

    assert (found.reason, found.stage, found.field) == ("schema", "normalize", "headline")
    assert found.message == "headline is missing; a raw headline has one"
    assert (found.address, found.time_ms) == (Address(0, 17), DIED_MS)
    assert (found.source, found.first, found.origin) == (SOURCE, None, SOURCE)
    assert (found.key, found.attempt) == (b"k", 1)
    assert found.headers == (("trace", b"7"), ("trace", None))
    assert not found.omitted


def again(before, offset):
    """The letter of the next death of a record that a redrive has sent."""
    return letter(source=(5, offset), original=redriven_headers(before), born=BORN_MS + offset)


def test_a_record_keeps_its_own_headers_its_count_and_its_first_position_through_all_its_deaths():
    first = letter(original=[("trace", b"7")])
    second = again(first, 100)
    third = again(second, 200)

    assert [each.attempt for each in (first, second, third)] == [1, 2, 3]
    assert {each.origin for each in (first, second, third)} == {SOURCE}
    assert third.source == Position("raw", 5, 200, BORN_MS + 200)
    assert {each.headers for each in (first, second, third)} == {(("trace", b"7"),)}
    assert len({each.status_key for each in (first, second, third)}) == 3


def test_a_copy_of_a_letter_has_its_state():
    assert letter(address=17).status_key == letter(address=18).status_key


def test_a_raw_topic_made_anew_gives_other_letters():
    assert letter().status_key != letter(born=BORN_MS + 1).status_key


def test_a_first_position_of_which_a_part_is_missing_or_wrong_is_none():
    whole = dict(redriven_headers(letter()))
    for name in deadletter.FIRST:
        for wrong in (None, b"", b"x y", b"\xff"):
            assert letter(original=[*(whole | {name: wrong}).items()]).first is None
        assert letter(original=[each for each in whole.items() if each[0] != name]).first is None
    assert letter(original=[*whole.items()]).first == SOURCE


def test_what_newswire_did_not_write_has_no_cause_and_is_its_own_source():
    found = read(record(b"?", address=4, partition=2, headers=[("newswire.partition", b"many")]))

    assert (found.reason, found.message, found.version, found.field) == ("", "", "", None)
    assert (found.source, found.origin, found.attempt) == (None, None, 1)
    assert found.status_key == b"2/4@%d" % DIED_MS


def test_a_letter_whose_record_was_too_large_says_so():
    rejection = Rejection(Reason.TOO_LARGE, "the value has 9 bytes; at most 8 are allowed")
    cause = died(b"x" * 9, rejection=rejection).headers
    key, value, left = deadletter.letter(cause, key=b"k", value=b"x" * 9, max_bytes=1)

    assert read(record(value, key=key, headers=left)).omitted


@given(st.lists(st.tuples(st.text(), st.none() | st.binary())), st.none() | st.binary())
def test_any_record_can_be_read(headers, value):
    found = read(record(value, headers=headers))

    assert found.value == value
    assert found.status_key
    assert found.attempt > 0


@pytest.mark.parametrize(("address", "shown"), [(Address(0, 17), "17"), (Address(2, 17), "2:17")])
def test_an_address_is_written_as_a_person_types_it(address, shown):
    assert str(address) == shown
