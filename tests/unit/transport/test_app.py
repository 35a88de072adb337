"""What the app leaves out of Faust."""

import pytest
from faust.tables.recovery import Recovery
from worker.transport import BatchApp


@pytest.fixture
def app():
    """An app that is not started."""
    return BatchApp(
        "group",
        consumer_options={"bootstrap_servers": "127.0.0.1:9092", "client_id": "test"},
        session_timeout_s=6,
        heartbeat_interval_s=1,
        request_timeout_s=30,
        batch_records=10,
        in_flight=1,
        drain_s=1,
        on_skipped=lambda partition, count: None,
        on_rebalance=lambda: None,
    )


async def test_the_consumer_may_subscribe_as_soon_as_the_app_starts(app, monkeypatch):
    """Faust's own table manager sleeps before it says that it knows all tables, for which the subscription waits."""
    waits, done = [], []

    async def wait(_, seconds):
        waits.append(seconds)

    async def start(_):
        done.append(tables._tables_registered.is_set())

    class Assigned:
        def assignment(self):
            return set()

        def pause_partitions(self, partitions):
            assert not partitions

    tables = app.tables
    monkeypatch.setattr(type(tables), "sleep", wait)
    monkeypatch.setattr(Recovery, "start", start)
    monkeypatch.setattr(type(app), "consumer", Assigned())
    await tables.on_start()

    assert waits == []
    assert done == [True], "recovery, which lets records flow, is started all the same"
