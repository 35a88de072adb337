"""Credentials change under workers as deploy/runbooks/rotate-credentials.md says, and no headline is lost."""

import pytest

from .certificates import Authority
from .deployment import said_once_or_the_same
from .guarded import Guarded, rights_by_command
from .secured import HOST, SecuredKafka
from .worker_process import until

pytestmark = pytest.mark.broker

RIGHTS = rights_by_command()["worker"]
REFUSED, NOT_REACHABLE = 1, 4
GROUP = ("Read", "group", "newswire")


@pytest.fixture
def authorities(tmp_path):
    """A new authority to come, and the file of those who trust the old one and it."""
    return Authority(tmp_path / "new"), tmp_path / "both.pem"


@pytest.fixture
def renewed(own_names, names, tmp_path, authorities):
    """A deployment on a Kafka of its own, to change certificates; its operator comes with a password, trusts both."""
    kafka, (new, both) = SecuredKafka(tmp_path / "kafka"), authorities
    both.write_bytes(kafka.authority.cafile.read_bytes() + new.cafile.read_bytes())
    with kafka.broker:
        kafka.start()
        kafka.add_users("admin")
        admin = {**kafka.by_password("admin"), "NEWSWIRE_KAFKA__SSL_CAFILE": str(both)}
        with Guarded(kafka, own_names, names, tmp_path, admin) as guarded:
            kafka.admin = guarded.cluster
            yield guarded


class Rotation:
    """Headlines that go through a deployment while its workers are replaced."""

    def __init__(self, deployment, newsroom):
        self._deployment = deployment.apply_topics()
        self._newsroom = newsroom
        self._positions = []

    def checks(self, settings):
        """How `newswire topics check` ends."""
        return self._deployment.newswire("topics", "check", **settings).returncode

    def wait_until_refused(self, settings):
        """Wait until nobody gets in so: the broker has a change a moment after it has said so."""
        until(lambda: self.checks(settings) == NOT_REACHABLE, "the broker refuses what was valid")

    def send(self):
        """Send headlines, and wait until each of them has come out and is committed."""
        first = len(self._positions)
        self._positions += self._deployment.feed(
            [self._newsroom.event(number) for number in range(first, first + 24)]
        )
        outputs = self._deployment.wait_until_accounted(len(self._positions))
        assert said_once_or_the_same(outputs).keys() == set(self._positions)
        self._deployment.wait_until_committed()

    def start(self, settings):
        worker = self._deployment.start(**settings)
        self.send()
        return worker

    def replace(self, old, settings):
        """Start a worker beside the old one, and end that once both have worked."""
        new = self.start(settings)
        old.stop()
        self.send()
        return new


def test_a_password_changes_by_a_second_user_while_the_first_is_removed(guarded, newsroom):
    rotation = Rotation(guarded, newsroom)
    old = guarded.user("newswire", RIGHTS)
    worker = rotation.start(old)

    new = guarded.user("newswire-2", RIGHTS)
    assert rotation.checks(new) == 0
    worker = rotation.replace(worker, new)
    guarded.kafka.remove_users(old["NEWSWIRE_KAFKA__SASL_USERNAME"])
    rotation.wait_until_refused(old)
    rotation.send()
    worker.stop()


def test_a_second_user_without_the_group_is_refused_and_the_first_goes_on(guarded, newsroom):
    rotation = Rotation(guarded, newsroom)
    worker = rotation.start(guarded.user("newswire", RIGHTS))

    new = guarded.user("newswire-2", [right for right in RIGHTS if right != GROUP])
    assert rotation.checks(new) == 0  # it asks for no group
    refused = guarded.start(working=False, **new)
    assert refused.wait() == REFUSED
    assert f"Read on group {guarded.own(GROUP)[2]};" in refused.log[-1]["event"]
    rotation.send()
    worker.stop()


def test_an_authority_changes_while_both_are_trusted(renewed, newsroom, authorities):
    kafka, rotation = renewed.kafka, Rotation(renewed, newsroom)
    old, (new, both) = kafka.authority, authorities
    user = renewed.may("newswire", RIGHTS)
    first, second = old.issue(user), new.issue(user)

    def by(identity, trusted):
        return {**kafka.by_certificate(identity), "NEWSWIRE_KAFKA__SSL_CAFILE": str(trusted)}

    worker = rotation.start(by(first, old.cafile))
    assert rotation.checks(by(second, old.cafile)) == NOT_REACHABLE

    kafka.renew("ssl.truststore", both)
    worker = rotation.replace(worker, by(first, both))

    kafka.renew("ssl.keystore", new.issue("broker", HOST).both)
    rotation.wait_until_refused(by(first, old.cafile))
    kafka.broker.stop()
    kafka.broker.start()
    rotation.send()  # by the worker that was there before: it trusts both
    assert len(worker.logged("working")) == 1
    worker = rotation.replace(worker, by(second, both))

    kafka.renew("ssl.truststore", new.cafile)
    worker = rotation.replace(worker, by(second, new.cafile))
    rotation.wait_until_refused(by(first, new.cafile))
    worker.stop()
