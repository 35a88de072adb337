"""What all tests share: a live Apache Kafka, names of a test's own on it, and the labelled data.

Every pytest process starts one broker for all of its tests, when the first that needs it comes, on a free
port and in a folder of its own, and ends it with the session. Under xdist each worker has its own: nothing is
shared between processes, so a worker that dies takes nothing with it. Tests on the same broker keep apart by
their topics and group: see `names`. A test that stops, kills or reconfigures a broker starts a `LocalBroker`
of its own.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from worker.broker import LocalBroker
from worker.broker.probe import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parent.parent

# Settings of the shell that tests are run from must not change what they see.
for name in [name for name in os.environ if name.startswith("NEWSWIRE_") and "__" in name]:
    del os.environ[name]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the tests under `reliability/`."""
    group = parser.getgroup("reliability")
    group.addoption(
        "--chaos", action="store_true", help="all faults and histories; without it the short form"
    )
    group.addoption("--seed", type=int, default=1, help="the (first) seed of loads, faults and histories")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what uses a broker by its fixtures, so that `-m "not broker"` leaves it out."""
    for item in items:
        if not {"broker", "own_broker", "deploy", "stage"}.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("broker")


@pytest.fixture(scope="session")
def broker() -> Iterator[LocalBroker]:
    """An Apache Kafka that answers. It may hold topics of other tests; do not stop it."""
    with LocalBroker() as running:
        yield running


@pytest.fixture
def names() -> str:
    """A prefix for topics and groups that no other test has, such as `t3f2a9c1b.`."""
    return f"t{uuid4().hex[:8]}."


@pytest.fixture
def own_names(names: str) -> dict[str, str]:
    """The settings, as environment variables, of a deployment of this test's own on any broker."""
    return {
        "NEWSWIRE_KAFKA__GROUP": f"{names}newswire",
        "NEWSWIRE_TOPICS__RAW": f"{names}headlines.raw",
        "NEWSWIRE_TOPICS__FINGERPRINTS": f"{names}headlines.fingerprints",
        "NEWSWIRE_TOPICS__DUPLICATES": f"{names}headlines.duplicates",
        "NEWSWIRE_TOPICS__DEADLETTER": f"{names}headlines.deadletter",
        "NEWSWIRE_TOPICS__DEADLETTER_STATUS": f"{names}headlines.deadletter.status",
        "NEWSWIRE_TOPICS__OUTPUT_PREFIX": f"{names}news.",
        "NEWSWIRE_HTTP__PORT": str(free_ports(1)[0]),
    }


@pytest.fixture
def environment(broker: LocalBroker, own_names: dict[str, str]) -> dict[str, str]:
    """The settings of a deployment of this test's own on the shared broker.

    For processes: `subprocess.run([sys.executable, "-m", "worker", ...], env={**os.environ, **environment})`.
    """
    return {"NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers, **own_names}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the labelled headlines, which are not part of the repository."""
    folder = Path(os.environ.get("NEWSWIRE_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(
            f"needs the labelled headlines: {folder} is not there, NEWSWIRE_SHARED_DATA names another folder"
        )
    return folder
