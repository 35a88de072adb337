"""What may be committed is the done prefix, whatever the order in which batches get done."""

from hypothesis import given
from hypothesis import strategies as st
from worker.transport.ledger import Ledger


def test_nothing_is_committable_before_anything_is_done():
    ledger = Ledger()
    ledger.assign({"a": 10})
    ledger.deliver("a", 10, 20)

    assert ledger.committable() == {}


def test_a_batch_that_is_done_before_an_earlier_one_waits_for_it():
    ledger = Ledger()
    ledger.assign({"a": 0})
    first, second = ledger.deliver("a", 0, 5), ledger.deliver("a", 5, 9)

    ledger.finish(second)
    assert ledger.committable() == {}

    ledger.finish(first)
    assert ledger.committable() == {"a": 9}


def test_what_kafka_has_confirmed_is_not_committed_again():
    ledger = Ledger()
    ledger.assign({"a": 0})
    ledger.finish(ledger.deliver("a", 0, 5))
    ledger.committed(ledger.committable())

    assert ledger.committable() == {}


def test_a_commit_that_kafka_did_not_confirm_is_offered_again():
    ledger = Ledger()
    ledger.assign({"a": 0})
    ledger.finish(ledger.deliver("a", 0, 5))

    assert ledger.committable() == ledger.committable() == {"a": 5}


def test_a_batch_of_an_earlier_generation_does_not_count():
    ledger = Ledger()
    ledger.assign({"a": 0})
    old = ledger.deliver("a", 0, 5)
    ledger.assign({"a": 0})
    ledger.deliver("a", 0, 5)

    assert not ledger.finish(old)
    assert ledger.committable() == {}
    assert ledger.in_flight == 1


def test_a_revocation_forgets_what_is_in_flight():
    ledger = Ledger()
    ledger.assign({"a": 0})
    delivery = ledger.deliver("a", 0, 5)
    ledger.revoke()

    assert not ledger.finish(delivery)
    assert ledger.position("a") is None
    assert ledger.in_flight == 0


def test_a_gap_is_committed_with_the_batch_after_it():
    ledger = Ledger()
    ledger.assign({"a": 0})
    ledger.finish(ledger.deliver("a", 7, 9))

    assert ledger.committable() == {"a": 9}


def test_a_partition_that_was_made_anew_is_committed_where_it_begins():
    ledger = Ledger()
    ledger.assign({"a": 500})
    ledger.restart("a", 0)

    assert ledger.position("a") == 0
    assert ledger.committable() == {"a": 0}


def test_what_was_in_flight_of_a_partition_made_anew_is_not_committed():
    ledger = Ledger()
    ledger.assign({"a": 500})
    old = ledger.deliver("a", 500, 600)
    ledger.restart("a", 0)
    ledger.finish(old)

    assert ledger.committable() == {"a": 0}


@given(
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    data=st.data(),
)
def test_never_commits_over_a_batch_in_flight(sizes, data):
    ledger = Ledger()
    ledger.assign({"a": 0})
    deliveries, offset = [], 0
    for size in sizes:
        deliveries.append(ledger.deliver("a", offset, offset + size))
        offset += size
    done = set()
    for delivery in data.draw(st.permutations(deliveries)):
        ledger.finish(delivery)
        done.add(delivery)
        open_ = [d for d in deliveries if d not in done]
        prefix_end = open_[0].first if open_ else offset
        assert ledger.committable().get("a", 0) == prefix_end
