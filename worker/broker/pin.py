"""Writes the locks of Kafka's jars anew: `python -m worker.broker.pin [VERSION]`, by default of the version they hold.

jgo resolves `org.apache.kafka:kafka_2.13` of that version with all that it needs to run, and the binding that
brings its logging to log4j (Kafka's releases add it, its Maven coordinates do not); `tools.lock` holds
`kafka-tools` of that version. What it resolves to is pinned by version, size and sha256, so that
a broker is the same in a year and on another machine.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from worker.broker.jars import LOCK, TOOLS_LOCK, Jar, kafka_version, locked_jars, sha256_of

if TYPE_CHECKING:
    from jgo.maven import Dependency, MavenContext

HEADER = """\
# Apache Kafka {version} and all that it needs: sha256, bytes, group:artifact:version.
# Written by `make lock`; each jar is compared with it before every start.
"""

TOOLS_HEADER = """\
# Kafka's command line tools, which need the jars of kafka.lock too; in the same form.
# Written by `make lock`, of the same version.
"""


def main(version: str = "") -> None:
    """Resolves, downloads and hashes; replaces the locks."""
    version = version or kafka_version(locked_jars())
    with tempfile.TemporaryDirectory() as scratch:
        jars, tools = _resolve(version, Path(scratch))
    _write(LOCK, HEADER.format(version=version), jars)
    _write(TOOLS_LOCK, TOOLS_HEADER, tools)


def _write(lock: Path, header: str, jars: list[Jar]) -> None:
    lines = (
        f"{jar.sha256} {jar.size} {jar.coordinate}\n" for jar in sorted(jars, key=lambda jar: jar.coordinate)
    )
    lock.write_text(header + "".join(lines), encoding="utf-8")
    sys.stderr.write(f"{lock}: {len(jars)} jars\n")


def _resolve(version: str, scratch: Path) -> tuple[list[Jar], list[Jar]]:
    """The jars of Kafka, and the one of its tools."""
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=scratch)
    kafka = _with_dependencies(context, f"org.apache.kafka:kafka_2.13:{version}")
    log4j = next(found.version for found in kafka if found.artifactId == "log4j-core")
    binding = context.create_dependency(f"org.apache.logging.log4j:log4j-slf4j-impl:{log4j}")
    # Of what the tools depend on beside Kafka, they need next to nothing: it is Kafka Connect with its web server.
    tools = context.create_dependency(f"org.apache.kafka:kafka-tools:{version}")
    return [_pinned(found) for found in [*kafka, binding]], [_pinned(tools)]


def _with_dependencies(context: MavenContext, coordinate: str) -> list[Dependency]:
    itself, needed = context.resolver.resolve([context.create_dependency(coordinate)])
    return [*itself, *needed]


def _pinned(found: Dependency) -> Jar:
    path: Path = found.artifact.resolve()
    return Jar(found.groupId, found.artifactId, found.version, sha256_of(path), path.stat().st_size)


if __name__ == "__main__":
    main(*sys.argv[1:])
