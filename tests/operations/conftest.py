"""What the tests of operation share: a deployment under load, and a Prometheus that watches it by our own rules."""

import os
import shutil
import signal
import threading

import pytest
from tests.integration.deployment import Deployment
from tests.integration.newsroom import Newsroom

from .prometheus import Prometheus


@pytest.fixture(scope="session")
def prometheus_binary():
    """The program; a failure, not a skip, where it is missing."""
    found = shutil.which("prometheus")
    assert found, "there is no prometheus on PATH; Debian has it: apt-get install prometheus"
    return found


@pytest.fixture
def pause_broker(broker):
    """Stops Kafka where it stands; what it gives lets it go on. At the end of the test it goes on in any case."""

    def go_on():
        os.kill(broker.pid, signal.SIGCONT)

    def pause():
        os.kill(broker.pid, signal.SIGSTOP)
        return go_on

    yield pause
    go_on()


@pytest.fixture
def newsroom():
    return Newsroom()


@pytest.fixture
def deployment(environment, tmp_path):
    made = Deployment(environment, tmp_path).apply_topics()
    yield made
    made.close()


@pytest.fixture
def watch(prometheus_binary, tmp_path):
    """Starts a Prometheus that scrapes workers: `watch(worker)`."""
    started = []

    def start(*workers):
        folder = tmp_path / "prometheus"
        folder.mkdir()
        started.append(Prometheus(prometheus_binary, folder))
        return started[-1].scrape(workers).start()

    yield start
    for prometheus in started:
        prometheus.stop()


@pytest.fixture
def load(deployment):
    """Feeds so many records a second, made by a function of their number, in the background: `load(20, make)`."""
    ended = threading.Event()
    threads = []

    def feed(rate, make):
        def run():
            number = 0
            while not ended.wait(0.2):
                records = [make(n) for n in range(number, number + round(rate * 0.2))]
                deployment.feed(records)
                number += len(records)

        threads.append(threading.Thread(target=run, daemon=True))
        threads[-1].start()

    yield feed
    ended.set()
    for thread in threads:
        thread.join()
