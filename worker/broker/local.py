"""`LocalBroker`: Apache Kafka on this machine, started, watched and ended from Python."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from worker.broker import jars, java, probe
from worker.broker.fetch import fetch
from worker.broker.folder import DataFolder
from worker.broker.process import GuardedProcess
from worker.broker.properties import HOST, Node, server_properties
from worker.errors import LocalBrokerError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 15
POLL_S = 0.05
PORT_TRIES = 3
LOG_LIMIT = 16 * 1024 * 1024
SHOWN_LINES = 10


class LocalBroker:
    """One node of Apache Kafka, broker and controller in one, on 127.0.0.1.

        with LocalBroker() as broker:
            producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers)

    It is ready when `start` returns, and gone when `close` does, with its temporary folder. It does not
    outlive this process, however that ends. `stop` and `kill` leave port and data, so that `start` brings the
    same broker back. The first start on a machine downloads about 45 MB; later ones take 3 to 4 s, a restart
    on kept data about 2.5 s.
    """

    def __init__(
        self,
        data_dir: Path | str | None = None,
        *,
        port: int = 0,
        fresh: bool = False,
        heap_mib: int = 512,
        properties: Mapping[str, str] | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        """Says what is to be started; nothing happens yet.

        Args:
            data_dir: Where topics and log are kept from run to run; by default a temporary folder.
            port: Where clients connect; 0 takes a free one.
            fresh: Whether to remove what an earlier broker left in data_dir.
            heap_mib: Java's largest heap, MiB.
            properties: Kafka properties that are added to, and win over, those of `properties.py`.
            cache_dir: Where jars are kept; by default `jars.default_cache()`.
        """
        self._temporary = data_dir is None
        root = (
            Path(tempfile.gettempdir(), f"newswire-kafka-{uuid4()}") if data_dir is None else Path(data_dir)
        )
        self._folder = DataFolder(root.resolve())
        self._fresh = fresh
        self._port = port
        self._heap_mib = heap_mib
        self._properties = dict(properties or {})
        self._jars = jars.locked_jars()
        self._jar_folder = (cache_dir or jars.default_cache()) / f"kafka-{self.version}"
        self._process: GuardedProcess | None = None
        self._log_begin = 0

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def version(self) -> str:
        """The version of Apache Kafka, such as 4.4.0."""
        return jars.kafka_version(self._jars)

    @property
    def port(self) -> int:
        """Where clients connect; 0 as long as a free one is still to be taken, by the first start."""
        return self._port

    @property
    def bootstrap_servers(self) -> str:
        """What clients take as bootstrap servers."""
        return f"{HOST}:{self.port}"

    @property
    def data_dir(self) -> Path:
        """The folder of topics, settings and log."""
        return self._folder.root

    @property
    def log_path(self) -> Path:
        """What Kafka printed."""
        return self._folder.log

    @property
    def pid(self) -> int:
        """The process id of Kafka's Java process, of the last start."""
        if self._process is None:
            raise LocalBrokerError("the local broker was not started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether Kafka's process is there."""
        return self._process is not None and self._process.wait(0) is None

    def start(self) -> None:
        """Fetches and checks the jars, formats a new folder, starts Kafka and waits until it answers.

        Raises:
            LocalBrokerError: It could not be started; the message says why, with what Kafka's log says.
        """
        if self.running:
            return
        java.java()
        self._refuse_taken_port()
        fetch(self._jars, self._jar_folder)
        jars.verify(self._jars, self._jar_folder)
        claim = self._folder.claim()
        try:
            if self._fresh:
                self._folder.empty()
                self._fresh = False
            for _ in range(PORT_TRIES):
                if self._launch(claim):
                    return
        finally:
            os.close(claim)
        raise LocalBrokerError(f"no port on {HOST} stayed free until Kafka listened on it; start it again")

    def stop(self) -> None:
        """Ends Kafka cleanly, as SIGTERM does; after 15 s without mercy. Port and data stay."""
        if self._process is None:
            return
        self._process.signal(signal.SIGTERM)
        if self._process.wait(STOP_TIMEOUT_S) is None:
            self.kill()

    def kill(self) -> None:
        """Ends Kafka by SIGKILL, as a crash would. Port and data stay."""
        if self._process is not None:
            self._process.signal(signal.SIGKILL)
            self._process.wait()

    def close(self) -> None:
        """Stops Kafka and removes its folder if that is a temporary one; it cannot be started again."""
        try:
            self.stop()
        except BaseException:
            self.kill()
            raise
        finally:
            if self._temporary:
                shutil.rmtree(self._folder.root, ignore_errors=True)

    def wait(self) -> None:
        """Returns when Kafka ends by itself.

        Raises:
            LocalBrokerError: Always, as nobody asked it to; the message holds the last lines of its log.
        """
        if self._process is not None:
            code = self._process.wait()
            raise LocalBrokerError(
                f"Apache Kafka ended by itself with exit code {code}; {self._last_words()}"
            )

    def _launch(self, claim: int) -> bool:
        """Starts Kafka once; False if a port was lost to another program before Kafka listened on it."""
        self._refuse_taken_port()
        folder = self._folder
        port, controller_port = probe.free_ports(2)
        node = Node(1, self._port or port, controller_port)
        text = server_properties(node, [node], folder.partitions, self._properties)
        folder.properties.write_text(text, encoding="ascii")
        classpath = [self._jar_folder / jar.filename for jar in self._jars]
        folder.format(java.tool_command(classpath, folder.root))
        with folder.log.open("wb" if _size(folder.log) > LOG_LIMIT else "ab") as output:
            self._log_begin = output.tell()
            self._process = process = GuardedProcess(
                java.broker_command(classpath, folder.root, self._heap_mib, folder.properties),
                folder=folder.root,
                output=output,
                descriptors=[claim],
                remove=self._temporary,
            )
        try:
            self._await_ready(process, node.port)
        except BaseException as error:
            self.kill()
            if isinstance(error, LocalBrokerError) and "Address already in use" in self._log_of_this_run():
                return False
            raise
        self._port = node.port
        return True

    def _refuse_taken_port(self) -> None:
        if self._port and not probe.is_free(self._port):
            raise LocalBrokerError(
                f"{self.bootstrap_servers} is taken by another program; "
                "end it, or choose another port with --port (0 takes a free one)"
            )

    def _await_ready(self, process: GuardedProcess, port: int) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not probe.answers(port):
            if (code := process.wait(POLL_S)) is not None:
                raise LocalBrokerError(
                    f"Apache Kafka ended while it started (exit code {code}); {self._last_words()}"
                )
            if time.monotonic() > deadline:
                raise LocalBrokerError(
                    f"Apache Kafka did not answer on {HOST}:{port} within {START_TIMEOUT_S} s; "
                    f"{self._last_words()}"
                )

    def _last_words(self) -> str:
        lines = self._log_of_this_run().splitlines()
        # The reason stands before the many lines of an orderly shutdown.
        telling = [line for line in lines if " ERROR " in line or " FATAL " in line or "Exception" in line]
        shown = (telling or lines)[-SHOWN_LINES:]
        return "\n".join([f"the log is {self.log_path}, and says:", *(f"    {line}" for line in shown)])

    def _log_of_this_run(self) -> str:
        with self.log_path.open("rb") as log:
            log.seek(self._log_begin)
            return log.read().decode(errors="replace")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
