"""The Kafka side of the transport: an aiokafka consumer in the thread that Faust gives it.

Everything here runs in that thread's event loop, and is called from Faust's side through `call_thread`.
"""

from __future__ import annotations

import logging
import time
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import aiokafka
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    RebalanceInProgressError,
)
from aiokafka.structs import OffsetAndMetadata
from faust.transport.consumer import ensure_TP
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from worker.kafka import lenient
from worker.kafka.calm import calm
from worker.kafka.commits import OURS, GroupOffsets, Progress
from worker.transport.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faust.types import TP


_READ_UNCOMMITTED = 0
_GATHER_S = 0.003
"""How long the next fetch is waited for when the last one lay here: it is under way already."""


class Bounds(NamedTuple):
    """Where a partition stands: the group's committed offset (None: never), its first and its next offset.

    `done` is how far the group had come where somebody else moved its commit, else None.
    """

    committed: int | None
    begin: int
    end: int
    done: int | None = None


async def _high_watermarks(consumer: Any, tps: Sequence[TP]) -> dict[TP, int]:
    """Where partitions end, open transactions included, whatever the consumer's isolation level.

    A group that once read uncommitted records may stand behind the last stable offset, and well within the log.
    """
    fetcher = copy(consumer._fetcher)
    fetcher._isolation_level = _READ_UNCOMMITTED
    ends: dict[TP, int] = await fetcher.end_offsets(tps, consumer._request_timeout_ms)
    return ends


class _Clocks:
    """CPU time of the process, and wall time, since the last look."""

    def __init__(self) -> None:
        self._last = time.process_time(), time.monotonic()

    def passed(self) -> tuple[float, float]:
        """Both in seconds; the next look counts from here."""
        cpu, wall = self._last
        self._last = now = time.process_time(), time.monotonic()
        return now[0] - cpu, now[1] - wall


class Fetches:
    """Says of each fetch how long the broker gathers for it.

    After a fetch that brought nothing the broker answers the next one with the first record that there is: nothing is
    gathered, and while nothing comes nobody is asked 300 times a second.

    Args:
        fetcher: aiokafka's.
        patience_ms: how long a broker waits for a first record.
    """

    def __init__(self, fetcher: Any, patience_ms: int) -> None:
        self.fetcher = fetcher
        self._patience_ms = patience_ms
        self._process = fetcher._proc_fetch_request
        fetcher._proc_fetch_request = self._processed

    def gather(self, least_bytes: int, wait_ms: int) -> None:
        """Let the broker gather so much for the next fetch, and for so long at most."""
        self.fetcher._fetch_min_bytes, self.fetcher._fetch_max_wait_ms = least_bytes, wait_ms

    async def _processed(self, *request: Any) -> Any:
        found = await self._process(*request)
        if not found:
            self.gather(1, self._patience_ms)
        return found


class FetchThread(AIOKafkaConsumerThread):
    """aiokafka's consumer with options of ours, and questions about offsets that Faust does not ask."""

    logger = logging.getLogger("mode.transport")
    _progress: Progress | None = None
    _fetches: Fetches | None = None

    def _create_worker_consumer(self, transport: Any) -> aiokafka.AIOKafkaConsumer:
        conf = self.app.conf
        self._options = transport.consumer_options
        self._pace = Pace(self._options["fetch_max_wait_ms"])
        self._since = _Clocks()
        self._stable_only = transport.consumer_options.get("isolation_level") == "read_committed"
        consumer = aiokafka.AIOKafkaConsumer(
            group_id=conf.id,
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            enable_auto_commit=False,
            # An offset out of range is looked into, never silently reset: see BatchConsumer.
            auto_offset_reset="none",
            max_poll_records=conf.broker_max_poll_records,
            max_poll_interval_ms=int(conf.broker_max_poll_interval * 1000),
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
            **transport.consumer_options,
        )
        calm(consumer)
        return consumer

    async def _fetch_records(
        self,
        consumer: aiokafka.AIOKafkaConsumer,
        active_partitions: set[TP],
        timeout: float | None = None,  # noqa: ASYNC109 - Faust's signature
        max_records: int | None = None,
    ) -> dict[Any, list[Any]]:
        """What has been fetched; where that has lain here for a while, with what has come to Kafka meanwhile."""
        fetcher = consumer._fetcher
        lay_here = bool(fetcher._records)
        if self._fetches is None or self._fetches.fetcher is not fetcher:
            self._fetches = Fetches(fetcher, self._options["fetch_max_wait_ms"])
        # Taking what lies here lets the next fetch begin.
        self._fetches.gather(
            self._options.get("fetch_min_bytes", 1), self._pace.wait_ms(*self._since.passed())
        )
        fetched: dict[Any, list[Any]] = await super()._fetch_records(
            consumer, active_partitions, timeout, max_records
        )
        left = (max_records or 0) - sum(map(len, fetched.values()))
        if lay_here and left > 0:
            # Should it fail, what was fetched goes with it: whoever answers for the failure reads from the ledger on.
            further = await super()._fetch_records(consumer, active_partitions, _GATHER_S, left)
            for tp, records in further.items():
                before = fetched.setdefault(tp, [])
                # Under another assignment the partition may have been read from an earlier position on.
                last = before[-1].offset if before else -1
                before += [record for record in records if record.offset > last]
        return fetched

    async def bounds(self) -> dict[TP, Bounds]:
        """Of each assigned partition the committed, the first and the next offset, as Kafka says now."""
        bounds: dict[TP, Bounds] = await self.call_thread(self._bounds)
        return bounds

    async def _bounds(self) -> dict[TP, Bounds]:
        consumer = self._ensure_consumer()
        tps = list(consumer.assignment())
        if not tps:
            return {}
        begin = await consumer.beginning_offsets(tps)
        end = await _high_watermarks(consumer, tps)
        commits = await GroupOffsets(consumer, self.app.conf.id).read(tps)
        moved = [tp for tp, commit in commits.items() if commit.metadata != OURS]
        done = await self._progress_of(consumer).read(moved) if moved else {}
        return {
            ensure_TP(tp): Bounds(
                commits[tp].offset if tp in commits else None, begin[tp], end[tp], done.get(tp)
            )
            for tp in tps
        }

    def _progress_of(self, consumer: Any) -> Progress:
        if self._progress is None:
            self._progress = Progress(consumer, self.app.conf.id)
        return self._progress

    async def seek_all(self, positions: Mapping[TP, int]) -> None:
        """Fetch on from these positions; what was prefetched of the partitions is dropped."""
        await self.call_thread(self._seek_all, positions)

    async def _seek_all(self, positions: Mapping[TP, int]) -> None:
        consumer = self._ensure_consumer()
        for tp, offset in positions.items():
            if tp in consumer.assignment():
                consumer.seek(aiokafka.TopicPartition(tp.topic, tp.partition), offset)

    async def fetch_leniently(self, positions: Mapping[TP, int]) -> dict[TP, list[Any]]:
        """Fetch once from these positions with any header names, and go on behind what came.

        Raises:
            OffsetOutOfRangeError: a partition does not hold its position.
        """
        fetched: dict[TP, list[Any]] = await self.call_thread(self._fetch_leniently, positions)
        return fetched

    async def _fetch_leniently(self, positions: Mapping[TP, int]) -> dict[TP, list[Any]]:
        consumer = self._ensure_consumer()
        owned = {
            aiokafka.TopicPartition(tp.topic, tp.partition): position
            for tp, position in positions.items()
            if tp in consumer.assignment()
        }
        fetched = await lenient.fetch(consumer, owned)
        return {ensure_TP(tp): records for tp, records in fetched.items()}

    def progress(self) -> dict[TP, tuple[int | None, int | None]]:
        """Of each assigned partition how far it was fetched and where it ends, as the last fetches said."""
        consumer = self._consumer
        if consumer is None:
            return {}
        subscription = consumer._subscription.subscription
        if subscription is None or subscription.assignment is None:
            return {}
        assignment = subscription.assignment
        result = {}
        for tp in list(assignment.tps):
            state = assignment.state_value(tp)
            end = state.lso if self._stable_only else state.highwater
            # The position of a partition that has yet to be sought is not a number.
            result[ensure_TP(tp)] = (state.position if state.has_valid_position else None, end)
        return result

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        consumer = self._ensure_consumer()
        owned = consumer.assignment()
        wanted = {
            aiokafka.TopicPartition(tp.topic, tp.partition): OffsetAndMetadata(offset, OURS)
            for tp, offset in offsets.items()
            if tp in owned
        }
        if not wanted:
            return False
        try:
            await consumer.commit(wanted)
        except (CommitFailedError, IllegalStateError, RebalanceInProgressError):
            return False  # the partitions have, or are about to get, another owner, who reads them again
        except KafkaError as error:
            await self.crash(error)
            return False
        await self._progress_of(consumer).write({tp: commit.offset for tp, commit in wanted.items()})
        return True

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Say nothing: Faust's guesses at a stall are replaced by the worker's own watchdog."""
