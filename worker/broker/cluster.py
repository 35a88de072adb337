"""`LocalCluster`: several nodes of Apache Kafka on this machine, started, watched and ended from Python."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self
from uuid import uuid4

from worker.broker import probe
from worker.broker.folder import ClusterFolder
from worker.broker.installation import Installation
from worker.broker.node import POLL_S, STOP_TIMEOUT_S, LocalNode
from worker.broker.properties import HOST, Node, Proxied
from worker.errors import LocalBrokerError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from types import TracebackType

PORT_TRIES = 3
ALONE_MIB = 512
ONE_OF_SEVERAL_MIB = 256


class LocalCluster:
    """Nodes of Apache Kafka on 127.0.0.1, each broker and controller in one.

        with LocalCluster(nodes=3) as cluster:
            producer = AIOKafkaProducer(bootstrap_servers=cluster.bootstrap_servers)
            cluster.nodes[0].kill()

    It is ready when `start` returns, and gone when `close` does, with its temporary folder. No node outlives this
    process, however that ends. Each node can be stopped, killed and started alone; the cluster goes on as long as
    most of its nodes run. From three nodes on, topics have three copies by default, of which two must be in sync.
    """

    def __init__(
        self,
        data_dir: Path | str | None = None,
        *,
        nodes: int = 3,
        port: int = 0,
        fresh: bool = False,
        heap_mib: int | None = None,
        properties: Mapping[str, str] | None = None,
        proxy_ports: Sequence[int] = (),
        cache_dir: Path | None = None,
    ) -> None:
        """Says what is to be started; nothing happens yet.

        Args:
            data_dir: Where topics and logs are kept from run to run; by default a temporary folder.
            nodes: How many nodes.
            port: Where clients connect to the first node; the others take the ports behind it. 0 takes free ones.
            fresh: Whether to remove what an earlier broker or cluster left in data_dir.
            heap_mib: Java's largest heap of each node, MiB; by default 512 of one node, 256 of each of several.
            properties: Kafka properties that are added to, and win over, those of `properties.py`.
            proxy_ports: The port of a proxy in front of each node. A node then has a listener PROXIED besides, at
                its `proxied_port`, which tells the clients that come there to go on through the proxies.
            cache_dir: Where jars are kept; by default `jars.default_cache()`.
        """
        if len(proxy_ports) not in {0, nodes}:
            raise ValueError(f"{nodes} nodes, but {len(proxy_ports)} proxies in front of them")
        self._temporary = data_dir is None
        root = (
            Path(tempfile.gettempdir(), f"newswire-kafka-{uuid4()}") if data_dir is None else Path(data_dir)
        )
        self._folder = ClusterFolder(root.resolve(), nodes)
        self._fresh = fresh
        self._first_port = port
        self._proxy_ports = tuple(proxy_ports)
        self._installation = Installation(cache_dir)
        self._layout: tuple[Node, ...] = ()
        self.nodes = tuple(
            LocalNode(
                number,
                folder,
                self._installation,
                heap_mib=heap_mib or (ALONE_MIB if nodes == 1 else ONE_OF_SEVERAL_MIB),
                properties=properties or {},
                remove=self._folder.root if self._temporary else None,
            )
            for number, folder in enumerate(self._folder.nodes, start=1)
        )

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
        return self._installation.version

    @property
    def ports(self) -> tuple[int, ...]:
        """Where clients connect, node by node; zeros as long as free ones are still to be taken."""
        if self._layout:
            return tuple(node.port for node in self._layout)
        return tuple(self._first_port and self._first_port + index for index in range(len(self.nodes)))

    @property
    def bootstrap_servers(self) -> str:
        """What clients take as bootstrap servers: all nodes."""
        return ",".join(f"{HOST}:{port}" for port in self.ports)

    @property
    def data_dir(self) -> Path:
        """The folder of topics, settings and logs."""
        return self._folder.root

    @property
    def running(self) -> bool:
        """Whether every node's process is there."""
        return all(node.running for node in self.nodes)

    def start(self) -> None:
        """Fetches and checks the jars, formats new folders, starts the nodes that do not run; waits for all.

        Raises:
            LocalBrokerError: It could not be started; the message says why, with what Kafka's log says.
        """
        missing = [node for node in self.nodes if not node.running]
        if not missing:
            return
        self._refuse_taken_ports(missing)
        if not self._fresh:
            self._folder.refuse_another()
        self._installation.prepare()
        with ExitStack() as stack:
            claims = {}
            for node in missing:
                claims[node] = node.claim()
                stack.callback(os.close, claims[node])
            if self._fresh:
                self._folder.empty()
                self._fresh = False
            for _ in range(PORT_TRIES):
                if self._launch(claims):
                    return
        raise LocalBrokerError(f"no port on {HOST} stayed free until Kafka listened on it; start it again")

    def stop(self) -> None:
        """Ends all nodes cleanly, as SIGTERM does; after 15 s without mercy. Ports and data stay."""
        for node in self.nodes:
            node.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        for node in self.nodes:
            node.await_end(max(0.0, deadline - time.monotonic()))

    def kill(self) -> None:
        """Ends all nodes by SIGKILL, as a power cut would. Ports and data stay."""
        for node in self.nodes:
            node.signal(signal.SIGKILL)
        for node in self.nodes:
            node.wait()

    def close(self) -> None:
        """Stops all nodes and removes the folder if that is a temporary one; it cannot be started again."""
        try:
            self.stop()
        except BaseException:
            self.kill()
            raise
        finally:
            if self._temporary:
                shutil.rmtree(self._folder.root, ignore_errors=True)

    def wait(self, ended: Callable[[LocalNode, int], None] = lambda _node, _code: None) -> None:
        """Returns when no node runs any more; tells `ended` of each that ends, with its exit code.

        Raises:
            LocalBrokerError: Always, as nobody asked them to; the message holds the last lines of the last one's log.
        """
        left = [node for node in self.nodes if node.running]
        while left:
            for node in list(left):
                if (code := node.wait(POLL_S)) is not None:
                    left.remove(node)
                    if not left:
                        raise LocalBrokerError(
                            f"Apache Kafka ended by itself with exit code {code}; {node.last_words()}"
                        )
                    ended(node, code)

    def _launch(self, claims: Mapping[LocalNode, int]) -> bool:
        """Starts nodes once; False if a port was lost to another program before Kafka listened on it."""
        self._refuse_taken_ports(claims)
        layout, cluster_id = self._choose_layout(claims), self._folder.cluster_id()
        everybody = {node.id for node in self.nodes}
        try:
            with ThreadPoolExecutor(len(claims)) as pool:
                list(pool.map(lambda node: node.launch(layout, cluster_id, claims[node]), claims))
            for node in self.nodes:
                node.await_ready(everybody)
        except BaseException as error:
            for node in claims:
                node.kill()
            if isinstance(error, LocalBrokerError) and any(node.lost_a_port for node in claims):
                return False
            raise
        self._layout = layout
        return True

    def _choose_layout(self, missing: Collection[LocalNode]) -> tuple[Node, ...]:
        """The ports of all nodes. Those of clients and proxies stay for good, the others while any node runs."""
        if len(missing) < len(self.nodes):
            return self._layout
        free = iter(probe.free_ports(3 * len(self.nodes)))
        layout = []
        for node, port in zip(self.nodes, self.ports, strict=True):
            proxied = None
            if self._proxy_ports:
                known = self._layout[node.id - 1].proxied if self._layout else None
                proxied = known or Proxied(next(free), self._proxy_ports[node.id - 1])
            layout.append(Node(node.id, port or next(free), next(free), proxied))
        return tuple(layout)

    def _refuse_taken_ports(self, missing: Iterable[LocalNode]) -> None:
        ports = self.ports
        for node in missing:
            if port := ports[node.id - 1]:
                probe.refuse_taken(port)
