"""The folders of a local Kafka: what lies where, who uses it, and the formatting for KRaft."""

from __future__ import annotations

import base64
import fcntl
import os
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.errors import LocalBrokerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FORMAT_TIMEOUT_S = 60


def new_cluster_id() -> str:
    """An id as Kafka makes them: 128 random bits in 22 characters."""
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()


@dataclass(frozen=True, slots=True)
class DataFolder:
    """What lies where in a broker's folder. Nothing else in it is ever touched."""

    root: Path

    @property
    def partitions(self) -> Path:
        """Kafka's log.dirs."""
        return self.root / "partitions"

    @property
    def properties(self) -> Path:
        """The server.properties of the last start."""
        return self.root / "server.properties"

    @property
    def log(self) -> Path:
        """What Kafka prints."""
        return self.root / "kafka.log"

    @property
    def formatted(self) -> Path:
        """Holds the cluster's id, and is there only once formatting has come to its end."""
        return self.root / "cluster.id"

    def claim(self) -> int:
        """Takes the folder for one broker; it is free again when all copies of the descriptor are closed.

        Returns:
            An open file descriptor, to be handed on to the process that uses the folder.

        Raises:
            LocalBrokerError: Another broker uses it, or it cannot be written.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise LocalBrokerError(
                f"the data folder {self.root} cannot be written ({error.strerror}); "
                "choose another with --data-dir"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise LocalBrokerError(
                f"the data folder {self.root} is in use by another broker; "
                "end that one or choose another with --data-dir"
            ) from error
        return descriptor

    def empty(self) -> None:
        """Removes what a broker left, and nothing else."""
        shutil.rmtree(self.partitions, ignore_errors=True)
        for file in (self.formatted, self.properties, self.log):
            file.unlink(missing_ok=True)

    def format(self, java: Sequence[str], cluster_id: str) -> None:
        """Formats the folder for KRaft, once; takes about a second.

        Args:
            java: The command that runs one of Kafka's tools, without its name.
            cluster_id: The cluster that the node is one of; see `new_cluster_id`.

        Raises:
            LocalBrokerError: Kafka's storage tool failed; the message holds what it said.
        """
        if self.formatted.exists():
            return
        # What a formatting that was broken off left is no data yet.
        shutil.rmtree(self.partitions, ignore_errors=True)
        options = [f"--cluster-id={cluster_id}", f"--config={self.properties}"]
        try:
            done = subprocess.run(
                [*java, "kafka.tools.StorageTool", "format", *options],
                capture_output=True,
                text=True,
                timeout=FORMAT_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise LocalBrokerError(f"the data folder {self.root} could not be formatted: {error}") from error
        if done.returncode:
            lines = (done.stderr + done.stdout).splitlines()
            said = "\n".join(line for line in lines if not line.startswith("\tat "))
            raise LocalBrokerError(f"the data folder {self.root} could not be formatted; Kafka said:\n{said}")
        self.formatted.write_text(cluster_id + "\n", encoding="ascii")


@dataclass(frozen=True, slots=True)
class ClusterFolder:
    """What lies where in the folder of a cluster: a folder for each node, or for one node the folder itself.

    Attributes:
        root: The folder.
        count: How many nodes the cluster has.
    """

    root: Path
    count: int

    @property
    def nodes(self) -> tuple[DataFolder, ...]:
        """The nodes' own folders, in the order of their ids."""
        if self.count == 1:
            return (DataFolder(self.root),)
        return tuple(DataFolder(self.root / f"node-{number}") for number in range(1, self.count + 1))

    @property
    def marker(self) -> Path:
        """Of several nodes: how many they are, and the cluster's id. It is there before any of them is formatted."""
        return self.root / "cluster"

    def refuse_another(self) -> None:
        """Does nothing on a folder that holds nothing, or this cluster.

        Raises:
            LocalBrokerError: It holds a cluster of another size, whose nodes know each other.
        """
        found = int(self.marker.read_text(encoding="ascii").split()[0]) if self.marker.exists() else 0
        if not found and DataFolder(self.root).formatted.exists():
            found = 1
        if found not in {0, self.count}:
            raise LocalBrokerError(
                f"the data folder {self.root} holds a cluster of {found} and not of {self.count}; start it with "
                f"--nodes {found}, choose another folder with --data-dir, or begin anew with --fresh"
            )

    def empty(self) -> None:
        """Removes what a cluster of any size left, and nothing else. The nodes' own folders are claimed already.

        Raises:
            LocalBrokerError: A node of another cluster uses one of the others.
        """
        for folder in map(DataFolder, (self.root, *sorted(self.root.glob("node-*")))):
            if folder in self.nodes:
                folder.empty()
            elif folder.formatted.exists():
                claim = folder.claim()
                folder.empty()
                os.close(claim)
        self.marker.unlink(missing_ok=True)

    def cluster_id(self) -> str:
        """The cluster's id: what its folders were formatted with, or a new one."""
        if self.count == 1:
            formatted = DataFolder(self.root).formatted
            return formatted.read_text(encoding="ascii").strip() if formatted.exists() else new_cluster_id()
        if not self.marker.exists():
            self.marker.write_text(f"{self.count} {new_cluster_id()}\n", encoding="ascii")
        return self.marker.read_text(encoding="ascii").split()[1]
