"""What became of letters: records of the status topic, and what they add up to."""

from datetime import UTC, datetime

import orjson
import pytest
from worker.deadletters.plan import redriven_headers
from worker.deadletters.status import Hand, State, Statuses, Target, encode
from worker.normalize.schema import validator

from .letters import letter

AT = datetime(2026, 1, 9, 10, 0, 0, 250_999, tzinfo=UTC)
HAND = Hand("ops@desk", "9f0c2a44d1e07b36")
SCHEMA = validator("deadletter.status")


def statuses(*marks, begins=None):
    found = Statuses(begins or {0: 0})
    for of, status in marks:
        found.apply(of.status_key, encode(status))
    return found


def redriven(of, offset=99):
    return of, HAND.redriven(of, AT, Target("raw", 3, offset))


def discarded(of):
    return of, HAND.discarded(of, AT, "test traffic")


def test_a_letter_that_nobody_has_marked_is_open():
    assert statuses().state(letter()) is State.OPEN
    assert statuses().of(letter()) is None


def test_the_newest_mark_of_a_letter_counts():
    one, other = letter(), letter(source=(3, 42))
    found = statuses(discarded(one), redriven(one), redriven(other), discarded(other))

    assert found.state(one) is State.REDRIVEN
    assert found.state(other) is State.DISCARDED
    assert len(found) == 2


def test_a_further_death_of_a_redriven_record_is_open_anew():
    first = letter()
    second = letter(source=(3, 99), original=redriven_headers(first))

    found = statuses(redriven(first))
    assert (found.state(first), found.state(second)) == (State.REDRIVEN, State.OPEN)


def test_a_mark_without_a_value_opens_its_letter_again():
    found = statuses(discarded(letter()))
    found.apply(letter().status_key, None)

    assert found.state(letter()) is State.OPEN


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, b"{}"),
        (b"k", b""),
        (b"k", b"\xff"),
        (b"k", b"[]"),
        (b"k", b'{"state":"redriven"}'),
        (b"k", encode(discarded(letter())[1]).replace(b"discarded", b"forgotten")),
    ],
)
def test_what_is_no_status_is_counted_and_changes_nothing(key, value):
    found = statuses(discarded(letter()))
    found.apply(key, value)

    assert (found.unreadable, found.state(letter())) == (1, State.DISCARDED)


def test_states_of_letters_that_aged_out_take_no_memory():
    old, new = letter(address=9, source=(3, 1)), letter(address=10, source=(3, 2))
    found = statuses(discarded(old), discarded(new), begins={0: 10})

    assert len(found) == 1
    assert found.state(new) is State.DISCARDED


def test_every_kind_of_status_is_as_its_schema_says():
    second = letter(source=(3, 99), original=redriven_headers(letter()))
    for _, status in (redriven(letter()), redriven(second), redriven(letter(), None), discarded(second)):
        SCHEMA.validate(orjson.loads(encode(status)))


def test_a_status_says_who_when_and_where_to():
    document = orjson.loads(encode(redriven(letter(address=17))[1]))

    assert document["at"] == "2026-01-09T10:00:00.250Z"
    assert (document["by"], document["run"], document["attempt"]) == ("ops@desk", HAND.run, 1)
    assert document["letter"] == {"partition": 0, "offset": 17}
    assert document["target"] == {"topic": "raw", "partition": 3, "offset": 99}
    assert "first" not in document
    assert "note" not in document
