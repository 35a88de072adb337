"""What the worker tells Prometheus: one registry of its own, base units, no label without a bound.

Promise 1 can be read off `newswire_records_total`: the sum over its outcomes is the number of source positions that
this worker has answered for. Outcomes are counted when a fetch is done, not when a record is decided.
"""

from __future__ import annotations

import platform
from bisect import bisect_left
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from worker import __version__
from worker.events import Reason
from worker.mediatopics import STREAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from prometheus_client.metrics_core import Metric

    from worker.route.counts import Words

_LATENCY_BOUNDS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600)
_STAGE_BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30)
_BATCH_BOUNDS = (1, 5, 10, 25, 50, 100, 250, 500, 1000, 2000, 5000)
_DELAY_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

MAX_SOURCES: Final = 50
"""Sources that get a label of their own, those that come first; what a feed calls itself has no bound."""

OTHER_SOURCES: Final = "other"
"""The label that all further sources share."""


class Outcome(StrEnum):
    """What became of a source position; each ends in exactly one."""

    ROUTED = "routed"
    DUPLICATE = "duplicate"
    DEAD_LETTER = "dead_letter"
    SKIPPED = "skipped"


REDRIVEN_OUTCOMES: Final = (Outcome.ROUTED, Outcome.DUPLICATE, Outcome.DEAD_LETTER)
"""What can become of a redriven record that is read; of one that is skipped nobody knows that it was redriven."""


class Stage(StrEnum):
    """The parts of the way of what one fetch brought whose duration is measured."""

    NORMALIZE = "normalize"
    FINGERPRINT = "fingerprint"
    AGREE = "agree"
    """From the append to the log until the replica has applied it."""
    ROUTE = "route"
    DELIVER = "deliver"
    """From the last output put into the outbox until all of them, and the dead letters, are confirmed."""


class Asked(StrEnum):
    """What became of a question that the deep tier might have answered."""

    SCORED = "scored"
    LEFT_OUT = "left_out"
    """It was worth asking, and there was no time."""
    PASSED_OVER = "passed_over"
    """There was not even time to see whether it was worth asking."""


PAIR_RESULTS: Final = (Asked.SCORED, Asked.LEFT_OUT)
"""Whether a headline has doubtful pairs is not known of one that is passed over."""


class Observed(Protocol):
    """What is read off the running worker at each scrape."""

    def lag_by_partition(self) -> dict[int, int]:
        """Raw records still to read, by assigned partition."""

    def lag_seconds(self) -> float:
        """How old what is read now is; 0 without lag."""

    def log_lag(self) -> int:
        """Frames of the fingerprint log still to apply."""

    def index_entries(self) -> int:
        """Entries of the window in the replica."""

    def index_bytes(self) -> int:
        """Bytes that the replica holds."""

    def log_age_seconds(self) -> float:
        """How long ago the last frame that the replica has applied was appended."""

    def in_flight(self) -> int:
        """Batches, one for each partition of a fetch, that are delivered and not done."""


class _Processes(Collector):
    """What the worker takes of the machine, its helper included: who looks at a worker looks at both."""

    _TOGETHER: Final = {
        "process_cpu_seconds",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
    }

    def __init__(self) -> None:
        self._worker = ProcessCollector(registry=None)
        self.helper: ProcessCollector | None = None

    def collect(self) -> Iterator[Metric]:
        """The families of the worker's process; where they can be added up, those of both."""
        of_helper = {} if self.helper is None else {each.name: each.samples for each in self.helper.collect()}
        for family in self._worker.collect():
            if family.name in self._TOGETHER and family.name in of_helper:
                (mine,), (its,) = family.samples, of_helper[family.name]
                family.samples = [mine._replace(value=mine.value + its.value)]
            yield family


class Metrics:
    """The worker's metrics and the registry that holds them."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self.registry = CollectorRegistry(auto_describe=True)
        self._processes = _Processes()
        registry.register(self._processes)
        self._records = Counter(
            "newswire_records",
            "Source positions of headlines.raw by outcome.",
            ["outcome"],
            registry=registry,
        )
        self._dead_letters = Counter(
            "newswire_dead_letters", "Dead letters by reason.", ["reason"], registry=registry
        )
        self._redriven = Counter(
            "newswire_redriven_records",
            "Records that a redrive of dead letters had sent, by outcome; newswire_records_total counts them too.",
            ["outcome"],
            registry=registry,
        )
        self._verdicts = Counter(
            "newswire_verdicts",
            "Verdicts of de-duplication by kind and reason.",
            ["verdict", "reason"],
            registry=registry,
        )
        self._routed = Counter("newswire_routed", "Routed headlines by stream.", ["topic"], registry=registry)
        self._words = Counter(
            "newswire_route_words", "Words of routed headlines that the topic model read.", registry=registry
        )
        self._unknown_words = Counter(
            "newswire_route_unknown_words",
            "Those of newswire_route_words_total that the topic model does not know.",
            registry=registry,
        )
        self._topic_rules = Counter(
            "newswire_route_rule_hits",
            "Routed headlines whose stream an editor's rule chose, by rule; newswire_routed_total counts them too.",
            ["rule"],
            registry=registry,
        )
        self._stages = Histogram(
            "newswire_stage_duration_seconds",
            "Time that what one fetch brought spent in a stage.",
            ["stage"],
            buckets=_STAGE_BOUNDS,
            registry=registry,
        )
        self._batches = Histogram(
            "newswire_batch_records",
            "Records that one fetch brought, of all partitions together.",
            buckets=_BATCH_BOUNDS,
            registry=registry,
        )
        self.end_to_end = BulkHistogram(
            "newswire_end_to_end_seconds",
            "From the raw record's Kafka timestamp until its outcome was confirmed; without one from 1970 to 2100: not"
            " observed.",
            _LATENCY_BOUNDS,
        )
        registry.register(self.end_to_end)
        self._sources = Counter(
            "newswire_source_headlines",
            f"Headlines by source, whatever became of them; the first {MAX_SOURCES} sources have a label of their own.",
            ["source"],
            registry=registry,
        )
        self._known_sources: dict[str, Counter] = {}
        self.loop_delay = Histogram(
            "newswire_event_loop_delay_seconds",
            "How late the event loop ran what was due, asked every 100 ms.",
            buckets=_DELAY_BOUNDS,
            registry=registry,
        )
        self._producer_errors = Counter(
            "newswire_producer_errors",
            "Record batches that Kafka did not confirm at once, by error.",
            ["error"],
            registry=registry,
        )
        self.producer_retries = Counter(
            "newswire_producer_retries",
            "Record batches that newswire sent again; what the Kafka client retries by itself before that is not seen.",
            registry=registry,
        )
        self.rebalances = Counter(
            "newswire_rebalances", "Times that partitions were taken away.", registry=registry
        )
        self.unreadable_frames = Counter(
            "newswire_log_unreadable_frames", "Frames of the log that could not be parsed.", registry=registry
        )
        self.void_frames = Counter(
            "newswire_log_void_frames",
            "Frames of writers that were too far behind to count.",
            registry=registry,
        )
        self.index_entries_limit = Gauge(
            "newswire_index_entries_limit",
            "Most entries that the window may hold: dedup.max_entries.",
            registry=registry,
        )
        self.ready = Gauge(
            "newswire_ready", "1 when the worker is ready, 0 when it is not.", registry=registry
        )
        self._deep_pairs = Counter(
            "newswire_deep_pairs",
            "Doubtful pairs by whether the deep tier scored them; what is left out is judged by the cheap rule.",
            ["result"],
            registry=registry,
        )
        self._deep_headlines = Counter(
            "newswire_deep_headlines",
            "Headlines of unsure topic by whether the deep tier scored them, and those passed over without a look.",
            ["result"],
            registry=registry,
        )
        self.deep_seconds = Counter(
            "newswire_deep_seconds",
            "Time that the deep tier took to look for questions and to answer them.",
            registry=registry,
        )
        self._build = Info("newswire_build", "What runs.", registry=registry)
        # A counter that does not exist until its first event can not be alerted on. Those by verdict and by error
        # come with their first event all the same: which reasons there are is up to the matching rule and to Kafka.
        for outcome in Outcome:
            self._records.labels(outcome)
        for outcome in REDRIVEN_OUTCOMES:
            self._redriven.labels(outcome)
        for reason in Reason:
            self._dead_letters.labels(reason)
        for topic in STREAMS:
            self._routed.labels(topic)
        for stage in Stage:
            self._stages.labels(stage)
        for asked in PAIR_RESULTS:
            self._deep_pairs.labels(asked)
        for asked in Asked:
            self._deep_headlines.labels(asked)
        self._other_sources = self._sources.labels(OTHER_SOURCES)

    def observe(self, worker: Observed) -> None:
        """Read the gauges off a worker from now on."""
        self.registry.register(_Gauges(worker))

    def build(self, *, rule: str, model: str, topic_rules: str | None = None) -> None:
        """Say what runs: the versions of worker, Python, matching rule, topic model and editor's rules."""
        self._build.info(
            {
                "version": __version__,
                "python": platform.python_version(),
                "rule": rule,
                "model": model,
                "topic_rules": topic_rules or "",
            }
        )

    def expect_topic_rules(self, names: Iterable[str]) -> None:
        """Let each of an editor's rules stand at nought, so that one that never hits is seen."""
        for name in names:
            self._topic_rules.labels(name)

    def outcome(self, outcome: Outcome, count: int) -> None:
        """Count source positions that ended in an outcome."""
        self._records.labels(outcome).inc(count)

    def redriven(self, outcome: Outcome, count: int) -> None:
        """Count records that a redrive had sent, beside `outcome`, which counts them too."""
        self._redriven.labels(outcome).inc(count)

    def with_helper(self, pid: int) -> None:
        """Count what the process with this number takes as the worker's too."""
        self._processes.helper = ProcessCollector(pid=lambda: pid, registry=None)

    def dead_letter(self, reason: Reason, count: int) -> None:
        """Count dead letters."""
        self._dead_letters.labels(reason).inc(count)

    def verdict(self, kind: str, reason: str, count: int) -> None:
        """Count verdicts."""
        self._verdicts.labels(kind, reason).inc(count)

    def routed(self, topic: str, count: int) -> None:
        """Count routed headlines."""
        self._routed.labels(topic).inc(count)

    def words(self, words: Words) -> None:
        """Count what the topic model read."""
        self._words.inc(words.met)
        self._unknown_words.inc(words.unknown)

    def topic_rule(self, name: str, count: int) -> None:
        """Count headlines whose stream one of an editor's rules chose."""
        self._topic_rules.labels(name).inc(count)

    def sources(self, counts: Mapping[str, int]) -> None:
        """Count headlines by their source."""
        for source, count in counts.items():
            self._of_source(source).inc(count)

    def _of_source(self, source: str) -> Counter:
        known = self._known_sources
        if source not in known:
            if source == OTHER_SOURCES or len(known) >= MAX_SOURCES:
                return self._other_sources
            known[source] = self._sources.labels(source)
        return known[source]

    def stage(self, stage: Stage, seconds: float) -> None:
        """Observe how long what one fetch brought took in a stage."""
        self._stages.labels(stage).observe(seconds)

    def deep_pairs(self, result: Asked, count: int) -> None:
        """Count doubtful pairs."""
        self._deep_pairs.labels(result).inc(count)

    def deep_headlines(self, result: Asked, count: int) -> None:
        """Count headlines whose topics were worth asking for, or that were passed over."""
        self._deep_headlines.labels(result).inc(count)

    def batch(self, records: int) -> None:
        """Observe how many records one fetch brought."""
        self._batches.observe(records)

    def producer_error(self, error: str) -> None:
        """Count a failed delivery; `error` is the name of one of aiokafka's error classes."""
        self._producer_errors.labels(error).inc()


class BulkHistogram(Collector):
    """A histogram that takes a batch of values at once; prometheus_client's costs a lock and a scan for each."""

    def __init__(self, name: str, documentation: str, bounds: Sequence[float]) -> None:
        self._name = name
        self._documentation = documentation
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, values: Iterable[float]) -> None:
        """Observe values, in seconds."""
        bounds, counts = self._bounds, self._counts
        total = 0.0
        for value in values:
            counts[bisect_left(bounds, value)] += 1
            total += value
        self._sum += total

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """Give the cumulative buckets."""
        cumulated, buckets = 0, []
        for bound, count in zip([*map(str, map(float, self._bounds)), "+Inf"], self._counts, strict=True):
            cumulated += count
            buckets.append((bound, cumulated))
        yield HistogramMetricFamily(self._name, self._documentation, buckets=buckets, sum_value=self._sum)


class _Gauges(Collector):
    def __init__(self, worker: Observed) -> None:
        self._worker = worker

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        lag = GaugeMetricFamily(
            "newswire_consumer_lag_records", "Raw records still to read.", labels=["partition"]
        )
        for partition, records in sorted(self._worker.lag_by_partition().items()):
            lag.add_metric([str(partition)], records)
        yield lag
        read: list[tuple[str, str, Callable[[], float]]] = [
            (
                "newswire_consumer_lag_seconds",
                "How old what is read now is, by Kafka's timestamps; 0 without lag.",
                self._worker.lag_seconds,
            ),
            ("newswire_log_replica_lag_records", "Frames still to apply.", self._worker.log_lag),
            ("newswire_index_entries", "Entries of the window in the replica.", self._worker.index_entries),
            ("newswire_index_bytes", "Bytes that the replica of the log holds.", self._worker.index_bytes),
            (
                "newswire_log_replica_age_seconds",
                "Time since the last applied frame was appended.",
                self._worker.log_age_seconds,
            ),
            (
                "newswire_in_flight_batches",
                "Batches, one for each partition of a fetch, that are not done.",
                self._worker.in_flight,
            ),
        ]
        for name, documentation, value in read:
            yield GaugeMetricFamily(name, documentation, value=value())
