"""One system on topics of its own: made, started, watched, ended, removed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    OffsetSpec,
    ResourceType,
)
from prometheus_client.parser import text_string_to_metric_families
from tests.benchmarks.system import ROOT
from worker.broker.probe import free_ports
from worker.mediatopics import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.benchmarks.system import System
    from worker.broker import LocalBroker

    Processes = list[subprocess.Popen[bytes]]

PATIENCE_S = 180.0
"""How long nothing may come out."""
DEADLINE_S = 600.0
"""How long a start may take."""
MOST_WORKERS = 8
LOGS = ROOT / ".cache/bench"
OUTPUTS = ("routed", "duplicates", "deadletter")
GROUPS = ("raw", "log", *OUTPUTS)
"""What a topic may hold."""


class Deployment:
    """A system's topics on a broker; its process while `running`."""

    def __init__(
        self, broker: LocalBroker, system: System, settings: Mapping[str, str] | None = None
    ) -> None:
        """Make the topics, and give outputs the time of their append.

        Args:
            broker: where.
            system: of what.
            settings: environment of newswire that wins over its defaults, of the topics too.
        """
        self.broker = broker
        self.system = system
        self.prefix = f"b{uuid4().hex[:6]}."
        self.ports = free_ports(MOST_WORKERS)
        self.environment = self._environment(settings or {})
        self._admin = AdminClient({"bootstrap.servers": broker.bootstrap_servers})
        self._topics_apply()

    @property
    def raw(self) -> str:
        """The topic that the load goes to."""
        return f"{self.prefix}headlines.raw"

    @cached_property
    def topics(self) -> dict[str, list[TopicPartition]]:
        """Partitions by what they hold, one of `GROUPS`."""
        found: dict[str, list[TopicPartition]] = {group: [] for group in GROUPS}
        for name, topic in self._admin.list_topics(timeout=30).topics.items():
            if name in self._holds:
                found[self._holds[name]].extend(TopicPartition(name, number) for number in topic.partitions)
        return found

    def records(self) -> dict[str, int]:
        """Records by what they are, one of `GROUPS`."""
        return {group: self._ends(partitions) for group, partitions in self.topics.items()}

    def out(self) -> int:
        """How many headlines have come out."""
        return self._ends([partition for group in OUTPUTS for partition in self.topics[group]])

    def stored(self) -> dict[str, int]:
        """Bytes of log segments by what they hold, one of `GROUPS`."""
        folders = {
            f"{partition.topic}-{partition.partition}": group
            for group, partitions in self.topics.items()
            for partition in partitions
        }
        sizes = dict.fromkeys(GROUPS, 0)
        for folder in self.broker.data_dir.rglob(f"{self.prefix}*-[0-9]*"):
            if group := folders.get(folder.name):
                sizes[group] += sum(segment.stat().st_size for segment in folder.glob("*.log"))
        return sizes

    @contextmanager
    def running(self, workers: int = 1) -> Iterator[Processes]:
        """The system's processes; ended, if need be by force, when the block is left."""
        LOGS.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            processes = [stack.enter_context(self._process(number)) for number in range(workers)]
            yield processes

    def progress(
        self, processes: Processes, count: int, every_s: float = 0.25
    ) -> Iterator[tuple[float, int]]:
        """When it was, in seconds, and how many headlines were out, until `count` are.

        Raises:
            SystemExit: the system ended, or nothing came out for `PATIENCE_S`.
        """
        out, since = 0, time.monotonic()
        while time.monotonic() < since + PATIENCE_S:
            self.refuse_dead(processes)
            with suppress(KafkaException):  # a leader that has only just been elected may not know it yet
                before, out = out, self.out()
                since = time.monotonic() if out > before else since
            yield time.perf_counter(), out
            if out >= count:
                return
            time.sleep(every_s)
        raise SystemExit(
            f"{self.system.name}: {out:,} of {count:,} headlines are out, and none more for {PATIENCE_S:g} s"
        )

    def refuse_dead(self, processes: Processes) -> None:
        """Raise SystemExit when one of the system's processes has ended."""
        if any(process.poll() is not None for process in processes):
            raise SystemExit(f"{self.system.name} ended by itself; {LOGS} has its log")

    def seconds_to_ready(self, processes: Processes, since: float) -> float:
        """Wait until /readyz of all says so; the seconds since a moment of `time.perf_counter`."""
        deadline = time.monotonic() + DEADLINE_S
        while any(self._get("/readyz", port) is None for port in self.ports[: len(processes)]):
            self.refuse_dead(processes)
            if time.monotonic() > deadline:
                raise SystemExit(f"{self.system.name} is not ready after {DEADLINE_S:g} s")
            time.sleep(0.02)
        return time.perf_counter() - since

    def metrics(self, number: int = 0) -> dict[tuple[str, ...], float]:
        """What a process of it tells Prometheus: value by name and label values; nothing of one that tells nothing."""
        text = self._get("/metrics", self.ports[number]) if self.system.has_http else None
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text or "")
            for sample in family.samples
        }

    def remove(self) -> None:
        """Delete the topics, so that the next system finds the broker as this one did."""
        names = sorted({partition.topic for group in self.topics.values() for partition in group})
        for done in self._admin.delete_topics(names, operation_timeout=30).values():
            done.result(60)

    # -- inside

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        servers = self.broker.bootstrap_servers
        names = ("raw", "fingerprints", "duplicates", "deadletter")
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("NEWSWIRE_")},
            "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
            "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": servers,
            "NEWSWIRE_KAFKA__GROUP": f"{self.prefix}newswire",
            **{f"NEWSWIRE_TOPICS__{name.upper()}": f"{self.prefix}headlines.{name}" for name in names},
            "NEWSWIRE_TOPICS__DEADLETTER_STATUS": f"{self.prefix}headlines.deadletter.status",
            "NEWSWIRE_TOPICS__OUTPUT_PREFIX": f"{self.prefix}news.",
            "BENCH_PREFIX": self.prefix,
            "BENCH_BROKER": servers,
            **self.system.settings,
            **settings,
        }

    @cached_property
    def _holds(self) -> dict[str, str]:
        """What each topic holds, by its name."""
        return {
            self.raw: "raw",
            f"{self.prefix}headlines.fingerprints": "log",
            **{f"{self.prefix}news.{slug}": "routed" for slug in STREAMS},
            f"{self.prefix}headlines.duplicates": "duplicates",
            f"{self.prefix}headlines.deadletter": "deadletter",
        }

    def _topics_apply(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "worker", "topics", "apply"],
            env=self.environment,
            check=False,
            capture_output=True,
            cwd=ROOT,
        )
        if done.returncode:
            raise SystemExit(f"newswire topics apply: {done.stderr.decode().strip()}")
        append_time = ConfigEntry(
            "message.timestamp.type", "LogAppendTime", incremental_operation=AlterConfigOpType.SET
        )
        resources = [
            ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[append_time])
            for topic, holds in self._holds.items()
            if holds in OUTPUTS
        ]
        for altered in self._admin.incremental_alter_configs(resources).values():
            altered.result(30)

    def _ends(self, partitions: list[TopicPartition]) -> int:
        latest = {partition: OffsetSpec.latest() for partition in partitions}
        return sum(found.result(10).offset for found in self._admin.list_offsets(latest).values())

    @contextmanager
    def _process(self, number: int) -> Iterator[subprocess.Popen[bytes]]:
        log = LOGS / f"{self.system.name.replace(' ', '-')}{number or ''}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                self.system.command,
                env={**self.environment, "NEWSWIRE_HTTP__PORT": str(self.ports[number])},
                stdout=sink,
                stderr=sink,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
            )
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        except subprocess.TimeoutExpired:
            print(f"  {self.system.name} did not end on SIGTERM in 30 s", flush=True)
        finally:
            process.kill()
            process.wait()

    def _get(self, path: str, port: int | None = None) -> str | None:
        """The body of a page, of the first process unless a port is named; None where it is not all right."""
        address = f"http://127.0.0.1:{port or self.ports[0]}{path}"
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.read().decode()
        except (urllib.error.URLError, OSError):
            return None
