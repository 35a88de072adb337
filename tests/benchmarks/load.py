"""Sending raw headlines: all at once, by a schedule that waits for nobody, or as far ahead as is allowed."""

from __future__ import annotations

import itertools
import time
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import TYPE_CHECKING

import psutil
from confluent_kafka import Producer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from tests.benchmarks.corpus import Corpus

SPAWN = get_context("spawn")
DEADLINE_S = 900.0
"""How long a loader may take to compose, or to send, what it was asked for."""
AT_ONCE = 20
"""Headlines that a schedule sends together."""
BY_KEY = -1
"""librdkafka's name for the partition that a key's hash decides."""
REFILL = 1_000
"""How many headlines are sent between two looks at what is allowed."""


@dataclass(frozen=True)
class Pace:
    """A part of a schedule."""

    rate: float
    """Headlines a second."""
    seconds: float

    @property
    def count(self) -> int:
        return int(self.rate * self.seconds)


def send(
    servers: str, topic: str, load: Iterable[tuple[bytes, bytes]], partitions: Sequence[int] = ()
) -> None:
    """Send keys and values as fast as it goes, and wait until they are confirmed; `partitions` as of `Sender`."""
    sender = Sender(servers, topic, linger_ms=20, partitions=partitions)
    for key, value in load:
        sender.put(key, value)
    sender.finish()


class Sender:
    """Sends raw headlines to one topic: to these of its partitions in turn, or by the hash of their keys."""

    def __init__(self, servers: str, topic: str, *, linger_ms: float, partitions: Sequence[int] = ()) -> None:
        self._topic = topic
        self._partitions = itertools.cycle(partitions or (BY_KEY,))
        self._failed: list[str] = []
        self._producer = Producer(
            {
                "bootstrap.servers": servers,
                "linger.ms": linger_ms,
                "queue.buffering.max.messages": 500_000,
            }
        )

    def put(self, key: bytes, value: bytes) -> None:
        """Send a headline; waits only where half a million are not confirmed."""
        partition = next(self._partitions)
        while True:
            try:
                self._producer.produce(self._topic, value, key, partition, on_delivery=self._delivered)
                break
            except BufferError:
                self._producer.poll(0.05)
        self._producer.poll(0)

    def finish(self) -> None:
        """Wait until all is confirmed. Raises RuntimeError when some was not."""
        left = self._producer.flush(DEADLINE_S)
        if left or self._failed:
            raise RuntimeError(f"{left or len(self._failed)} headlines were not sent: {self._failed[:1]}")

    def _delivered(self, error: object, _: object) -> None:
        if error is not None:
            self._failed.append(str(error))


class Loader:
    """A process that sends, so that what measures does not stand in its way."""

    def __init__(self, conn: Connection, pid: int) -> None:
        self._conn = conn
        self.process = psutil.Process(pid)

    def tell(self, what: object) -> None:
        """Let it begin, or say how many headlines it may have sent in all."""
        self._conn.send(what)

    def hear(self, deadline_s: float = DEADLINE_S) -> object:
        """What it says next: that it is ready, and at the end how late it was or how many it sent."""
        if not self._conn.poll(deadline_s):
            raise TimeoutError(f"the load is not there after {deadline_s:g} s")
        return self._conn.recv()

    @property
    def said_all(self) -> bool:
        """Whether it has something to say."""
        return self._conn.poll()


@contextmanager
def scheduled(
    servers: str,
    topic: str,
    corpus: Corpus,
    paces: Sequence[Pace],
    first: int,
    partitions: Sequence[int] = (),
) -> Iterator[Loader]:
    """A loader of the paces one after the other, each begun by a `tell`; the headlines from `first` on.

    It says True when all is composed, and after each pace the most seconds that it was behind the schedule.
    `partitions` as of `Sender`.
    """
    arguments = (servers, topic, corpus, list(paces), first, list(partitions))
    with _loader(_send_by_schedule, *arguments) as loader:
        yield loader


@contextmanager
def ahead(servers: str, topic: str, corpus: Corpus, most: int) -> Iterator[Loader]:
    """A loader that has sent as many headlines as the last `tell` says, up to `most`; None ends it.

    It says True when it is ready, and at the end how many it sent.
    """
    with _loader(_send_ahead, servers, topic, corpus, most) as loader:
        yield loader


@contextmanager
def _loader(target: object, *arguments: object) -> Iterator[Loader]:
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=target, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Loader(ours, process.pid or 0)
        process.join(30)
    finally:
        process.kill()
        process.join()
        ours.close()


def _send_by_schedule(
    conn: Connection,
    servers: str,
    topic: str,
    corpus: Corpus,
    paces: list[Pace],
    first: int,
    partitions: list[int],
) -> None:
    load = iter(list(corpus.events(sum(pace.count for pace in paces), first)))
    sender = Sender(servers, topic, linger_ms=2, partitions=partitions)
    conn.send(True)
    for pace in paces:
        conn.recv()
        started = time.perf_counter()
        late = 0.0
        for number in range(pace.count):
            if number % AT_ONCE == 0:
                wait = started + number / pace.rate - time.perf_counter()
                late = max(late, -wait)
                if wait > 0:
                    time.sleep(wait)
            sender.put(*next(load))
        sender.finish()
        conn.send(late)


def _send_ahead(conn: Connection, servers: str, topic: str, corpus: Corpus, most: int) -> None:
    load = corpus.events(most)
    sender = Sender(servers, topic, linger_ms=20)
    conn.send(True)
    allowed: int | None = 0
    sent = 0
    while sent < most:
        while conn.poll() or allowed == sent:
            allowed = conn.recv()
            if allowed is None:
                break
        if allowed is None:
            break
        for _ in range(min(allowed - sent, REFILL, most - sent)):
            sender.put(*next(load))
            sent += 1
    sender.finish()
    conn.send(sent)
