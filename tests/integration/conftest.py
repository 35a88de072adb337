"""What the integration tests share: deployments on a live Apache Kafka, and headlines to feed them."""

import pytest
from worker.broker import LocalBroker

from .deployment import Deployment
from .guarded import Guarded
from .newsroom import Newsroom
from .secured import SecuredKafka


@pytest.fixture
def newsroom():
    return Newsroom()


@pytest.fixture
def deploy(request, own_names, tmp_path):
    """Makes deployments: `deploy()` on the shared broker, `deploy(own_broker)` on another, with settings."""
    made = []

    def make(broker=None, **settings):
        broker = broker or request.getfixturevalue("broker")
        address = {"NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers}
        folder = tmp_path / f"deployment-{len(made)}"
        folder.mkdir()
        made.append(Deployment({**address, **own_names, **settings}, folder))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def deployment(deploy):
    """A deployment on the shared broker, with its topics made."""
    return deploy().apply_topics()


@pytest.fixture
def own_broker():
    """A broker of the test's own, to stop and kill."""
    with LocalBroker() as broker:
        yield broker


@pytest.fixture
def guarded(secured, own_names, names, tmp_path):
    """A deployment on the secured Kafka, whose users the test makes."""
    with Guarded(secured, own_names, names, tmp_path) as guarded:
        yield guarded


@pytest.fixture(scope="session")
def secured(tmp_path_factory):
    """A Kafka with TLS, SASL and access rights, for all tests of a process; each has users of its own on it."""
    kafka = SecuredKafka(tmp_path_factory.mktemp("secured"))
    with kafka.broker:
        kafka.start()
        yield kafka
