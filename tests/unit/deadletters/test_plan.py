"""What a redrive would send, and why not the others."""

import pytest
from msgspec.structs import replace
from worker.deadletter import ATTEMPT, FIRST
from worker.deadletters.choice import Sample
from worker.deadletters.letter import Address
from worker.deadletters.plan import (
    MAX_ATTEMPTS,
    Hindrance,
    Plan,
    Terms,
    record_bytes,
    redriven_headers,
)
from worker.events import Reason, Rejection
from worker.normalize import DEFAULT, Limits

from .letters import BAD, BORN_MS, GOOD, letter

TERMS = Terms(DEFAULT, 1_048_576)


def planned(letters, terms=TERMS, sample=None):
    plan = Plan(terms, sample)
    for each in letters:
        plan.consider(each)
    return plan


def told(plan):
    return [(group.hindrance, group.cause, group.count, group.example.offset) for group in plan.groups]


def spent(**kwargs):
    return letter(GOOD, original=[(ATTEMPT, b"%d" % (MAX_ATTEMPTS - 1))], **kwargs)


def test_those_that_would_pass_now_are_sent_and_no_others():
    plan = planned([letter(GOOD, address=0), letter(BAD, address=1), letter(GOOD, address=2)])

    assert plan.addresses() == {0: plan.addresses()[0]}
    assert list(plan.addresses()[0]) == [0, 2]
    assert (plan.chosen, plan.passing, plan.failing, plan.to_send) == (3, 2, 0, 2)


def test_those_that_would_fail_are_told_by_cause_the_most_frequent_first():
    letters = [letter(b"{", address=5)]
    letters += [letter(BAD, address=n) for n in range(10, 13)]
    letters += [letter(b'{"id":"b","headline":"h"}', address=n) for n in range(20, 22)]
    plan = planned(letters)

    assert told(plan) == [
        (Hindrance.FAILS, "schema headline", 3, 10),
        (Hindrance.FAILS, "schema source", 2, 20),
        (Hindrance.FAILS, "not_json", 1, 5),
    ]
    assert plan.groups[0].message == "headline is missing; a raw headline has one"
    assert plan.to_send == 0
    assert plan.addresses() == {}


def test_the_limits_of_now_decide():
    long = GOOD.replace(b"Storm", b"Storm " * 500)
    of_then = Rejection(
        Reason.TOO_LARGE, "headline has 3029 characters; at most 2000 are allowed", "headline"
    )
    dead = letter(long, rejection=of_then)

    assert planned([dead]).passing == 0
    assert planned([dead], Terms(Limits(max_headline_chars=4000), 1_048_576)).passing == 1


def test_those_that_would_fail_are_sent_if_that_is_asked():
    plan = planned([letter(GOOD), letter(BAD, address=1)], replace(TERMS, failing=True))

    assert (plan.passing, plan.failing, plan.to_send) == (1, 1, 2)


def test_what_died_too_often_is_sent_by_force_only():
    assert spent().attempt == MAX_ATTEMPTS
    plan = planned([spent()])

    assert told(plan) == [(Hindrance.SPENT, "", 1, 0)]
    assert f"died {MAX_ATTEMPTS} times; --force" in plan.groups[0].message
    assert planned([spent()], replace(TERMS, force=True)).to_send == 1
    assert planned([spent()], replace(TERMS, failing=True)).to_send == 0


def test_a_record_that_is_gone_is_told():
    plan = Plan(TERMS)
    plan.consider(letter(None), lost=True)

    assert told(plan) == [(Hindrance.LOST, "", 1, 0)]


def test_a_record_that_the_topic_does_not_take_is_told_and_not_tried():
    dead = letter(GOOD)
    size = record_bytes(dead)

    assert planned([dead], Terms(DEFAULT, size)).to_send == 1
    plan = planned([dead], Terms(DEFAULT, size - 1))
    assert told(plan) == [(Hindrance.TOO_LARGE, "", 1, 0)]
    assert str(size) in plan.groups[0].message


def test_a_sample_is_of_those_that_would_be_sent():
    letters = [letter(GOOD if n % 2 else BAD, address=n) for n in range(100)]
    plan = planned(letters, sample=Sample(5, 1))

    assert (plan.passing, plan.to_send) == (50, 5)
    assert all(offset % 2 for offset in plan.addresses()[0])


def test_several_partitions_are_kept_apart():
    plan = planned([letter(GOOD, address=3, partition=1), letter(GOOD, address=9)])

    assert {partition: list(offsets) for partition, offsets in plan.addresses().items()} == {0: [9], 1: [3]}
    sample = planned([letter(GOOD, address=3, partition=1)], sample=Sample(1, 1))
    assert sample.addresses() == {1: [3]}


def test_a_redriven_record_keeps_its_headers_and_tells_its_past():
    dead = letter(original=[("trace", b"7"), ("trace", None)])

    assert redriven_headers(dead) == [
        ("trace", b"7"),
        ("trace", None),
        (ATTEMPT, b"1"),
        *zip(FIRST, (b"raw", b"3", b"41", b"%d" % BORN_MS), strict=True),
    ]


def test_what_has_no_source_has_no_first_position():
    assert redriven_headers(replace(letter(), source=None)) == [(ATTEMPT, b"1")]


@pytest.mark.parametrize("partition", [0, 2])
def test_an_example_is_an_address(partition):
    plan = planned([letter(BAD, address=8, partition=partition)])

    assert plan.groups[0].example == Address(partition, 8)
