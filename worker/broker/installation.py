"""Apache Kafka's programs as this machine has them: the jars of the lock, in their cache folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.broker import jars, java
from worker.broker.fetch import fetch

if TYPE_CHECKING:
    from pathlib import Path


class Installation:
    """The jars of the lock; nothing is fetched or read before `prepare`."""

    def __init__(self, cache_dir: Path | None, *, tools: bool = False) -> None:
        """Takes the cache folder, None is `jars.default_cache()`, and whether the command line tools are wanted too."""
        self._jars = jars.locked_jars() + (jars.locked_jars(jars.TOOLS_LOCK) if tools else ())
        self._folder = (cache_dir or jars.default_cache()) / f"kafka-{self.version}"

    @property
    def version(self) -> str:
        """The version of Apache Kafka, such as 4.4.0."""
        return jars.kafka_version(self._jars)

    @property
    def classpath(self) -> list[Path]:
        """What Java loads Kafka from."""
        return [self._folder / jar.filename for jar in self._jars]

    def prepare(self) -> None:
        """Fetches the jars that are missing, about 45 MB the first time, and compares all with the lock.

        Raises:
            LocalBrokerError: there is no Java, a jar could not be had, or one is not the file that the lock names.
        """
        java.java()
        fetch(self._jars, self._folder)
        jars.verify(self._jars, self._folder)
