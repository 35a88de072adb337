"""`LocalNode`: one Kafka process of a local cluster, broker and controller in one."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

from worker.broker import java, probe
from worker.broker.process import GuardedProcess
from worker.broker.properties import HOST, Node, server_properties
from worker.errors import LocalBrokerError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from worker.broker.folder import DataFolder
    from worker.broker.installation import Installation

START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 15
POLL_S = 0.05
LOG_LIMIT = 16 * 1024 * 1024
SHOWN_LINES = 10


class LocalNode:
    """One node of a `LocalCluster`, which makes it and starts it the first time.

    `stop` and `kill` leave port and data; `start` brings the same node back.
    """

    def __init__(
        self,
        node_id: int,
        folder: DataFolder,
        installation: Installation,
        *,
        heap_mib: int,
        properties: Mapping[str, str],
        remove: Path | None,
    ) -> None:
        """Says what is to be started; nothing happens yet.

        Args:
            node_id: Its id in the cluster, from 1.
            folder: Its own data folder.
            installation: Where its jars are.
            heap_mib: Java's largest heap, MiB.
            properties: Kafka properties that win over those of `properties.py`.
            remove: The folder that goes should this process end without a `close`.
        """
        self.id = node_id
        self._folder = folder
        self._installation = installation
        self._heap_mib = heap_mib
        self._properties = dict(properties)
        self._remove = remove
        self._layout: tuple[Node, ...] = ()
        self._cluster_id = ""
        self._process: GuardedProcess | None = None
        self._log_begin = 0

    @property
    def port(self) -> int:
        """Where clients connect; 0 before the first start."""
        return self._node.port if self._layout else 0

    @property
    def proxied_port(self) -> int:
        """Where a proxy in front of it connects; 0 before the first start, and when none was named."""
        return self._node.proxied.port if self._layout and self._node.proxied else 0

    @property
    def data_dir(self) -> Path:
        """The folder of its partitions, settings and log."""
        return self._folder.root

    @property
    def log_path(self) -> Path:
        """What it printed."""
        return self._folder.log

    @property
    def pid(self) -> int:
        """The process id of its Java process, of the last start."""
        if self._process is None:
            raise LocalBrokerError("the local broker was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.wait(0) is None

    def start(self) -> None:
        """Brings the node back on its port and its data, and waits until the cluster counts it in.

        For that most of the nodes have to run: start the cluster where they do not.

        Raises:
            LocalBrokerError: It could not be started; the message says why, with what Kafka's log says.
        """
        if self.running:
            return
        if not self._layout:
            raise LocalBrokerError("a node is started for the first time by its cluster")
        self._installation.prepare()
        probe.refuse_taken(self.port)
        claim = self.claim()
        try:
            self.launch(self._layout, self._cluster_id, claim)
        finally:
            os.close(claim)
        try:
            self.await_ready({self.id})
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Ends the node cleanly, as SIGTERM does; after 15 s without mercy."""
        self.signal(signal.SIGTERM)
        self.await_end(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """Ends the node by SIGKILL, as a crash would."""
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: int) -> None:
        """Sends its Java process a signal; nothing happens if there is none."""
        if self._process is not None:
            self._process.signal(number)

    def wait(self, timeout: float | None = None) -> int | None:
        """Waits for its process to end, at most so many seconds; the exit code, None if it still runs.

        128 + n if signal n ended it.
        """
        return 0 if self._process is None else self._process.wait(timeout)

    # -- for its cluster

    def await_end(self, timeout: float) -> None:
        """Waits for a node that was told to end; kills it after so many seconds."""
        if self.wait(timeout) is None:
            self.kill()

    def claim(self) -> int:
        """Takes the node's folder; see `DataFolder.claim`."""
        return self._folder.claim()

    def launch(self, layout: Sequence[Node], cluster_id: str, claim: int) -> None:
        """Formats a new folder and starts Kafka; returns before it is ready.

        Args:
            layout: The nodes of the cluster, in the order of their ids.
            cluster_id: What the folder is formatted with, if it is new.
            claim: The descriptor of `claim`, which the process holds from then on too.

        Raises:
            LocalBrokerError: The folder could not be formatted, or there is no such program.
        """
        self._layout, self._cluster_id = tuple(layout), cluster_id
        folder = self._folder
        text = server_properties(self._node, layout, folder.partitions, self._properties)
        folder.properties.write_text(text, encoding="ascii")
        classpath = self._installation.classpath
        folder.format(java.tool_command(classpath, folder.root), cluster_id)
        command = java.broker_command(
            classpath, folder.root, self._heap_mib, folder.properties, alone=len(layout) == 1
        )
        with folder.log.open("wb" if _size(folder.log) > LOG_LIMIT else "ab") as output:
            self._log_begin = output.tell()
            self._process = GuardedProcess(
                command,
                folder=folder.root,
                output=output,
                descriptors=[claim],
                remove=self._remove,
            )

    def await_ready(self, ids: Collection[int]) -> None:
        """Waits until the node answers, and names these brokers among those that serve.

        Raises:
            LocalBrokerError: It ended instead, or took longer than two minutes.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while not probe.brokers(self.port).issuperset(ids):
            if (code := self.wait(POLL_S)) is not None:
                raise LocalBrokerError(
                    f"Apache Kafka ended while it started (exit code {code}); {self.last_words()}"
                )
            if time.monotonic() > deadline:
                raise LocalBrokerError(
                    f"Apache Kafka did not answer on {HOST}:{self.port} within {START_TIMEOUT_S} s; "
                    f"{self.last_words()}"
                )

    def last_words(self) -> str:
        """What Kafka's log of this start says, its errors if there are any."""
        lines = self._log_of_this_run().splitlines()
        # The reason stands before the many lines of an orderly shutdown.
        telling = [line for line in lines if " ERROR " in line or " FATAL " in line or "Exception" in line]
        shown = (telling or lines)[-SHOWN_LINES:]
        return "\n".join([f"the log is {self.log_path}, and says:", *(f"    {line}" for line in shown)])

    @property
    def lost_a_port(self) -> bool:
        """Whether another program listened on one of its ports when Kafka was about to."""
        return "Address already in use" in self._log_of_this_run()

    def _log_of_this_run(self) -> str:
        if not self.log_path.exists():
            return ""
        with self.log_path.open("rb") as log:
            log.seek(self._log_begin)
            return log.read().decode(errors="replace")

    @property
    def _node(self) -> Node:
        return self._layout[self.id - 1]


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
