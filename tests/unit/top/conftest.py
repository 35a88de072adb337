"""Workers that answer at a port of their own, without Kafka."""

from contextlib import AsyncExitStack

import pytest
from worker.health import HealthServer
from worker.metrics import Metrics


class Idle:
    """What a worker is asked for at each scrape."""

    lag = 0
    lag_s = 0.0
    entries = 100

    def lag_by_partition(self):
        return {0: self.lag, 1: 0}

    def lag_seconds(self):
        return self.lag_s

    def log_lag(self):
        return 3

    def index_entries(self):
        return self.entries

    def index_bytes(self):
        return 25 * 1024 * 1024

    def log_age_seconds(self):
        return 1.5

    def in_flight(self):
        return 2


class Served:
    """A worker's metrics, its state, and where they are served."""

    def __init__(self):
        self.metrics, self.state, self.unready = Metrics(), Idle(), {}
        self.metrics.observe(self.state)
        self.metrics.index_entries_limit.set(1000)
        self.metrics.build(rule="dedup-1", model="topics-1")
        self.server = HealthServer("127.0.0.1", 0, self.metrics.registry, lambda: self.unready)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.port}/metrics"


@pytest.fixture
async def serve():
    """Serves another worker."""
    async with AsyncExitStack() as stack:

        async def serve():
            served = Served()
            await served.server.start()
            stack.push_async_callback(served.server.stop)
            return served

        yield serve
