"""Which letters are chosen."""

import pytest
from worker.deadletters.choice import Choice, Sample, Span, parse_address, parse_span
from worker.deadletters.letter import Address, read
from worker.deadletters.status import State

from .letters import DIED_MS, letter, record

LETTER = letter(address=17)


@pytest.mark.parametrize(
    ("choice", "takes"),
    [
        (Choice(), True),
        (Choice(states=frozenset({State.OPEN})), True),
        (Choice(states=frozenset({State.REDRIVEN})), False),
        (Choice(reasons=frozenset({"schema", "empty"})), True),
        (Choice(reasons=frozenset({"empty"})), False),
        (Choice(stages=frozenset({"normalize"})), True),
        (Choice(stages=frozenset({"route"})), False),
        (Choice(versions=frozenset({LETTER.version})), True),
        (Choice(versions=frozenset({"0.0.1"})), False),
        (Choice(partitions=frozenset({3})), True),
        (Choice(partitions=frozenset({0})), False),
        (Choice(keys=frozenset({b"k"})), True),
        (Choice(keys=frozenset({b"K"})), False),
        (Choice(since_ms=DIED_MS), True),
        (Choice(since_ms=DIED_MS + 1), False),
        (Choice(until_ms=DIED_MS + 1), True),
        (Choice(until_ms=DIED_MS), False),
        (Choice(spans=(Span(0, 3, 5), Span(0, 17, 17))), True),
        (Choice(spans=(Span(0, 10, None),)), True),
        (Choice(spans=(Span(0, 18, None), Span(1, 17, 17))), False),
        (Choice(reasons=frozenset({"schema"}), partitions=frozenset({4})), False),
    ],
)
def test_a_letter_is_taken_if_it_is_all_that_is_asked(choice, takes):
    assert choice.takes(LETTER, State.OPEN) is takes


def test_what_has_no_source_stands_in_no_partition_of_it():
    stranger = read(record(b"?"))

    assert not Choice(partitions=frozenset({0})).takes(stranger, State.OPEN)
    assert Choice(partitions=frozenset({0})).takes(letter(source=(0, 1)), State.OPEN)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("17", Span(0, 17, 17)),
        ("17-40", Span(0, 17, 40)),
        ("17-17", Span(0, 17, 17)),
        ("17-", Span(0, 17, None)),
        ("2:17-40", Span(2, 17, 40)),
        ("40-17", None),
        ("-17", None),
        ("", None),
        ("a", None),
        ("1:2:3", None),
        ("\u0661", None),
    ],
)
def test_a_span_is_read_as_it_is_typed(text, span):
    assert parse_span(text) == span


@pytest.mark.parametrize(
    ("text", "address"), [("17", Address(0, 17)), ("2:17", Address(2, 17)), ("17-18", None), ("x", None)]
)
def test_an_address_is_read_as_it_is_typed(text, address):
    assert parse_address(text) == address


@pytest.mark.parametrize(
    ("spans", "reads"),
    [
        ((), {0: (5, 100), 1: (0, 50)}),
        ((Span(0, 10, 20), Span(0, 30, 30)), {0: (10, 31)}),
        ((Span(0, 0, None),), {0: (5, 100)}),
        ((Span(1, 49, 1000),), {1: (49, 50)}),
        ((Span(7, 1, 1),), {}),
    ],
)
def test_no_more_is_read_than_the_spans_need(spans, reads):
    assert Choice(spans=spans).within({0: (5, 100), 1: (0, 50)}) == reads


def sampled(offsets, size=10, seed=7):
    sample = Sample(size, seed)
    for offset in offsets:
        sample.offer(letter(address=offset))
    return sample.addresses()


def test_a_sample_is_the_same_for_a_seed_in_whatever_order_letters_come():
    first = sampled(range(200))

    assert first == sampled(reversed(range(200)))
    assert first == sorted(first)
    assert len(set(first)) == 10
    assert first != sampled(range(200), seed=8)


def test_a_sample_of_more_than_there_are_is_all_of_them():
    assert sampled(range(5)) == [Address(0, offset) for offset in range(5)]


def test_a_sample_is_no_beginning_of_them():
    picks = [address.offset for seed in range(200) for address in sampled(range(20), size=1, seed=seed)]

    assert set(picks) == set(range(20))
