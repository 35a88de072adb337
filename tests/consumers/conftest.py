"""What the tests of deploy/consumers share: a Kafka with newswire's own names, on which a worker has done the seeds."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.deployment import Deployment
from tests.integration.newsroom import Newsroom
from tests.wait import DEADLINE_S, until
from worker.broker.probe import free_ports

from .postgres import Postgres

REPOSITORY = Path(__file__).resolve().parents[2]
CONSUMERS = REPOSITORY / "deploy" / "consumers"
SEEDS = 62

NAMES = {
    "NEWSWIRE_KAFKA__GROUP": "newswire",
    "NEWSWIRE_TOPICS__RAW": "headlines.raw",
    "NEWSWIRE_TOPICS__FINGERPRINTS": "headlines.fingerprints",
    "NEWSWIRE_TOPICS__DUPLICATES": "headlines.duplicates",
    "NEWSWIRE_TOPICS__DEADLETTER": "headlines.deadletter",
    "NEWSWIRE_TOPICS__OUTPUT_PREFIX": "news.",
}


@pytest.fixture(scope="session")
def live(broker, tmp_path_factory):
    """A deployment at work that has done the seed headlines. Tests add headlines; none counts on being alone."""
    environment = {
        "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "NEWSWIRE_HTTP__PORT": str(free_ports(1)[0]),
        **NAMES,
    }
    deployment = Deployment(environment, tmp_path_factory.mktemp("live")).apply_topics()
    deployment.start()
    replayed = deployment.newswire("replay")
    assert replayed.returncode == 0, replayed.stderr
    deployment.wait_until_accounted(SEEDS)
    yield deployment
    deployment.close()


@pytest.fixture(scope="session")
def newsroom():
    return Newsroom()


@pytest.fixture
def example(broker, tmp_path):
    """Starts an example; it is ended with the test."""
    started = []

    def start(name, *arguments, **constants):
        path = tmp_path / f"example-{len(started)}"
        started.append(Example(name, arguments, path, constants))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()


class Example:
    """A program of deploy/consumers at work; constants of a Python program may have other values than its own."""

    def __init__(self, name, arguments, path, constants):
        self._out, self._err = path.with_suffix(".out"), path.with_suffix(".err")
        command = [sys.executable] if name.endswith(".py") else []
        command.append(str(CONSUMERS / name))
        if constants:
            module = name.removesuffix(".py")
            program = (
                f"import sys, {module}; vars({module}).update({constants}); {module}.main(*sys.argv[1:])"
            )
            command = [sys.executable, "-c", program]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [*command, *arguments],
                stdout=out,
                stderr=err,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": f"{REPOSITORY}:{CONSUMERS}"},
            )

    @property
    def lines(self):
        """What it has printed, line by line, as far as lines are whole."""
        return self._out.read_text().split("\n")[:-1]

    @property
    def complaint(self):
        """What it has printed on standard error."""
        return self._err.read_text()

    @property
    def ids(self):
        """The ids that it has printed, in order; each line begins with one."""
        assert "Traceback" not in self.complaint, self.complaint
        return [line.split(" ", 1)[0] for line in self.lines]

    def interrupt(self):
        """End it by Ctrl-C, and wait until it has."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(DEADLINE_S) == 0, self.complaint

    def finish(self):
        """Wait until it ends by itself, and give what it has printed."""
        assert self.process.wait(DEADLINE_S) == 0, self.complaint
        return self._out.read_text()


@pytest.fixture(scope="session")
def kcat():
    """A failure, not a skip, where kcat is missing."""
    assert shutil.which("kcat"), "there is no kcat on PATH; Debian has it: apt-get install kcat"


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server of these tests' own."""
    with Postgres() as server:
        yield server


@pytest.fixture
def database(postgres):
    """A new, empty database: how psycopg and the example connect to it."""
    return postgres.new_database()


@pytest.fixture
def wait_for_ids():
    """Waits until these ids have been printed by some of the programs together."""

    def wait(ids, *programs):
        until(
            lambda: set(ids) <= {found for program in programs for found in program.ids},
            f"{len(set(ids))} ids are printed",
        )

    return wait
