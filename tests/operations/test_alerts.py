"""Faults are made, and Prometheus is seen to raise the alerts of each: pending, then firing.

Not part of `make test`, since it needs a Prometheus: `make test-alerts`.
"""

import signal

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from tests.wait import until

# One record at a time, and one at once: some hundred headlines a second at most.
SLOW = {"NEWSWIRE_WORKER__BATCH_RECORDS": "1", "NEWSWIRE_WORKER__IN_FLIGHT_BATCHES": "1"}


@pytest.fixture
def healthy(deployment, watch, load, newsroom):
    """A worker under load, watched for as long as it takes an alert of any fault to come up, and silent."""
    worker = deployment.start()
    load(50, newsroom.event)
    until(lambda: worker.outcomes().get("routed", 0) > 100, "headlines are routed")
    prometheus = watch(worker)
    until(lambda: prometheus.query("job:newswire_records:rate5m > 10"), "Prometheus sees the load")
    # Before its first scrape it knows of no worker.
    prometheus.wait_until_over("NewswireNoWorker")
    prometheus.seen.clear()
    return worker, prometheus


def test_in_health_every_rule_is_evaluated_and_none_fires(healthy):
    _, prometheus = healthy
    until(
        lambda: (
            prometheus.query('count_over_time(up{job="newswire"}[25s]) > 45')
            and prometheus.query("instance:newswire_unanswered_records:at_rest")
        ),
        "Prometheus has watched for a while",
    )

    groups = prometheus.rule_groups()
    assert len(groups) == 9
    assert {rule["health"] for group in groups for rule in group["rules"]} == {"ok"}
    # The balance: whatever was in flight, at rest it was always closed.
    at_rest = "max_over_time(instance:newswire_unanswered_records:at_rest[30s])"
    assert set(prometheus.query(at_rest).values()) == {0.0}
    assert prometheus.seen == {}


def test_a_burst_of_poison_fires(healthy, load):
    _, prometheus = healthy
    load(10, lambda number: b"no JSON %d" % number)

    prometheus.wait_until_fired("NewswireDeadLettersHigh", "NewswireDeadLetterBudgetBurnsFast")


def test_a_worker_that_is_too_slow_lags_and_is_late(deployment, watch, load, newsroom):
    worker = deployment.start(**SLOW)
    load(600, newsroom.event)
    prometheus = watch(worker)

    prometheus.wait_until_fired("NewswireLagGrowing", "NewswireLatencyBudgetBurnsFast")


def test_a_worker_that_hangs_is_down_and_lags_when_it_goes_on(healthy):
    worker, prometheus = healthy
    worker.process.send_signal(signal.SIGSTOP)
    prometheus.wait_until_fired("NewswireWorkerDown", "NewswireNoWorker")

    worker.process.send_signal(signal.SIGCONT)
    prometheus.wait_until_over("NewswireWorkerDown", "NewswireNoWorker")
    prometheus.wait_until_fired("NewswireLatencyBudgetBurnsFast")


def test_a_worker_that_ends_is_missed_even_when_nothing_lists_it_any_more(healthy, deployment):
    worker, prometheus = healthy
    worker.stop()
    prometheus.scrape([])
    prometheus.wait_until_fired("NewswireNoWorker")
    assert not prometheus.query('up{job="newswire"}')

    prometheus.scrape([deployment.start()])
    prometheus.wait_until_over("NewswireNoWorker")


def test_kafka_that_stands_still_stops_all_progress(deployment, watch, newsroom, pause_broker):
    deployment.feed([newsroom.event(number) for number in range(3_000)])
    worker = deployment.start(**SLOW)
    prometheus = watch(worker)
    until(lambda: prometheus.query("job:newswire_consumer_lag_records:sum > 100"), "Prometheus sees the lag")
    go_on = pause_broker()
    prometheus.wait_until_fired("NewswireNoProgress", "NewswireNoneReady", "NewswireWorkerNotReady")

    go_on()
    prometheus.wait_until_over("NewswireNoProgress", "NewswireNoneReady", "NewswireWorkerNotReady")


def test_an_offset_reset_over_unread_records_is_seen(healthy, deployment):
    worker, prometheus = healthy
    worker.stop()
    deployment.feed([b"never read"] * 600, partition=0)
    group = deployment.environment["NEWSWIRE_KAFKA__GROUP"]
    ends = [TopicPartition(deployment.raw, part, end) for part, end in deployment.raw_ends().items()]
    reset = deployment.cluster.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, ends)])
    reset[group].result(30)
    prometheus.scrape([deployment.start()])

    prometheus.wait_until_fired("NewswireRecordsSkipped")
