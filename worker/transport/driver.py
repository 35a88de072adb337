"""aiokafka's Faust driver with the batch consumer in it, and the schema that leaves batches alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from faust.serializers.schemas import Schema
from faust.transport.drivers.aiokafka import Transport

from worker.transport.consumer import BatchConsumer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from worker.transport.batch import Batch


class BatchTransport(Transport):
    """aiokafka's transport with the batch consumer. For its options see `BatchApp`."""

    Consumer: ClassVar[type[BatchConsumer]] = BatchConsumer

    def __init__(
        self,
        url: Any,
        app: Any,
        *,
        consumer_options: Mapping[str, Any],
        in_flight: int,
        drain_s: float,
        on_skipped: Callable[[int, int], None],
        on_rebalance: Callable[[], None],
    ) -> None:
        super().__init__(url, app)
        self.consumer_options = consumer_options
        self.in_flight = in_flight
        self.drain_s = drain_s
        self.on_skipped = on_skipped
        self.on_rebalance = on_rebalance


class BatchSchema(Schema):
    """Leaves delivered batches as they are: there is nothing to decode before the normalize stage."""

    def loads_key(self, app: Any, message: Any, **kwargs: Any) -> None:
        """Ignore the key of the record that lends the event its envelope."""

    def loads_value(self, app: Any, message: Any, **kwargs: Any) -> tuple[Batch, ...]:
        """Give the batches themselves."""
        batches: tuple[Batch, ...] = message.value
        return batches
