"""What the faults share: brokers, deployments, and which faults and seeds are due."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from tests.integration.deployment import Deployment
from worker.broker import LocalBroker, LocalCluster

from .proxy import Proxy
from .scene import SERVERS, SETTINGS, THREE_COPIES, Fault, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEPT = Path(__file__).parent.parent.parent / ".cache" / "reliability"


class Stand(NamedTuple):
    """Kafka, and the proxies in front of its nodes, for faults that come one after the other."""

    kafka: LocalCluster
    proxies: tuple[Proxy, ...]

    def mend(self) -> None:
        """Undo what the last fault did to it."""
        for proxy in self.proxies:
            proxy.heal()
        self.kafka.start()


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, own_names: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[Fault, int], Scene]]:
    """Makes the scene of a fault, on the Kafka that it asks for."""
    deployments: list[Deployment] = []

    def make(fault: Fault, seed: int) -> Scene:
        broker, proxies, copies = None, (), {}
        if fault.cluster or fault.proxied:
            stand: Stand = request.getfixturevalue("cluster" if fault.cluster else "proxied")
            stand.mend()
            (broker, proxies), copies = stand, THREE_COPIES if fault.cluster else {}
        elif fault.own_broker:
            broker = request.getfixturevalue("own_broker")
        kafka = broker or request.getfixturevalue("broker")
        window = {} if fault.window_s is None else {"NEWSWIRE_DEDUP__WINDOW_S": str(fault.window_s)}
        address = {SERVERS: kafka.bootstrap_servers}
        settings = {**own_names, **address, **copies, **SETTINGS, **window, **fault.settings}
        deployment = Deployment(settings, tmp_path).apply_topics()
        deployments.append(deployment)
        return Scene(
            fault,
            seed,
            deployment,
            broker=broker,
            proxies=proxies,
            folder=KEPT / f"{fault.name}-{seed}",
            timed=request.config.getoption("chaos"),
        )

    yield make
    for deployment in deployments:
        deployment.close()


@pytest.fixture
def own_broker() -> Iterator[LocalBroker]:
    """A broker to stop and kill."""
    with LocalBroker() as broker:
        yield broker


@contextmanager
def stand_of(nodes: int) -> Iterator[Stand]:
    with ExitStack() as stack:
        proxies = tuple(stack.enter_context(Proxy()) for _ in range(nodes))
        kafka = LocalCluster(nodes=nodes, proxy_ports=[proxy.port for proxy in proxies])
        stack.enter_context(kafka)
        for proxy, node in zip(proxies, kafka.nodes, strict=True):
            proxy.upstream = node.proxied_port
        yield Stand(kafka, proxies)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Stand]:
    """Three nodes, each with a proxy in front of it; whatever a fault does to them is undone before the next."""
    with stand_of(3) as stand:
        yield stand


@pytest.fixture(scope="session")
def proxied() -> Iterator[Stand]:
    """One node with a proxy in front of it."""
    with stand_of(1) as stand:
        yield stand


COLUMNS = (
    *("positions", "routed", "duplicate", "dead_letter", "skipped"),
    *("lost", "false_drop", "unstable", "leaked", "apart", "late", "unlogged", "copies", "recovered_s"),
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells of each fault what was measured, one line each."""
    told = [
        (report.nodeid.partition("[")[2].rstrip("]"), dict(report.user_properties)["figures"])
        for report in terminalreporter.stats.get("passed", [])
        if dict(report.user_properties).get("figures")
    ]
    if not told:
        return
    terminalreporter.section("faults")
    terminalreporter.write_line(f"{'':40}" + "".join(f"{name:>12}" for name in COLUMNS))
    for name, figures in sorted(told):
        own = {key: value for key, value in figures.items() if isinstance(value, float)}
        more = "".join(f"  {key} {value:.1f}" for key, value in own.items())
        terminalreporter.write_line(
            f"{name:40}" + "".join(f"{figures[column]!s:>12}" for column in COLUMNS) + more
        )
