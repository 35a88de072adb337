"""What the consumer delivers follows its ledger, also when an assignment ends while it looks into a gap."""

import asyncio
from functools import partial
from types import SimpleNamespace

import pytest
from faust.types import TP
from structlog.testing import capture_logs
from worker.errors import BrokerUnavailableError
from worker.transport.backlog import BacklogAge
from worker.transport.consumer import BatchConsumer
from worker.transport.fetching import Bounds
from worker.transport.ledger import Ledger
from worker.transport.room import Room

ONE, TWO = TP("raw", 1), TP("raw", 2)


class Consumer(BatchConsumer):
    """The consumer without Faust or Kafka around it: fetches are handed in, deliveries are kept."""

    def __init__(self, fetches, *, begins, meanwhile=lambda _: None):
        self.ledger = Ledger()
        self._backlog_age = BacklogAge()
        self._events = {}
        self._room = Room(1000)
        self._retried_gap = {}
        self._fetches = list(fetches)
        self._begins = begins
        self._meanwhile = meanwhile
        self.transport = SimpleNamespace(on_skipped=lambda *skipped: self.skipped.append(skipped))
        self._thread = SimpleNamespace(seek_all=self._sought, progress=lambda: self.progress)
        self.progress = {}
        self.delivered = []
        self.skipped = []
        self.sought = []
        self._stopped = self.suspend_flow = asyncio.Event()
        self.consumer_stopped_errors = ()
        self.flow_active = True

    should_stop = False

    async def _wait_next_records(self, _timeout):
        if not self._fetches:
            self._stopped.set()
            return {}, None
        return self._fetches.pop(0), None

    async def earliest_offsets(self, tp):
        self._meanwhile(self)
        return {tp: self._begins}

    async def _sought(self, positions):
        self.sought.append(positions)

    def _to_message(self, tp, record):
        return SimpleNamespace(tp=tp, offset=record.offset)

    async def wait_first(self, delivered, suspended):
        suspended.close()
        await delivered

    async def callback(self, message):
        self.delivered.append(
            [(batch.partition, [record.offset for record in batch.records]) for batch in message.value]
        )

    def run(self):
        asyncio.run(self._drain_messages(SimpleNamespace(_stopped=self._stopped)))
        return self.delivered


def records(*offsets):
    return [SimpleNamespace(offset=offset, timestamp=1000 * offset) for offset in offsets]


async def test_an_assignment_is_told_with_its_partitions():
    consumer = Consumer([], begins=0)
    consumer._thread.bounds = partial(asyncio.sleep, 0, {TWO: Bounds(9, 0, 20), ONE: Bounds(None, 0, 7)})
    consumer.force_commit = partial(asyncio.sleep, 0)
    with capture_logs() as lines:
        await consumer._begin_assignment()

    assert lines == [{"event": "assigned", "log_level": "info", "partitions": [1, 2]}]


def test_what_one_fetch_brought_is_one_event():
    consumer = Consumer([{ONE: records(5, 6), TWO: records(9)}], begins=0)
    consumer.ledger.assign({ONE: 5, TWO: 9})

    assert consumer.run() == [[(1, [5, 6]), (2, [9])]]


def test_what_was_delivered_before_is_left_out():
    consumer = Consumer([{ONE: records(3, 4, 5, 6)}, {ONE: records(5, 6)}], begins=0)
    consumer.ledger.assign({ONE: 5})

    assert consumer.run() == [[(1, [5, 6])]]


def test_a_gap_is_fetched_again_once_and_then_taken_for_no_records():
    consumer = Consumer([{ONE: records(8, 9)}, {ONE: records(8, 9)}], begins=0)
    consumer.ledger.assign({ONE: 5})

    assert consumer.run() == [[(1, [8, 9])]]
    assert consumer.sought == [{ONE: 5}]


def test_a_gap_of_records_that_aged_out_is_counted():
    consumer = Consumer([{ONE: records(8, 9)}], begins=7)
    consumer.ledger.assign({ONE: 5})

    assert consumer.run() == [[(1, [8, 9])]]
    assert consumer.skipped == [(1, 2)]


@pytest.mark.parametrize("new", [{ONE: 3, TWO: 2}, {TWO: 2}, {}], ids=["both", "one of them", "neither"])
def test_what_was_fetched_under_an_assignment_that_is_over_goes_nowhere(new):
    """Partition 2 would go on at 9, though its next owner, the same worker, has yet to read from 2 on."""
    fetch = {TWO: records(9), ONE: records(8, 9)}
    consumer = Consumer([fetch], begins=7, meanwhile=lambda consumer: consumer.ledger.assign(new))
    consumer.ledger.assign({ONE: 5, TWO: 9})

    assert consumer.run() == []
    assert consumer.skipped == []
    assert consumer.ledger.positions() == new


def test_nothing_is_fetched_while_there_is_no_room():
    consumer = Consumer([{ONE: records(5)}, {ONE: records(6)}, {ONE: records(7)}], begins=0)
    consumer.ledger.assign({ONE: 5})

    async def two_and_then_there_is_room():
        consumer._room = Room(2)
        draining = asyncio.create_task(consumer._drain_messages(SimpleNamespace(_stopped=consumer._stopped)))
        await asyncio.sleep(0.05)
        before = list(consumer.delivered)
        consumer._room.clear()
        await draining
        return before

    assert asyncio.run(two_and_then_there_is_room()) == [[(1, [5])], [(1, [6])]]
    assert consumer.delivered == [[(1, [5])], [(1, [6])], [(1, [7])]]


def test_the_lag_has_an_age_that_follows_the_last_record_taken_in(monkeypatch):
    consumer = Consumer([{ONE: records(5, 6), TWO: records(9)}], begins=0)
    consumer.ledger.assign({ONE: 5, TWO: 9})
    consumer.run()
    monkeypatch.setattr("time.time", lambda: 10.0)

    consumer.progress = {ONE: (7, 7), TWO: (10, 10)}
    assert (consumer.lag_by_partition(), consumer.lag_seconds()) == ({1: 0, 2: 0}, 0.0)
    consumer.progress = {ONE: (7, 8), TWO: (10, 10)}
    monkeypatch.setattr("time.time", lambda: 10.5)
    assert (consumer.lag_by_partition(), consumer.lag_seconds()) == ({1: 1, 2: 0}, 0.5)


async def test_what_is_done_while_a_commit_is_under_way_is_committed_before_the_assignment_ends():
    """Faust's commit waits for the other one, which began with less, and makes none of its own."""
    consumer = Consumer([], begins=0)
    consumer.app = SimpleNamespace(client_only=False)
    consumer.loop = asyncio.get_running_loop()
    consumer.transport.drain_s = 1
    consumer._unacked_messages = set()
    consumer.ledger.assign({ONE: 5})
    committed = []

    async def commit(offsets):
        committed.append(dict(offsets))
        await asyncio.sleep(0.01)
        return True

    consumer._commit = commit
    consumer.ledger.finish(consumer.ledger.deliver(ONE, 5, 7))
    under_way = asyncio.create_task(consumer.commit())
    await asyncio.sleep(0)
    consumer.ledger.finish(consumer.ledger.deliver(ONE, 7, 9))
    await consumer.wait_empty()
    await under_way
    assert committed == [{ONE: 7}, {ONE: 9}]


async def test_an_assignment_whose_positions_kafka_does_not_tell_ends_the_worker():
    """Faust would go on without records, and nobody would notice: nothing is assigned, so nothing lags."""
    consumer = Consumer([], begins=0)
    consumer.app = SimpleNamespace(conf=SimpleNamespace(broker_request_timeout=0.05))
    consumer._thread.bounds = asyncio.Event().wait
    crashes = []

    async def crash(error):
        crashes.append(error)

    consumer.crash = crash
    async with asyncio.timeout(10):
        await consumer.perform_seek()

    assert [type(error) for error in crashes] == [BrokerUnavailableError]
