"""`LocalBroker`: Apache Kafka as one process on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.broker.cluster import LocalCluster

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class LocalBroker(LocalCluster):
    """A cluster of one node, which is what most need.

        with LocalBroker() as broker:
            producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers)

    The first start on a machine downloads about 45 MB; later ones take 3 to 4 s, a restart on kept data about 2.5 s.
    """

    def __init__(
        self,
        data_dir: Path | str | None = None,
        *,
        port: int = 0,
        fresh: bool = False,
        heap_mib: int | None = None,
        properties: Mapping[str, str] | None = None,
        proxy_port: int | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        """Says what is to be started, as for a `LocalCluster`; nothing happens yet."""
        super().__init__(
            data_dir,
            nodes=1,
            port=port,
            fresh=fresh,
            heap_mib=heap_mib,
            properties=properties,
            proxy_ports=() if proxy_port is None else (proxy_port,),
            cache_dir=cache_dir,
        )

    @property
    def port(self) -> int:
        """Where clients connect; 0 as long as a free one is still to be taken, by the first start."""
        return self.ports[0]

    @property
    def log_path(self) -> Path:
        """What Kafka printed."""
        return self.nodes[0].log_path

    @property
    def pid(self) -> int:
        """The process id of Kafka's Java process, of the last start."""
        return self.nodes[0].pid
