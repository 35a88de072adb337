"""Outputs leave in order, are confirmed once, and never silently fail."""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.errors import (
    KafkaConnectionError,
    MessageSizeTooLargeError,
    NotLeaderForPartitionError,
    TopicAuthorizationFailedError,
)
from aiokafka.record.memory_records import MemoryRecords
from worker.errors import AccessDeniedError, BrokerUnavailableError, DeliveryError
from worker.kafka.records import Packing, encoded, size
from worker.metrics import Metrics
from worker.outbox import Outbox, Outgoing, Receipt

EMPTY = 61
"""Bytes of a record batch without records."""


class Broker:
    """Takes record batches; each try ends as the script says: an error, "hang", or confirmed."""

    def __init__(self, *script):
        self.script = list(script)
        self.log = []
        self.batches = []
        self.tries = 0
        self.under_way = 0
        self.most_under_way = 0
        self.departures = []
        """When each record batch was sent, by the event loop's clock."""

    @property
    def client(self):
        return SimpleNamespace(cluster=self)

    def partitions_for_topic(self, topic):
        return None if topic == "gone" else {0}

    async def send_batch(self, batch, topic, *, partition):
        if topic == "gone":
            await asyncio.Event().wait()  # as aiokafka waits for its metadata
        assert batch not in self.batches, "a record batch has one place in the producer's sequence"
        self.batches.append(batch)
        self.tries += 1
        self.departures.append(asyncio.get_running_loop().time())
        step = self.script.pop(0) if self.script else None
        future = asyncio.get_running_loop().create_future()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)

        def end():
            self.under_way -= 1
            if isinstance(step, Exception):
                future.set_exception(step)
            elif step != "hang":
                future.set_result(SimpleNamespace(offset=len(self.log)))
                self.log.extend(values_of(batch))

        asyncio.get_running_loop().call_soon(end)
        return future


def values_of(batch):
    """The values of a record batch, as a consumer reads them."""
    (read,) = [MemoryRecords(bytes(batch._build())).next_batch()]
    return [record.value for record in read]


class Watched:
    """An outbox, the failures it reported, and receipts by name."""

    def __init__(self, broker, patience_s=5.0, spacing_s=0.0, room=3):
        self.failures = []
        self.errors = []
        self.metrics = Metrics()
        self.confirmed = []
        self.outbox = Outbox(
            broker,
            patience_s=patience_s,
            on_failure=self.failures.append,
            on_error=self.errors.append,
            on_retry=self.metrics.producer_retries.inc,
            spacing_s=spacing_s,
            packing=Packing(EMPTY + room * size([encoded(b"k", b"1", [])])),
        )

    @property
    def retries(self):
        return self.metrics.registry.get_sample_value("newswire_producer_retries_total")

    def put(self, name, values, partition=0):
        receipt = Receipt(lambda: self.confirmed.append(name))
        self.outbox.put("t", partition, [Outgoing(b"k", v, []) for v in values], receipt)
        receipt.confirm()

    async def until(self, condition):
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - the broker of these tests lives in the same loop
                await asyncio.sleep(0)


async def test_records_arrive_in_the_order_in_which_they_were_put():
    watched = Watched(broker := Broker(), room=3)
    watched.put("one", [b"1", b"2", b"3", b"4"])
    watched.put("two", [b"5", b"6"])

    await watched.until(lambda: watched.confirmed == ["one", "two"])

    assert broker.log == [b"1", b"2", b"3", b"4", b"5", b"6"]
    assert watched.outbox.waiting == 0


async def test_a_lane_has_one_record_batch_under_way():
    watched = Watched(broker := Broker(), room=1)
    watched.put("one", [b"1", b"2", b"3"])

    await watched.until(lambda: watched.confirmed)

    assert broker.most_under_way == 1


async def test_lanes_depart_together_and_the_more_there_are_the_later_the_next_do():
    watched = Watched(broker := Broker(), spacing_s=0.05)
    for partition in range(4):
        watched.put("first", [b"1"], partition)
    await watched.until(lambda: len(watched.confirmed) == 4)

    watched.put("next", [b"2"], 0)
    watched.put("next", [b"3"], 0)
    watched.put("next", [b"4"], 3)
    await watched.until(lambda: len(watched.confirmed) == 7)

    assert broker.most_under_way == 4
    assert broker.tries == 4 + 2
    assert broker.departures[-1] - broker.departures[0] >= 4 * 0.05


async def test_a_full_record_batch_does_not_wait_for_a_departure():
    watched = Watched(broker := Broker(), spacing_s=3600, room=1)
    watched.put("one", [b"1", b"2", b"3"])

    await watched.until(lambda: watched.confirmed == ["one"])

    assert broker.log == [b"1", b"2", b"3"]


async def test_a_receipt_over_several_lanes_waits_for_all():
    watched = Watched(broker := Broker("hang"), patience_s=60)
    receipt = Receipt(lambda: watched.confirmed.append("all"))
    watched.outbox.put("t", 0, [Outgoing(None, b"hangs", [])], receipt)
    await watched.until(lambda: broker.tries == 1)
    watched.outbox.put("t", 1, [Outgoing(None, b"arrives", [])], receipt)
    receipt.confirm()

    await watched.until(lambda: broker.log == [b"arrives"])
    await asyncio.sleep(0)

    assert watched.confirmed == []
    await watched.outbox.stop()


async def test_nothing_to_send_is_confirmed_at_once():
    confirmed = []
    Receipt(lambda: confirmed.append("empty")).confirm()

    assert confirmed == ["empty"]


async def test_a_passing_error_is_sent_again_and_order_is_kept():
    watched = Watched(broker := Broker(NotLeaderForPartitionError(), KafkaConnectionError()), room=2)
    watched.put("one", [b"1", b"2"])
    watched.put("two", [b"3"])

    await watched.until(lambda: watched.confirmed == ["one", "two"])

    assert broker.log == [b"1", b"2", b"3"]
    assert watched.errors == ["NotLeaderForPartitionError", "KafkaConnectionError"]
    assert watched.retries == 2
    assert not watched.failures


async def test_a_right_that_is_missing_is_named_at_once_and_nothing_is_tried_again():
    watched = Watched(Broker(TopicAuthorizationFailedError()))
    watched.put("one", [b"1"])

    await watched.until(lambda: watched.failures)

    (failure,) = watched.failures
    assert isinstance(failure, AccessDeniedError)
    assert "Write on topic" in str(failure)
    assert watched.retries == 0


async def test_a_refusal_fails_at_once_and_confirms_nothing_behind_it():
    watched = Watched(broker := Broker(MessageSizeTooLargeError()), room=1)
    watched.put("one", [b"1"])
    watched.put("two", [b"2"])

    await watched.until(lambda: watched.failures)
    await asyncio.sleep(0)

    assert isinstance(watched.failures[0], DeliveryError)
    assert "t-0" in str(watched.failures[0])
    assert watched.errors == ["MessageSizeTooLargeError"]
    assert watched.retries == 0
    assert watched.confirmed == []
    assert broker.log == []


@pytest.mark.parametrize("script", [["hang"], [KafkaConnectionError()] * 50])
async def test_patience_ends_without_a_confirmation(script):
    watched = Watched(broker := Broker(*script), patience_s=0.05)
    watched.put("one", [b"1"])

    await watched.until(lambda: watched.failures)

    assert isinstance(watched.failures[0], BrokerUnavailableError)
    assert watched.confirmed == []
    assert watched.retries == broker.tries - 1


async def test_an_error_that_nobody_foresaw_is_reported_and_confirms_nothing():
    watched = Watched(Broker())
    receipt = Receipt(lambda: watched.confirmed.append("one"))
    watched.outbox.put_encoded("t", 0, [None], receipt)
    receipt.confirm()

    await watched.until(lambda: watched.failures)

    assert isinstance(watched.failures[0], TypeError)
    assert watched.confirmed == []


async def test_a_topic_that_is_gone_holds_up_no_other():
    watched = Watched(broker := Broker())
    receipt = Receipt(lambda: None)
    watched.outbox.put("gone", 0, [Outgoing(None, b"waits", [])], receipt)
    watched.put("one", [b"1"])

    await watched.until(lambda: watched.confirmed == ["one"])

    assert broker.log == [b"1"]
    await watched.outbox.stop()


async def test_patience_runs_from_the_first_try_though_others_of_the_departure_are_confirmed():
    watched = Watched(broker := Broker("hang"), patience_s=0.05)
    watched.put("hangs", [b"1"], partition=0)
    watched.put("arrives", [b"2"], partition=1)

    await watched.until(lambda: watched.failures)

    assert [type(failure) for failure in watched.failures] == [BrokerUnavailableError]
    assert "t-0" in str(watched.failures[0])
    assert watched.confirmed == ["arrives"]
    assert broker.log == [b"2"]


async def test_nothing_departs_once_the_outbox_is_stopped():
    watched = Watched(broker := Broker(), spacing_s=0.05)
    watched.put("one", [b"1"])
    await watched.until(lambda: watched.confirmed == ["one"])
    watched.put("two", [b"2"])

    await watched.outbox.stop()
    await asyncio.sleep(0.1)

    assert broker.log == [b"1"]


async def test_a_record_batch_is_never_larger_than_it_may_be_but_for_one_record_that_is():
    watched = Watched(broker := Broker(), room=3)
    large = b"x" * 500
    watched.put("one", [b"1", b"2", large, b"3"])
    watched.put("two", [b"4", large, large, b"5", b"6", b"7", b"8"])

    await watched.until(lambda: watched.confirmed == ["one", "two"])

    assert broker.log == [b"1", b"2", large, b"3", b"4", large, large, b"5", b"6", b"7", b"8"]
    most = watched.outbox.packing.max_bytes
    assert {len(batch._build()) > most for batch in broker.batches if batch.record_count() > 1} == {False}
    assert max(batch.record_count() for batch in broker.batches) == 3


async def test_records_that_are_encoded_already_leave_among_the_others():
    watched = Watched(broker := Broker())
    receipt = Receipt(lambda: watched.confirmed.append("encoded"))
    watched.put("one", [b"1"])
    watched.outbox.put_encoded("t", 0, [encoded(b"k", b"2", [])], receipt)
    receipt.confirm()
    watched.put("two", [b"3"])

    await watched.until(lambda: watched.confirmed == ["one", "encoded", "two"])

    assert broker.log == [b"1", b"2", b"3"]
