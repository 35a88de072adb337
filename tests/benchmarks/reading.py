"""What processes and topics have taken at one moment, and what a headline took between two."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.benchmarks.deployment import Deployment, Processes

STAGES = ("normalize", "fingerprint", "agree", "route", "deliver")


@dataclass(frozen=True)
class Reading:
    """A moment of a run."""

    at: float
    """Seconds, of a clock that only goes on."""
    out: int
    """Headlines that have come out."""
    cpu_s: Mapping[str, float]
    """Seconds of CPU by process, of all its threads, user and system."""
    machine_s: float
    """Seconds of CPU of all that runs here, and that the host gave to other guests."""
    rss: int
    """Resident memory of the system, bytes."""
    children_s: float = 0.0
    """Seconds of CPU of the system's child processes: newswire's helpers."""
    records: Mapping[str, int] = field(default_factory=dict)
    stored: Mapping[str, int] = field(default_factory=dict)
    """Records and bytes in Kafka by what they are, one of `GROUPS`."""
    metrics: Mapping[tuple[str, ...], float] = field(default_factory=dict)
    """What the system tells Prometheus."""


class Meter:
    """Reads the processes of a run; `others` by name beside the system and the broker."""

    def __init__(self, deployment: Deployment, processes: Processes, **others: psutil.Process) -> None:
        self._deployment = deployment
        self._system = [psutil.Process(process.pid) for process in processes]
        self._others = {"broker": psutil.Process(deployment.broker.pid), **others}
        self.peak_rss = 0

    def quick(self, at: float, out: int) -> Reading:
        """Processes only."""
        children = [child for one in self._system for child in one.children(recursive=True)]
        children_s = _cpu_s(children)
        system_s = _cpu_s(self._system) + children_s
        cpu_s = {"system": system_s, **{name: _cpu_s([other]) for name, other in self._others.items()}}
        rss = sum(_rss(process) for process in (*self._system, *children))
        self.peak_rss = max(self.peak_rss, rss)
        return Reading(at, out, cpu_s, _machine_s(), rss, children_s)

    def whole(self) -> Reading:
        """Processes, headlines and metrics, read as close to each other as it goes."""
        metrics = self._deployment.metrics()
        return replace(self.quick(time.perf_counter(), self._deployment.out()), metrics=metrics)

    def final(self) -> Reading:
        """All of it, with what is in the topics; that takes a while."""
        return replace(self.whole(), records=self._deployment.records(), stored=self._deployment.stored())


@dataclass(frozen=True)
class Cost:
    """What a headline took between two readings."""

    headlines: int
    seconds: float
    rate: float
    """Headlines a second."""
    cpu_us: Mapping[str, float]
    """Microseconds of CPU a headline by process."""
    cores: Mapping[str, float]
    """Cores that each process kept busy."""
    elsewhere: float
    """Cores that whatever else runs on this machine, or other guests of its host, kept busy."""
    rss_mb: float
    """Resident memory of the system at the end."""
    rss_bytes: float
    """Bytes that its resident memory grew by a headline."""
    children_us: float = 0.0
    """Microseconds of CPU a headline of the system's child processes: newswire's helpers."""


def cost(begin: Reading, end: Reading) -> Cost:
    """What a headline took, by processes."""
    count, seconds = end.out - begin.out, end.at - begin.at
    spent = {name: end.cpu_s[name] - begin.cpu_s[name] for name in end.cpu_s if name in begin.cpu_s}
    return Cost(
        headlines=count,
        seconds=seconds,
        rate=count / seconds,
        cpu_us={name: spent_s / max(count, 1) * 1e6 for name, spent_s in spent.items()},
        cores={name: spent_s / seconds for name, spent_s in spent.items()},
        elsewhere=max(0.0, end.machine_s - begin.machine_s - sum(spent.values())) / seconds,
        rss_mb=end.rss / 1e6,
        rss_bytes=(end.rss - begin.rss) / max(count, 1),
        children_us=(end.children_s - begin.children_s) / max(count, 1) * 1e6,
    )


def stages_us(begin: Reading, end: Reading) -> dict[str, float]:
    """Microseconds of a headline by stage, as the worker's own metrics have them; nothing of another system.

    Time that passed, not CPU: what one fetch brings waits in `agree` and `deliver` while others are worked on.
    """
    done = sum(_grown(begin, end, name) for name in end.metrics if name[0] == "newswire_records_total")
    if not done:
        return {}
    took = ((stage, ("newswire_stage_duration_seconds_sum", stage)) for stage in STAGES)
    return {stage: _grown(begin, end, name) / done * 1e6 for stage, name in took}


def appended(end: Reading) -> dict[str, dict[str, float]]:
    """Records and bytes in Kafka a headline that came out, by what they are, one of `GROUPS`."""
    return {
        group: {"records": end.records[group] / end.out, "bytes": end.stored[group] / end.out}
        for group in end.records
    }


def _grown(begin: Reading, end: Reading, name: tuple[str, ...]) -> float:
    return end.metrics[name] - begin.metrics.get(name, 0.0)


def _cpu_s(processes: Iterable[psutil.Process]) -> float:
    spent = 0.0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent += times.user + times.system
    return spent


def _machine_s() -> float:
    times = psutil.cpu_times()
    idle = times.idle + getattr(times, "iowait", 0.0)
    # Linux counts a guest's time as user time too.
    return sum(times) - idle - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)


def _rss(process: psutil.Process) -> int:
    with suppress(psutil.NoSuchProcess):
        return process.memory_info().rss
    return 0
