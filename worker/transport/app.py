"""A Faust app with the batch transport plugged in, and without what newswire does not use of Faust."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import faust
from faust.app.base import BootStrategy
from faust.tables.manager import TableManager

from worker.transport.driver import BatchTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.transport.consumer import BatchConsumer


_COMMIT_S = 0.25
"""What is done and not yet committed comes out again after a crash. A commit is two small requests."""


class _Boot(BootStrategy):
    """No web server, which would show tables and routes to all; no producer, since the outbox has its own."""

    enable_web = False
    enable_kafka_producer = False


class _NoTables(TableManager):
    """Nothing to recover. Faust's own lets a second pass before the group is joined, for tables yet to be declared."""

    logger = logging.getLogger("mode.tables")

    async def on_start(self) -> None:
        """Let the consumer subscribe at once."""
        if not self.should_stop:
            await self._update_channels()
            await self.recovery.start()


class BatchApp(faust.App):
    """An app of one consumer group that gets `Batch`es.

    Args:
        group: the consumer group.
        consumer_options: for `aiokafka.AIOKafkaConsumer`: addresses, security, fetch sizes.
        session_timeout_s: after so long without a heartbeat the group gives the partitions away.
        heartbeat_interval_s: time between heartbeats.
        request_timeout_s: longest time of one request; above the session timeout.
        batch_records: most records of a fetch, over all partitions.
        in_flight: as many fetches may be under way; no more are made until one is done.
        drain_s: longest wait for batches in flight at a revocation or shutdown.
        on_skipped: told the partition and the number of records that aged out unread.
        on_rebalance: called when partitions were taken away.
    """

    logger = logging.getLogger("mode.app")
    BootStrategy = _Boot

    def __init__(
        self,
        group: str,
        *,
        consumer_options: Mapping[str, Any],
        session_timeout_s: float,
        heartbeat_interval_s: float,
        request_timeout_s: float,
        batch_records: int,
        in_flight: int,
        drain_s: float,
        on_skipped: Callable[[int, int], None],
        on_rebalance: Callable[[], None],
    ) -> None:
        self._transport_options: dict[str, Any] = {
            "consumer_options": consumer_options,
            "in_flight": in_flight,
            "drain_s": drain_s,
            "on_skipped": on_skipped,
            "on_rebalance": on_rebalance,
        }
        super().__init__(
            group,
            broker=f"kafka://{consumer_options['bootstrap_servers'].split(',')[0]}",
            store="memory://",
            autodiscover=False,
            broker_client_id=consumer_options["client_id"],
            broker_session_timeout=session_timeout_s,
            broker_heartbeat_interval=heartbeat_interval_s,
            broker_request_timeout=request_timeout_s,
            broker_rebalance_timeout=max(60.0, session_timeout_s),
            broker_max_poll_records=batch_records,
            broker_commit_interval=_COMMIT_S,
            stream_buffer_maxsize=4,
            stream_wait_empty=True,
            stream_publish_on_commit=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
            table_standby_replicas=0,
            web_enabled=False,
            TableManager=_NoTables,
        )

    @property
    def batches(self) -> BatchConsumer:
        """The consumer, with its ledger."""
        consumer: BatchConsumer = self.consumer
        return consumer

    @property
    def joined(self) -> bool:
        """Whether the worker is a member of its group, with partitions or without."""
        return not self.rebalancing and self.consumer_generation_id > 0

    def abandon(self) -> None:
        """Wait for nothing that is in flight when the app stops."""
        self.transport.drain_s = 0.0

    def _new_transport(self) -> BatchTransport:
        return BatchTransport(self.conf.broker_consumer, self, **self._transport_options)

    def _create_directories(self) -> None:
        """Make no data folder: there is no state on disk."""
