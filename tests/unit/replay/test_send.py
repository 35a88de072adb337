"""A replay's bookkeeping: what counts as confirmed, when it ends, and what a failure leaves."""

from __future__ import annotations

import asyncio

import pytest
from worker.errors import BrokerUnavailableError, DeliveryError, UsageError
from worker.replay.document import SEEDS
from worker.replay.fields import FieldMap
from worker.replay.plan import Plan
from worker.replay.send import CHUNKS_UNCONFIRMED, Replay

PLAN = Plan(documents=(SEEDS,), source="wire", fields=FieldMap())


class Shelf:
    """A sink that keeps what is put; `confirm` confirms all of it."""

    def __init__(self):
        self.records = []
        self.receipts = []

    def put(self, topic, partition, records, receipt):
        receipt.expect()
        self.records += [(topic, partition, record) for record in records]
        self.receipts.append(receipt)

    def confirm(self):
        while self.receipts:
            self.receipts.pop().confirm()


class Confirming(Shelf):
    """A sink that confirms at once."""

    def put(self, topic, partition, records, receipt):
        super().put(topic, partition, records, receipt)
        self.confirm()


def replay_of(plan=PLAN, **options):
    return Replay(plan, topic="raw", partitions=6, chunk_records=10, **options)


async def until(condition):
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("the condition never came true")


async def test_every_headline_is_put_once_under_its_id():
    sink, replay = Confirming(), replay_of()
    await replay.run(sink)

    assert len({record.key for _, _, record in sink.records}) == len(sink.records) == 62
    assert (replay.tally.sent, replay.tally.confirmed, replay.tally.unconfirmed) == (62, 62, 0)


async def test_a_run_lasts_until_the_last_confirmation():
    sink, replay = Shelf(), replay_of()
    run = asyncio.ensure_future(replay.run(sink))
    await until(lambda: replay.tally.sent == 62)
    assert not run.done()

    sink.confirm()
    await run
    assert replay.tally.confirmed == 62


async def test_a_stop_reads_no_further_and_waits_for_what_was_sent():
    sink, replay = Shelf(), replay_of()
    run = asyncio.ensure_future(replay.run(sink))
    await until(lambda: replay.tally.sent)
    replay.stop()
    await asyncio.sleep(0)
    assert not run.done()

    sink.confirm()
    await run
    assert replay.tally.confirmed == replay.tally.sent < 62


async def test_a_failed_delivery_ends_the_run_and_says_how_much_is_not_confirmed():
    sink, replay = Shelf(), replay_of()
    run = asyncio.ensure_future(replay.run(sink))
    await until(lambda: replay.tally.sent == 62)
    sink.receipts.pop().confirm()
    replay.fail(BrokerUnavailableError("the broker is gone"))

    with pytest.raises(DeliveryError, match=rf"{replay.tally.unconfirmed} of 62 .*: the broker is gone"):
        await run
    assert 0 < replay.tally.confirmed < 62


async def test_not_more_than_a_bound_is_under_way_at_once():
    sink, replay = Shelf(), replay_of(Plan(documents=(SEEDS,), source="wire", fields=FieldMap(), repeat=10))
    run = asyncio.ensure_future(replay.run(sink))
    most = 0
    while not run.done():
        for _ in range(20):
            await asyncio.sleep(0)
        most = max(most, replay.tally.unconfirmed)
        sink.confirm()

    assert replay.tally.confirmed == 620
    assert CHUNKS_UNCONFIRMED * 10 < most <= (CHUNKS_UNCONFIRMED + 1) * 10


async def test_what_was_read_before_a_refused_line_is_sent(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"headline":"Rain"}\nnonsense\n{"headline":"Snow"}\n')
    plan = Plan(documents=(type(SEEDS)(path.name, path),), source="wire", fields=FieldMap())

    def refuse(reading):
        raise UsageError(f"line {reading.found.line}")

    sink, replay = Confirming(), replay_of(plan, on_fault=refuse)
    with pytest.raises(UsageError, match="line 2"):
        await replay.run(sink)
    assert (replay.tally.confirmed, replay.tally.faults) == (1, 1)


async def test_at_a_rate_only_what_is_due_is_sent():
    sink, replay = Confirming(), replay_of(rate=2)
    run = asyncio.ensure_future(replay.run(sink))
    await until(lambda: replay.tally.sent)
    for _ in range(100):
        await asyncio.sleep(0)
    assert replay.tally.sent == 1

    replay.stop()
    await run
