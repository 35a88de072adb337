"""What the log's topic shows of a truncation; all else of it is tested on a live Kafka."""

import asyncio

from aiokafka.errors import MessageSizeTooLargeError, OutOfOrderSequenceNumber
from worker.config import load
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
