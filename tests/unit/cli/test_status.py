"""`newswire status`: what is read off a worker, and what the screen says."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
from click.testing import CliRunner
from worker.cli import status as cli
from worker.config import Settings
from worker.events import Reason
from worker.health import HealthServer
from worker.metrics import Metrics, Outcome
from worker.status import Deployment, KafkaStatus, Lag, TopicStatus, WorkerStatus, observe

NOWHERE = {"kafka": {"bootstrap_servers": "127.0.0.1:1", "connect_patience_s": 0}}

DEPLOYMENT = Deployment(
    kafka=KafkaStatus(
        topics=(TopicStatus("headlines.raw", 2, 90, 1100),),
        missing=("news.arts",),
        group="newswire",
        lags=(Lag(0, 10, 600, 540), Lag(1, 470, 500, None)),
    ),
    workers=(
        WorkerStatus(
            url="http://127.0.0.1:9464/metrics",
            unready={"log": "still catching up"},
            version="1.0",
            outcomes={"routed": 1500, "skipped": 0},
            verdicts={"original": 1500},
            dead_letters={},
            routed={"sport": 1500},
            gauges={"log_lag": 3.0, "index_entries": 1500.0, "index_bytes": 2097152.0},
        ),
    ),
    unreached={"http://127.0.0.1:9465/metrics": "no worker answers there (Connection refused)"},
)


@pytest.fixture(autouse=True)
def _logging_untouched(monkeypatch):
    monkeypatch.setattr("worker.cli.options.configure_logs", lambda _: None)


@asynccontextmanager
async def worker_at(unready):
    metrics = Metrics()
    metrics.outcome(Outcome.ROUTED, 60)
    metrics.verdict("duplicate", "exact", 1)
    metrics.verdict("duplicate", "near", 1)
    metrics.dead_letter(Reason.NOT_JSON, 3)
    metrics.routed("sport", 4)
    metrics.build(rule="dedup-1", model="topics-1")
    server = HealthServer("127.0.0.1", 0, metrics.registry, lambda: unready)
    await server.start()
    try:
        yield f"http://127.0.0.1:{server.port}/metrics"
    finally:
        await server.stop()


def screen(monkeypatch, deployment, *arguments):
    async def observed(_settings, _urls):
        return deployment

    monkeypatch.setattr("worker.status.observe", observed)
    return CliRunner().invoke(cli.command, arguments, standalone_mode=False, catch_exceptions=False)


async def test_outcomes_verdicts_and_readiness_are_read_off_a_worker():
    async with worker_at({"log": "still catching up"}) as url:
        found = await observe(Settings(**NOWHERE), [url])

    (worker,) = found.workers
    assert worker.outcomes["routed"] == 60
    assert worker.verdicts == {"duplicate": 2}
    assert worker.dead_letters["not_json"] == 3
    assert worker.routed["sport"] == 4
    assert worker.unready == {"log": "still catching up"}
    assert worker.version


async def test_a_ready_worker_waits_for_nothing():
    async with worker_at({}) as url:
        found = await observe(Settings(**NOWHERE), [url])

    assert found.workers[0].unready == {}


async def test_what_does_not_answer_is_named():
    async with worker_at({}) as url:
        elsewhere = url.replace("/metrics", "/nothing")
        found = await observe(Settings(**NOWHERE), ["http://127.0.0.1:1/metrics", elsewhere])

    assert found.kafka is None
    assert found.workers == ()
    assert set(found.unreached) == {"kafka", "http://127.0.0.1:1/metrics", elsewhere}


@pytest.mark.parametrize(
    ("lag", "records"),
    [(Lag(0, 0, 100, 40), 60), (Lag(0, 0, 100, None), 100), (Lag(0, 70, 100, 40), 30), (Lag(0, 0, 0, 5), 0)],
)
def test_lag_counts_from_the_commit_or_from_the_oldest_record(lag, records):
    assert lag.records == records


def test_one_screen_shows_topics_lag_workers_and_what_was_not_reached(monkeypatch):
    result = screen(monkeypatch, DEPLOYMENT)
    lines = [" ".join(line.split()) for line in result.output.splitlines()]

    assert result.return_value == 0
    for line in (
        "headlines.raw 2 90 1,100",
        "missing: news.arts; run `newswire topics apply`",
        "partition 0 540 600 60",
        "partition 1 never 500 30",
        "all 90",
        "ready no: log: still catching up",
        "outcomes routed 1,500",
        "log replica 3 frames behind",
        "index 1,500 entries, 2.0 MiB",
        "not reached: http://127.0.0.1:9465/metrics: no worker answers there (Connection refused)",
    ):
        assert line in lines


def test_json_holds_the_same(monkeypatch):
    found = json.loads(screen(monkeypatch, DEPLOYMENT, "--json").output)

    assert found["kafka"]["lag"] == 90
    assert found["kafka"]["lags"][0] == {"partition": 0, "begin": 10, "end": 600, "committed": 540, "lag": 60}
    assert found["workers"][0]["outcomes"] == {"routed": 1500, "skipped": 0}
    assert list(found["unreached"]) == ["http://127.0.0.1:9465/metrics"]


def test_without_kafka_it_exits_4(monkeypatch):
    result = screen(monkeypatch, Deployment(None, (), {"kafka": "no Kafka broker answers"}))

    assert result.return_value == 4
    assert "not reached: kafka: no Kafka broker answers" in result.output
