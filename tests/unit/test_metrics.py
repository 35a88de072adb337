"""What Prometheus reads, in the names and units that are promised."""

import os

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from worker.events import Reason
from worker.mediatopics import STREAMS
from worker.metrics import (
    MAX_SOURCES,
    OTHER_SOURCES,
    PAIR_RESULTS,
    REDRIVEN_OUTCOMES,
    Asked,
    BulkHistogram,
    Metrics,
    Outcome,
)


class Idle:
    def lag_by_partition(self):
        return {0: 5, 1: 0}

    def lag_seconds(self):
        return 7.5

    def log_lag(self):
        return 2

    def index_entries(self):
        return 3

    def index_bytes(self):
        return 400

    def log_age_seconds(self):
        return 1.5

    def in_flight(self):
        return 1


def samples(metrics):
    text = generate_latest(metrics.registry).decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_every_outcome_reason_and_topic_is_there_before_it_happens():
    found = samples(Metrics())

    assert all(("newswire_records_total", (("outcome", o),)) in found for o in Outcome)
    assert all(("newswire_redriven_records_total", (("outcome", o),)) in found for o in REDRIVEN_OUTCOMES)
    assert all(("newswire_dead_letters_total", (("reason", r),)) in found for r in Reason)
    assert all(("newswire_routed_total", (("topic", t),)) in found for t in STREAMS)
    assert all(("newswire_deep_headlines_total", (("result", r),)) in found for r in Asked)
    assert all(("newswire_deep_pairs_total", (("result", r),)) in found for r in PAIR_RESULTS)
    assert found["newswire_deep_seconds_total", ()] == 0
    assert found["newswire_producer_retries_total", ()] == 0


def test_gauges_are_read_off_the_worker():
    metrics = Metrics()
    metrics.observe(Idle())
    found = samples(metrics)

    assert found["newswire_consumer_lag_records", (("partition", "0"),)] == 5
    assert found["newswire_consumer_lag_seconds", ()] == 7.5
    assert found["newswire_log_replica_lag_records", ()] == 2
    assert found["newswire_index_entries", ()] == 3
    assert found["newswire_index_bytes", ()] == 400
    assert found["newswire_log_replica_age_seconds", ()] == 1.5


def test_every_name_has_the_prefix_and_counters_end_in_total():
    metrics = Metrics()
    metrics.observe(Idle())
    text = generate_latest(metrics.registry).decode()
    for family in text_string_to_metric_families(text):
        assert family.name.startswith(("newswire_", "process_"))
        assert "milli" not in family.name
        assert not family.name.endswith("_ms")


def test_a_bulk_histogram_counts_like_one_that_takes_values_singly():
    histogram = BulkHistogram("h_seconds", "help", (0.1, 1.0))
    histogram.observe([0.05, 0.1, 0.5])
    histogram.observe([5.0])
    (family,) = histogram.collect()
    values = {(s.name, s.labels.get("le")): s.value for s in family.samples}

    assert values["h_seconds_bucket", "0.1"] == 2
    assert values["h_seconds_bucket", "1.0"] == 3
    assert values["h_seconds_bucket", "+Inf"] == 4
    assert values["h_seconds_count", None] == 4
    assert abs(values["h_seconds_sum", None] - 5.65) < 1e-9


def of_sources(metrics):
    name = "newswire_source_headlines_total"
    return {labels[0][1]: value for (found, labels), value in samples(metrics).items() if found == name}


def test_sources_count_by_their_names():
    metrics = Metrics()
    metrics.sources({"agency": 3, "wire": 1})
    metrics.sources({"agency": 2})

    assert of_sources(metrics) == {"agency": 5, "wire": 1, OTHER_SOURCES: 0}


def test_only_the_first_sources_have_a_label_and_no_headline_goes_uncounted():
    metrics = Metrics()
    for number in range(MAX_SOURCES + 7):
        metrics.sources({f"feed-{number}": 1})
    metrics.sources({"feed-0": 1, f"feed-{MAX_SOURCES}": 1})
    found = of_sources(metrics)

    assert len(found) == MAX_SOURCES + 1
    assert found["feed-0"] == 2
    assert found[OTHER_SOURCES] == 8
    assert sum(found.values()) == MAX_SOURCES + 9


def test_a_source_that_is_called_as_the_rest_counts_with_it_and_takes_no_place():
    metrics = Metrics()
    metrics.sources({OTHER_SOURCES: 4})
    metrics.sources({f"feed-{number}": 1 for number in range(MAX_SOURCES)})

    assert of_sources(metrics)[OTHER_SOURCES] == 4


def test_what_the_worker_takes_of_the_machine_includes_its_helper():
    alone, both = Metrics(), Metrics()
    both.with_helper(os.getpid())
    names = ("process_resident_memory_bytes", "process_virtual_memory_bytes", "process_cpu_seconds_total")
    for name in names:
        mine = alone.registry.get_sample_value(name)
        assert both.registry.get_sample_value(name) == pytest.approx(2 * mine, rel=0.05)

    starts = [of.registry.get_sample_value("process_start_time_seconds") for of in (alone, both)]
    assert starts[0] == starts[1]


def test_a_helper_that_has_ended_takes_nothing():
    metrics = Metrics()
    metrics.with_helper(2**22 + 1)

    assert metrics.registry.get_sample_value("process_resident_memory_bytes") > 0
