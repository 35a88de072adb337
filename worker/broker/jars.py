"""The jars of Apache Kafka: which ones the lock names, where they are kept, whether they are those files."""

from __future__ import annotations

import hashlib
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from worker.errors import LocalBrokerError

LOCK = Path(__file__).with_name("kafka.lock")
TOOLS_LOCK = LOCK.with_name("tools.lock")
"""Kafka's command line tools, which no broker needs."""
CACHE_VARIABLE = "NEWSWIRE_CACHE_DIR"


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar of the lock.

    Attributes:
        group: Maven group id, such as `org.apache.kafka`.
        artifact: Maven artifact id, such as `kafka_2.13`.
        version: The exact version.
        sha256: Hex digest of the file.
        size: Bytes of the file.
    """

    group: str
    artifact: str
    version: str
    sha256: str
    size: int

    @property
    def coordinate(self) -> str:
        """`group:artifact:version`."""
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def filename(self) -> str:
        """The file's name in the cache and in every Maven repository."""
        return f"{self.artifact}-{self.version}.jar"


def locked_jars(lock: Path = LOCK) -> tuple[Jar, ...]:
    """Reads a lock: one `sha256 bytes group:artifact:version` a line, `#` begins a comment.

    Raises:
        LocalBrokerError: A line is not of that form; the message names file and line.
    """
    lines = enumerate(lock.read_text(encoding="utf-8").splitlines(), start=1)
    return tuple(_parse(line, f"{lock}:{number}") for number, line in lines if line and line[0] != "#")


def kafka_version(jars: tuple[Jar, ...]) -> str:
    """The version of Apache Kafka that a lock holds."""
    return next(jar.version for jar in jars if jar.artifact.startswith("kafka_"))


def default_cache() -> Path:
    """Where downloads are kept: $NEWSWIRE_CACHE_DIR, else the user's cache folder (XDG base directories)."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "newswire"


def missing(jars: tuple[Jar, ...], folder: Path) -> tuple[Jar, ...]:
    """The jars that are not in the folder yet."""
    return tuple(jar for jar in jars if not (folder / jar.filename).exists())


def verify(jars: tuple[Jar, ...], folder: Path) -> None:
    """Reads every jar and compares it with the lock: about 0.1 s for the 45 MB of Apache Kafka.

    Raises:
        LocalBrokerError: A jar is not the file that the lock names. Nothing of it may be run.
    """
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        digests = pool.map(lambda jar: sha256_of(folder / jar.filename), jars)
        wrong = [(jar, found) for jar, found in zip(jars, digests, strict=True) if found != jar.sha256]
    if wrong:
        jar, found = wrong[0]
        raise LocalBrokerError(
            f"{folder / jar.filename} is not the jar that newswire was built for: its sha256 is {found}, "
            f"{LOCK.name} says {jar.sha256}. It was not run; delete it to have it fetched again"
        )


def sha256_of(path: Path) -> str:
    """Hex sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_LINE = re.compile(r"([0-9a-f]{64}) ([1-9][0-9]*) ([\w.-]+):([\w.-]+):([\w.-]+)")


def _parse(line: str, where: str) -> Jar:
    fields = _LINE.fullmatch(line)
    if fields is None:
        raise LocalBrokerError(
            f"{where}: expected `sha256 bytes group:artifact:version`, found {line!r}; run `make lock`"
        )
    sha256, size, group, artifact, version = fields.groups()
    return Jar(group, artifact, version, sha256, int(size))
