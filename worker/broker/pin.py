"""Writes `kafka.lock` anew: `python -m worker.broker.pin [VERSION]`, by default of the version that it holds.

jgo resolves `org.apache.kafka:kafka_2.13` of that version with all that it needs to run, and the binding that
brings its logging to log4j (Kafka's releases add it, its Maven coordinates do not). What it resolves to is
pinned by version, size and sha256, so that a broker is the same in a year and on another machine.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from worker.broker.jars import LOCK, Jar, kafka_version, locked_jars, sha256_of

if TYPE_CHECKING:
    from jgo.maven import Dependency, MavenContext

HEADER = """\
# Apache Kafka {version} and all that it needs: sha256, bytes, group:artifact:version.
# Written by `make lock`; each jar is compared with it before every start.
"""


def main(version: str = "") -> None:
    """Resolves, downloads and hashes; replaces the lock."""
    version = version or kafka_version(locked_jars())
    with tempfile.TemporaryDirectory() as scratch:
        jars = _resolve(version, Path(scratch))
    lines = (
        f"{jar.sha256} {jar.size} {jar.coordinate}\n" for jar in sorted(jars, key=lambda jar: jar.coordinate)
    )
    LOCK.write_text(HEADER.format(version=version) + "".join(lines), encoding="utf-8")
    sys.stderr.write(f"{LOCK}: {len(jars)} jars\n")


def _resolve(version: str, scratch: Path) -> list[Jar]:
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=scratch)
    kafka = _with_dependencies(context, f"org.apache.kafka:kafka_2.13:{version}")
    log4j = next(found.version for found in kafka if found.artifactId == "log4j-core")
    binding = context.create_dependency(f"org.apache.logging.log4j:log4j-slf4j-impl:{log4j}")
    return [_pinned(found) for found in [*kafka, binding]]


def _with_dependencies(context: MavenContext, coordinate: str) -> list[Dependency]:
    itself, needed = context.resolver.resolve([context.create_dependency(coordinate)])
    return [*itself, *needed]


def _pinned(found: Dependency) -> Jar:
    path: Path = found.artifact.resolve()
    return Jar(found.groupId, found.artifactId, found.version, sha256_of(path), path.stat().st_size)


if __name__ == "__main__":
    main(*sys.argv[1:])
