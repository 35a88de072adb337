"""`make bench`: headlines a second, latency and memory of the worker beside Faust as documented.

Each system gets topics of its own on one local Kafka, filled beforehand. Throughput is the slope of what came
out between `WARM` and `DONE` of the load, read off the topics' end offsets; the systems are measured in turn,
`--rounds` times. Latency is measured apart, at half of the throughput just found (or at `--rate`), open loop:
the schedule does not wait for the system. It is the time from the raw record's append to its output's append,
both by the broker's clock, so nothing that measures stands in the way.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import orjson
import psutil
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)
from worker.broker import LocalBroker
from worker.broker.probe import free_ports
from worker.mediatopics import STREAMS

sys.path.insert(0, str(Path(__file__).parent))
from corpus import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WARM, DONE = 0.2, 0.95
DEADLINE_S = 600.0
HERE = Path(__file__).parent


@dataclass
class System:
    """A system under test: its name, how it is started, and how many headlines it is given."""

    name: str
    command: list[str]
    load: int
    settings: dict[str, str] = field(default_factory=dict)
    """Of the worker's environment, beside the names of its topics."""
    rates: list[float] = field(default_factory=list)
    peak_mb: float = 0.0
    cpu_us: float = 0.0
    latencies: list[float] = field(default_factory=list)
    offered: float = 0.0
    """Headlines a second that the latency run really offered."""


class Bench:
    """Runs systems on one broker."""

    def __init__(self, broker: LocalBroker, file: Path | None) -> None:
        self.servers = broker.bootstrap_servers
        self.file = file
        self.admin = AdminClient({"bootstrap.servers": self.servers})

    def throughput(self, system: System) -> None:
        """One round: a full topic, the slope of what comes out, peak memory."""
        prefix, environment = self.deployment()
        self.produce(prefix, events(self.file, system.load), rate=None)
        with self.running(system, environment) as process:
            points = []
            for count in self.progress(prefix, process, system.load):
                points.append((time.perf_counter(), count, process.cpu_times()))
                system.peak_mb = max(system.peak_mb, process.memory_info().rss / 1e6)
            inside = [p for p in points if WARM * system.load <= p[1] <= DONE * system.load]
            if len(inside) < 2:
                inside = points[-2:]
            (t0, n0, c0), (t1, n1, c1) = inside[0], inside[-1]
            system.rates.append((n1 - n0) / (t1 - t0))
            system.cpu_us = (c1.user + c1.system - c0.user - c0.system) / (n1 - n0) * 1e6

    def latency(self, system: System, rate: float, seconds: float) -> None:
        """Latencies in seconds at a steady rate, of `seconds` that follow on as many of warm-up.

        The broker needs these: until Java has compiled what a load of many small requests runs through, which that
        of full batches does not, its compiler takes up to a core of the two.
        """
        prefix, environment = self.deployment()
        warm_up = 2_000 + int(rate * seconds)
        count = warm_up + int(rate * seconds)
        # Composed beforehand: what makes the load shall take as little of the two cores as it can.
        load = list(events(self.file, count))
        with self.running(system, environment) as process:
            # The load begins once the system works: how long it takes to start is another question.
            self.produce(prefix, load[:2_000], rate=1_000)
            for _ in self.progress(prefix, process, 2_000):
                pass
            self.produce(prefix, load[2_000:], rate=rate)
            for _ in self.progress(prefix, process, count):
                pass
        found = sorted(self.read_latencies(prefix, count))[warm_up:]
        system.latencies = [latency for _, latency, _ in found]
        ingested = [ingested_s for *_, ingested_s in found]
        system.offered = (len(found) - 1) / (max(ingested) - min(ingested))

    # -- deployments

    def deployment(self) -> tuple[str, dict[str, str]]:
        """Fresh topics; their prefix and the settings that name them."""
        prefix = f"b{uuid4().hex[:6]}."
        names = ("raw", "fingerprints", "duplicates", "deadletter")
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("NEWSWIRE_")},
            "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": self.servers,
            "NEWSWIRE_KAFKA__GROUP": f"{prefix}newswire",
            "NEWSWIRE_HTTP__PORT": str(free_ports(1)[0]),
            **{f"NEWSWIRE_TOPICS__{name.upper()}": f"{prefix}headlines.{name}" for name in names},
            "NEWSWIRE_TOPICS__DEADLETTER_STATUS": f"{prefix}headlines.deadletter.status",
            "NEWSWIRE_TOPICS__OUTPUT_PREFIX": f"{prefix}news.",
            "BENCH_PREFIX": prefix,
            "BENCH_BROKER": self.servers,
        }
        subprocess.run(
            [sys.executable, "-m", "worker", "topics", "apply"],
            env=environment,
            check=True,
            capture_output=True,
        )
        append_time = ConfigEntry(
            "message.timestamp.type", "LogAppendTime", incremental_operation=AlterConfigOpType.SET
        )
        resources = [
            ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[append_time])
            for topic, _ in self.outputs(prefix)
        ]
        for done in self.admin.incremental_alter_configs(resources).values():
            done.result(30)
        return prefix, environment

    def outputs(self, prefix: str) -> list[tuple[str, int]]:
        """The topics that a headline may end in, with their partitions."""
        return [
            *((f"{prefix}news.{slug}", 3) for slug in STREAMS),
            (f"{prefix}headlines.duplicates", 3),
            (f"{prefix}headlines.deadletter", 1),
        ]

    def partitions(self, prefix: str, offset: int = -1) -> list[TopicPartition]:
        """The partitions of the outputs."""
        return [
            TopicPartition(topic, p, offset) for topic, count in self.outputs(prefix) for p in range(count)
        ]

    @contextmanager
    def running(self, system: System, environment: dict[str, str]) -> Iterator[psutil.Process]:
        """The system's process; ended, if need be by force, when the block is left."""
        log = HERE.parent.parent / ".cache" / f"bench-{system.name.replace(' ', '-')}.log"
        log.parent.mkdir(exist_ok=True)
        with log.open("wb") as sink:
            process = subprocess.Popen(
                system.command,
                env={**environment, **system.settings},
                stdout=sink,
                stderr=sink,
                cwd=HERE.parent.parent,
            )
        try:
            yield psutil.Process(process.pid)
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        except subprocess.TimeoutExpired:
            print(f"  {system.name} did not end on SIGTERM in 30 s", flush=True)
        finally:
            process.kill()
            process.wait()

    # -- load and what came of it

    def produce(self, prefix: str, load: Iterable[tuple[bytes, bytes]], *, rate: float | None) -> None:
        """Send keys and values; with a rate in headlines a second, by a schedule that waits for nobody."""
        producer = Producer(
            {
                "bootstrap.servers": self.servers,
                "linger.ms": 20 if rate is None else 2,
                "queue.buffering.max.messages": 500_000,
            }
        )
        topic = f"{prefix}headlines.raw"
        started = time.perf_counter()
        for number, (key, value) in enumerate(load):
            if rate is not None and number % 20 == 0:
                wait = started + number / rate - time.perf_counter()
                if wait > 0:
                    time.sleep(wait)
            while True:
                try:
                    producer.produce(topic, value, key)
                    break
                except BufferError:
                    producer.poll(0.05)
            producer.poll(0)
        producer.flush()

    def progress(self, prefix: str, process: psutil.Process, count: int) -> Iterator[int]:
        """How many records are out, a few times a second, until all are."""
        deadline = time.monotonic() + DEADLINE_S
        out = 0
        while time.monotonic() < deadline:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                raise SystemExit(f"a system ended by itself; see .cache/bench-*.log ({prefix})")
            with suppress(KafkaException):  # a leader that has only just been elected may not know it yet
                out = self.end_offsets(prefix)
            yield out
            if out >= count:
                return
            time.sleep(0.25)
        raise SystemExit(f"only {out} of {count} headlines came out in {DEADLINE_S:g} s")

    def end_offsets(self, prefix: str) -> int:
        """How many records the outputs hold."""
        latest = {tp: OffsetSpec.latest() for tp in self.partitions(prefix)}
        return sum(found.result(10).offset for found in self.admin.list_offsets(latest).values())

    def read_latencies(self, prefix: str, count: int) -> list[tuple[int, float, float]]:
        """For each output the number of its event, its latency in seconds, and when its raw record was appended."""
        consumer = Consumer(
            {"bootstrap.servers": self.servers, "group.id": f"{prefix}read", "auto.offset.reset": "earliest"}
        )
        consumer.assign(self.partitions(prefix, 0))
        found = []
        while len(found) < count:
            for message in consumer.consume(5_000, 5):
                event = orjson.loads(message.value())
                appended_s = message.timestamp()[1] / 1000
                ingested_s = _seconds(event["ingested_at"])
                number = int(event["event_id"].removeprefix("bench-"))
                found.append((number, appended_s - ingested_s, ingested_s))
        consumer.close()
        return found


def _seconds(rfc3339: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(rfc3339).timestamp()


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _report(systems: list[System]) -> None:
    print(f"\n{'':24}{'headlines/s':>12}{'range':>18}{'CPU us each':>13}{'peak MB':>9}", end="")
    print(f"{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'at, /s':>9}")
    for system in systems:
        rate, low, high = statistics.median(system.rates), min(system.rates), max(system.rates)
        latency = [_percentile(system.latencies, q) * 1000 for q in (0.5, 0.95, 0.99)]
        print(
            f"{system.name:24}{rate:>12,.0f}{f'{low:,.0f} - {high:,.0f}':>18}{system.cpu_us:>13.1f}", end=""
        )
        print(f"{system.peak_mb:>9.0f}" + "".join(f"{value:>9.0f}" for value in latency), end="")
        print(f"{system.offered:>9,.0f}")
    ours, *_, theirs = (statistics.median(system.rates) for system in systems)
    print(f"\nnewswire is {ours / theirs:.1f} times Faust as documented")


def main() -> None:
    """Read the arguments, run, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "file", nargs="?", type=Path, help="headlines, one a line (.gz too); composed ones without"
    )
    parser.add_argument("--headlines", type=int, default=200_000, help="load of the worker a round")
    parser.add_argument("--rounds", type=int, default=3, help="how often each system is measured, in turn")
    parser.add_argument(
        "--seconds", type=float, default=20, help="length of the latency run, after as much of warm-up"
    )
    parser.add_argument(
        "--rate", type=float, help="headlines/s of the worker's latency run; half its throughput without"
    )
    parser.add_argument("--deep", action="store_true", help="measure the worker with deep.mode=on too")
    options = parser.parse_args()
    systems = [
        System("newswire", [sys.executable, "-m", "worker", "worker"], options.headlines),
        System(
            "Faust as documented",
            [sys.executable, str(HERE / "plain_faust.py"), "worker", "-l", "warn", "--without-web"],
            options.headlines // 8,
        ),
    ]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
    print(
        f"{options.file or 'composed headlines'}, {options.headlines:,} a round, {options.rounds} rounds",
        flush=True,
    )
    if options.deep:
        deep = System("newswire, deep", systems[0].command, options.headlines, {"NEWSWIRE_DEEP__MODE": "on"})
        systems.insert(1, deep)
    with LocalBroker() as broker:
        bench = Bench(broker, options.file)
        for round_ in range(1, options.rounds + 1):
            for system in systems:
                bench.throughput(system)
                print(f"  round {round_}: {system.name} {system.rates[-1]:,.0f} headlines/s", flush=True)
        for system in systems:
            half = statistics.median(system.rates) / 2
            rate = options.rate if options.rate and system is not systems[-1] else half
            print(f"  latency of {system.name} at {rate:,.0f} headlines/s", flush=True)
            bench.latency(system, rate, options.seconds)
    _report(systems)


if __name__ == "__main__":
    main()
