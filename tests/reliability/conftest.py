"""What the faults share: brokers, deployments, and which faults and seeds are due."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.deployment import Deployment
from worker.broker import LocalBroker

from .scene import SETTINGS, Fault, Scene

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEPT = Path(__file__).parent.parent.parent / ".cache" / "reliability"


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, names: str, environment: dict[str, str], tmp_path: Path
) -> Iterator[Callable[[Fault, int], Scene]]:
    """Makes the scene of a fault, on the shared broker or on one of its own."""
    deployments: list[Deployment] = []

    def make(fault: Fault, seed: int) -> Scene:
        broker = request.getfixturevalue("own_broker") if fault.own_broker else None
        address = {} if broker is None else {"NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers}
        window = {} if fault.window_s is None else {"NEWSWIRE_DEDUP__WINDOW_S": str(fault.window_s)}
        settings = {**environment, **address, **SETTINGS, **window, **fault.settings}
        deployment = Deployment(settings, tmp_path).apply_topics()
        deployments.append(deployment)
        return Scene(
            fault,
            seed,
            deployment,
            broker=broker,
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


COLUMNS = (
    *("positions", "routed", "duplicate", "dead_letter", "skipped"),
    *("lost", "false_drop", "unstable", "leaked", "late", "copies", "recovered_s"),
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
        terminalreporter.write_line(f"{name:40}" + "".join(f"{figures[column]!s:>12}" for column in COLUMNS))
