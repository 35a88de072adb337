"""What the log's topic shows of a truncation, and evidence on its way; all else is tested on a live Kafka."""

import asyncio

import pytest
from aiokafka.errors import MessageSizeTooLargeError, OutOfOrderSequenceNumber
from tests.unit.deduplicate.model.toy import AFTER
from tests.unit.deduplicate.test_plan import WINDOW_MS, batch, newer_writer, replica
from worker.config import load
from worker.deduplicate import Status
from worker.deduplicate.evidence import TOPICS, Evidence
from worker.deduplicate.frame import decode
from worker.deduplicate.match import MATCHER
from worker.errors import DeliveryError, LogIntegrityError
from worker.fingerprints import FingerprintLog
from worker.metrics import Metrics


class Refusing:
    """An outbox whose broker refuses every batch."""

    def __init__(self, error):
        self._error = error

    def open_batch(self):
        return self

    def append(self, **_):
        return object()

    async def deliver(self, *_):
        raise DeliveryError("refused") from self._error


async def failure(error):
    """What ends a worker whose frames are refused by this error."""
    failed = asyncio.get_running_loop().create_future()
    log = FingerprintLog(
        load({}), matcher=MATCHER, outbox=Refusing(error), metrics=Metrics(), on_failure=failed.set_result
    )
    log._unsent.append((object(), b"frame"))
    log._wake.set()
    await log._guarded(log._append())
    return failed.result()


async def test_a_broker_that_has_lost_what_it_confirmed_has_truncated_the_log():
    ended = await failure(OutOfOrderSequenceNumber())
    assert isinstance(ended, LogIntegrityError)
    assert "it was truncated" in str(ended)


async def test_any_other_refusal_is_what_it_is():
    assert type(await failure(MessageSizeTooLargeError())) is DeliveryError


class Desk:
    """Knows the topics of every headline; notes what it is asked about."""

    def __init__(self):
        self.asked = []

    async def gather(self, batches):
        self.asked.append(batches)
        return {bytes.fromhex(each.id): EVIDENCE for batch in batches for each in batch.headlines}


EVIDENCE = Evidence((), bytes(range(TOPICS)))


@pytest.fixture
async def log():
    """A log whose replica has caught up, and whose frames wait to be appended."""
    made = FingerprintLog(
        load({}), matcher=AFTER, outbox=Refusing(None), metrics=Metrics(), on_failure=lambda _: None
    )
    made.replica = replica()
    made._writer = newer_writer(made.replica)
    made._desk = Desk()
    return made


def topics_unsent(log):
    return [decode(frame).topics for _, frame in log._unsent]


async def test_evidence_is_gathered_once_for_all_batches_of_a_fetch_and_frames_keep_their_order(log):
    batches = [batch(0, 1), batch(5)]
    waiting = await log.submit(batches)
    assert len(waiting) == 2
    assert log._desk.asked == [batches]
    assert topics_unsent(log) == [{0: EVIDENCE.topics, 1: EVIDENCE.topics}, {0: EVIDENCE.topics}]


async def test_a_batch_that_has_to_be_said_again_keeps_its_evidence(log):
    await log.submit([batch(0)])
    pending, frame = log._unsent.popleft()
    log._unapplied.append(pending)
    pending.offsets, pending.due = [1], 1
    log.replica.apply(0, 0, b"what this worker missed, a window ago")
    assert log.replica.apply(1, WINDOW_MS, frame).status is Status.VOID
    log._settle()
    assert topics_unsent(log) == [{0: EVIDENCE.topics}]
    assert len(log._desk.asked) == 1


async def test_without_a_desk_entries_have_no_evidence(log):
    log._desk = None
    await log.submit([batch(0)])
    assert topics_unsent(log) == [{}]
