"""Records to Kafka, each with the offset that it got."""

import pytest
from worker.deadletters.sending import Addressed, Confirmed, send
from worker.errors import DeliveryError
from worker.outbox import Outgoing
from worker.replay.partition import partitions_of

from .carrier import Carrier


def records(count, key=True):
    return [
        Addressed(Outgoing(b"k%d" % n if key else None, b"v%d" % n, [("h", b"1")]), n) for n in range(count)
    ]


async def test_each_record_is_told_where_it_stands():
    carrier = Carrier(capacity=4)
    sent = await send(carrier, "raw", 3, records(50))

    assert sent.failure is None
    for each, place in zip(records(50), sent.places, strict=True):
        assert carrier.log["raw", place.partition][place.offset] == each.record
        assert place.partition == partitions_of([each.record.key], 3)[0]


async def test_records_of_a_partition_keep_their_order():
    carrier = Carrier(capacity=4)
    await send(carrier, "raw", 1, records(50))

    assert carrier.log["raw", 0] == [each.record for each in records(50)]


async def test_a_record_without_a_key_goes_where_it_is_told():
    sent = await send(Carrier(), "raw", 3, records(6, key=False))

    assert [place.partition for place in sent.places] == [0, 1, 2, 0, 1, 2]


async def test_where_kafka_does_not_say_the_offset_is_not_known():
    sent = await send(Carrier(silent=True), "raw", 1, records(2))

    assert sent.places == [Confirmed(0, None)] * 2


async def test_what_was_confirmed_before_a_failure_is_told():
    carrier = Carrier(capacity=4, refuses={1}, after=2)
    sent = await send(carrier, "raw", 2, records(60))

    assert isinstance(sent.failure, DeliveryError)
    confirmed = [place for place in sent.places if place is not None]
    assert len([place for place in confirmed if place.partition == 1]) == 2 * 4
    assert {(place.partition, place.offset) for place in confirmed} == {
        (partition, offset) for (_, partition), log in carrier.log.items() for offset in range(len(log))
    }
    assert None in sent.places


@pytest.mark.parametrize("count", [0, 1])
async def test_few_records_are_no_special_case(count):
    assert len((await send(Carrier(), "raw", 6, records(count))).places) == count
