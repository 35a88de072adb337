"""From two readings: what happened a second between them, how long it took, and how things stand now."""

from __future__ import annotations

from collections import defaultdict
from math import inf
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from worker.metrics import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from worker.top.reading import Labels, Reading, Values, Worker

QUANTILES: Final = (0.5, 0.95, 0.99)

_START: Final = ("process_start_time_seconds", ())


class Member(Struct, frozen=True):
    """A worker as a line: CPU in processor seconds a second, memory in bytes; `partitions` that it reads."""

    url: str
    version: str
    unready: dict[str, str]
    partitions: int
    in_flight: int
    cpu: float
    memory: float


class Timing(Struct, frozen=True):
    """Durations of an interval in seconds: how many a second, their mean, and quantiles by `QUANTILES`.

    Mean and quantiles are None where there were none.
    """

    rate: float
    mean: float | None
    quantiles: tuple[float | None, ...]


class Figures(Struct, frozen=True):
    """What a screen shows. Rates are a second, over all workers; ages and durations are in seconds.

    Of what every worker has a copy of, the largest value counts.
    """

    seconds: float
    members: tuple[Member, ...]
    unreached: dict[str, str]
    rule: str
    model: str
    taken_in: float
    outcomes: dict[str, float]
    outcome_totals: dict[str, float]
    verdicts: dict[str, float]
    topics: dict[str, float]
    dead_letters: dict[str, float]
    sources: dict[str, float]
    latency: Timing
    in_time: float | None
    """Share of the headlines of the interval whose outcome was confirmed within a second."""
    stages: dict[str, Timing]
    fetches: Timing
    """Its durations are records."""
    loop_delay: Timing
    lag_records: float
    lag_seconds: float
    log_lag: float
    log_age: float
    index_entries: float
    index_limit: float
    index_bytes: float
    rebalances: float
    """Since the workers' starts, like the next two."""
    producer_errors: float
    frames_ignored: float


def figures(before: Reading, now: Reading) -> Figures:
    """What two readings say, the later one second."""
    seconds = max(now.at - before.at, 1e-9)
    grown = _Growth(before, now, seconds)
    build = [worker for worker in now.workers if worker.label("newswire_build_info", "rule")]
    return Figures(
        seconds=seconds,
        members=tuple(_member(worker, grown) for worker in now.workers),
        unreached=now.unreached,
        rule=_agreed(build, "rule"),
        model=_agreed(build, "model"),
        taken_in=grown.rate("newswire_batch_records_sum"),
        outcomes=grown.rates("newswire_records_total", "outcome"),
        outcome_totals=_totals(now, "newswire_records_total", "outcome"),
        verdicts=grown.rates("newswire_verdicts_total", "verdict"),
        topics=grown.rates("newswire_routed_total", "topic"),
        dead_letters=grown.rates("newswire_dead_letters_total", "reason"),
        sources=grown.rates("newswire_source_headlines_total", "source"),
        latency=grown.timing("newswire_end_to_end_seconds"),
        in_time=grown.share_up_to("newswire_end_to_end_seconds", 1.0),
        stages={stage: grown.timing("newswire_stage_duration_seconds", stage=stage) for stage in Stage},
        fetches=grown.timing("newswire_batch_records"),
        loop_delay=grown.timing("newswire_event_loop_delay_seconds"),
        lag_records=sum(_each(now, "newswire_consumer_lag_records")),
        lag_seconds=_largest(now, "newswire_consumer_lag_seconds"),
        log_lag=_largest(now, "newswire_log_replica_lag_records"),
        log_age=_largest(now, "newswire_log_replica_age_seconds"),
        index_entries=_largest(now, "newswire_index_entries"),
        index_limit=_largest(now, "newswire_index_entries_limit"),
        index_bytes=_largest(now, "newswire_index_bytes"),
        rebalances=sum(_each(now, "newswire_rebalances_total")),
        producer_errors=sum(_each(now, "newswire_producer_errors_total")),
        frames_ignored=sum(_each(now, "newswire_log_unreadable_frames_total"))
        + sum(_each(now, "newswire_log_void_frames_total")),
    )


def quantile(q: float, buckets: Mapping[float, float]) -> float | None:
    """A quantile out of cumulative counts by upper bound, linear within a bucket, as Prometheus estimates it.

    In the last bucket, which has no end, it is that bucket's beginning. None where nothing was counted.
    """
    bounds = sorted(buckets)
    if not bounds or not buckets[bounds[-1]]:
        return None
    rank = q * buckets[bounds[-1]]
    lower, below = 0.0, 0.0
    for bound in bounds:
        if buckets[bound] >= rank and buckets[bound] > below:
            if bound == inf:
                return lower
            return lower + (bound - lower) * (rank - below) / (buckets[bound] - below)
        lower, below = bound, buckets[bound]
    return lower


class _Growth:
    """What counters have grown by between two readings, over all workers that are in both."""

    def __init__(self, before: Reading, now: Reading, seconds: float) -> None:
        self._seconds = seconds
        earlier = {worker.url: worker.values for worker in before.workers}
        self._by_worker = {
            worker.url: _grown(earlier[worker.url], worker.values)
            for worker in now.workers
            if worker.url in earlier
        }
        self._sums: defaultdict[str, list[tuple[Labels, float]]] = defaultdict(list)
        for values in self._by_worker.values():
            for (name, labels), value in values.items():
                self._sums[name].append((labels, value))

    def rate(self, name: str) -> float:
        """Growth a second of all series of a metric."""
        return sum(value for _, value in self._sums[name]) / self._seconds

    def rate_of(self, url: str, name: str) -> float:
        """Growth a second of a metric of one worker that has no labels."""
        return self._by_worker.get(url, {}).get((name, ()), 0.0) / self._seconds

    def rates(self, name: str, label: str) -> dict[str, float]:
        """Growth a second by a label."""
        rates: defaultdict[str, float] = defaultdict(float)
        for labels, value in self._sums[name]:
            rates[dict(labels)[label]] += value
        return {key: value / self._seconds for key, value in rates.items()}

    def timing(self, name: str, **labels: str) -> Timing:
        """A histogram's observations, those with these labels."""
        count = self._sum(f"{name}_count", labels)
        buckets = self._buckets(name, labels)
        return Timing(
            count / self._seconds,
            self._sum(f"{name}_sum", labels) / count if count else None,
            tuple(quantile(q, buckets) for q in QUANTILES),
        )

    def share_up_to(self, name: str, bound: float) -> float | None:
        """The share of a histogram's observations up to the bound of one of its buckets."""
        buckets = self._buckets(name, {})
        every = buckets.get(inf, 0.0)
        return buckets[bound] / every if every else None

    def _buckets(self, name: str, wanted: Mapping[str, str]) -> dict[float, float]:
        counts: defaultdict[float, float] = defaultdict(float)
        for labels, value in self._sums[f"{name}_bucket"]:
            found = dict(labels)
            bound = float(found.pop("le"))
            if found == wanted:
                counts[bound] += value
        return counts

    def _sum(self, name: str, wanted: Mapping[str, str]) -> float:
        return sum(value for labels, value in self._sums[name] if dict(labels) == wanted)


def _grown(before: Values, now: Values) -> Values:
    """By how much each sample is larger; all of it, where the process is another one by now."""
    if before.get(_START) != now.get(_START):
        return now
    return {key: value - before.get(key, 0.0) for key, value in now.items()}


def _member(worker: Worker, grown: _Growth) -> Member:
    values = worker.values
    return Member(
        url=worker.url,
        version=worker.label("newswire_build_info", "version") or "",
        unready=worker.unready,
        partitions=sum(name == "newswire_consumer_lag_records" for name, _ in values),
        in_flight=int(values.get(("newswire_in_flight_batches", ()), 0)),
        cpu=grown.rate_of(worker.url, "process_cpu_seconds_total"),
        memory=values.get(("process_resident_memory_bytes", ()), 0.0),
    )


def _agreed(workers: Iterable[Worker], label: str) -> str:
    """A label of what runs; all its values, where the workers differ."""
    found = {worker.label("newswire_build_info", label) or "" for worker in workers}
    return ", ".join(sorted(found))


def _each(reading: Reading, name: str) -> list[float]:
    return [
        value for worker in reading.workers for (found, _), value in worker.values.items() if found == name
    ]


def _largest(reading: Reading, name: str) -> float:
    return max(_each(reading, name), default=0.0)


def _totals(reading: Reading, name: str, label: str) -> dict[str, float]:
    totals: defaultdict[str, float] = defaultdict(float)
    for worker in reading.workers:
        for (found, labels), value in worker.values.items():
            if found == name:
                totals[dict(labels)[label]] += value
    return dict(totals)
