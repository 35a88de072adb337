"""What a figure depends on beside the code: the machine, and the versions of what runs."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from tests.benchmarks.system import ROOT
from worker import __version__

if TYPE_CHECKING:
    from worker.broker import LocalBroker

PACKAGES = ("faust-streaming", "aiokafka", "confluent-kafka", "numpy", "orjson", "msgspec", "jsonschema-rs")


def machine() -> dict[str, object]:
    """Processor, cores, memory and system; the cores that this process may use."""
    return {
        "processor": _processor(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": len(psutil.Process().cpu_affinity())
        if hasattr(psutil.Process, "cpu_affinity")
        else None,
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.platform(),
        "load_average": os.getloadavg(),
    }


def versions(broker: LocalBroker) -> dict[str, str | None]:
    """Versions of newswire, its commit, Python, Kafka and the packages that speed depends on."""
    return {
        "newswire": __version__,
        "commit": _commit(),
        "python": platform.python_version(),
        "kafka": broker.version,
        **{name: _version(name) for name in PACKAGES},
    }


def _processor() -> str:
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


def _commit() -> str | None:
    """The commit, with a plus where files differ from it; None where this is no checkout."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    with suppress(OSError):
        done = subprocess.run(command, capture_output=True, check=False, text=True)
        return done.stdout.strip() or None
    return None


def _version(package: str) -> str | None:
    with suppress(PackageNotFoundError):
        return version(package)
    return None
