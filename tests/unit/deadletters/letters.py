"""Dead letters as a worker writes them, for tests."""

import json

from aiokafka.structs import ConsumerRecord
from worker import deadletter
from worker.deadletters.letter import read
from worker.events import Reason, Rejection
from worker.normalize import normalize

GOOD = json.dumps({"id": "g-1", "source": "wire", "headline": "Storm cuts power on the coast"}).encode()
BAD = b'{"id":"b-1","source":"wire"}'
DIED_MS = 1_767_952_800_000
BORN_MS = 1_767_942_001_250


def record(value, *, address=0, partition=0, key=b"k", headers=(), died=DIED_MS):
    """A record of the dead-letter topic with just these headers."""
    return ConsumerRecord(
        "dead", partition, address, died, 0, key, value, None, 0, len(value or b""), list(headers)
    )


def died(value=BAD, *, address=0, source=(3, 41), original=(), rejection=None, born=BORN_MS, **kafka):
    """The record of a letter whose value died now, or of a rejection of long ago."""
    now = normalize(value) if rejection is None else rejection
    cause = deadletter.headers(
        now if isinstance(now, Rejection) else Rejection(Reason.SCHEMA, "source is missing", "source"),
        topic="raw",
        partition=source[0],
        offset=source[1],
        timestamp=born,
        original=original,
    )
    return record(value, address=address, headers=cause, **kafka)


def letter(value=BAD, **kwargs):
    """The same, read."""
    return read(died(value, **kwargs))
