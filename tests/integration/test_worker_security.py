"""A worker on a Kafka that asks who it is: the rights that it needs, and credentials that change under it."""

from functools import cached_property

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from worker.broker import LocalBroker
from worker.broker.probe import free_ports

from .certificates import PASSWORD, Authority
from .worker_process import DEADLINE_S

REFUSED, NOT_REACHABLE = 1, 4

RIGHTS = {
    "headlines.raw": {AclOperation.READ},
    "headlines.fingerprints": {AclOperation.READ, AclOperation.WRITE},
    "headlines.duplicates": {AclOperation.WRITE},
    "headlines.deadletter": {AclOperation.WRITE},
    "headlines.deadletter.status": {AclOperation.DESCRIBE},
    "news.": {AclOperation.WRITE},
}
"""What deploy/runbooks/rotate-credentials.md says that a worker needs, beside the configurations of all topics and its
groups: by topic, or by how the names of topics begin. Who may read or write may describe."""


class SecuredKafka:
    """Apache Kafka that lets in who has a password, over TLS; for its operator there is a door of its own."""

    def __init__(self, folder, prefix):
        self._prefix = prefix
        self.authority = Authority("first", folder)
        self._store = folder / "broker.p12"
        self.certify(self.authority)
        plain, controller, secured = free_ports(3)
        self.address = f"127.0.0.1:{secured}"
        self.broker = LocalBroker(
            port=plain,
            properties={
                "controller.quorum.voters": f"1@127.0.0.1:{controller}",
                "listeners": ",".join(
                    f"{name}://127.0.0.1:{port}"
                    for name, port in (("PLAINTEXT", plain), ("CONTROLLER", controller), ("SECURED", secured))
                ),
                "advertised.listeners": f"PLAINTEXT://127.0.0.1:{plain},SECURED://{self.address}",
                "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURED:SASL_SSL",
                "listener.name.secured.ssl.keystore.type": "PKCS12",
                "listener.name.secured.ssl.keystore.location": str(self._store),
                "listener.name.secured.ssl.keystore.password": PASSWORD,
                "listener.name.secured.ssl.key.password": PASSWORD,
                "listener.name.secured.sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.secured.scram-sha-512.sasl.jaas.config": (
                    "org.apache.kafka.common.security.scram.ScramLoginModule required;"
                ),
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": "User:ANONYMOUS",
            },
        )

    def certify(self, authority):
        """Give the broker, which reads it at its start, a certificate of this authority."""
        authority.certify(self._store)

    @cached_property
    def admin(self):
        """The operator's client. Kept, since its answers never come once it is gone."""
        return AdminClient({"bootstrap.servers": self.broker.bootstrap_servers, "log_level": 0})

    def add_user(self, name, without=None):
        """Let a user in, by a password of its own and with the rights of a worker, `without` those on one thing."""
        how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
        self._alter(UserScramCredentialUpsertion(name, how, _password(name).encode()))
        bindings = [
            AclBinding(
                kind,
                self._prefix + begin,
                pattern,
                f"User:{name}",
                "*",
                operation,
                AclPermissionType.ALLOW,
            )
            for kind, begin, pattern, operation in _rights()
            if begin != without
        ]
        for made in self.admin.create_acls(bindings).values():
            made.result(DEADLINE_S)

    def remove_user(self, name):
        self._alter(UserScramCredentialDeletion(name, ScramMechanism.SCRAM_SHA_512))

    def _alter(self, change):
        for done in self.admin.alter_user_scram_credentials([change]).values():
            done.result(DEADLINE_S)

    def credentials(self, user, authorities=None):
        """The settings of a worker that comes as a user, and trusts the authorities in a file."""
        return {
            "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": self.address,
            "NEWSWIRE_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
            "NEWSWIRE_KAFKA__SASL_USERNAME": user,
            "NEWSWIRE_KAFKA__SASL_PASSWORD": _password(user),
            "NEWSWIRE_KAFKA__SSL_CAFILE": str(authorities or self.authority.pem),
        }

    def newswire(self, deployment, user, *arguments, authorities=None):
        """Run a command as a user, to its end."""
        return deployment.newswire(*arguments, **self.credentials(user, authorities))


def _password(user):
    return f"password of {user}"


def _rights():
    literal, prefixed = ResourcePatternType.LITERAL, ResourcePatternType.PREFIXED
    for topic, operations in RIGHTS.items():
        for operation in operations:
            pattern = prefixed if topic.endswith(".") else literal
            yield ResourceType.TOPIC, topic, pattern, operation
    yield ResourceType.TOPIC, "", prefixed, AclOperation.DESCRIBE_CONFIGS
    yield ResourceType.GROUP, "newswire", literal, AclOperation.READ
    yield ResourceType.GROUP, "newswire.progress", literal, AclOperation.READ


@pytest.fixture
def kafka(tmp_path, names):
    secured = SecuredKafka(tmp_path, names)
    with secured.broker:
        yield secured


@pytest.fixture
def deployment(kafka, deploy):
    """A deployment that tests look at through the operator's door."""
    return deploy(kafka.broker).apply_topics()


@pytest.fixture
def sent(deployment, newsroom):
    """Sends headlines, and waits until every one of them has come out."""
    numbers = iter(range(1000))

    def send():
        deployment.feed([newsroom.event(next(numbers)) for _ in range(12)])
        deployment.wait_until_accounted(sum(deployment.raw_ends().values()))
        deployment.wait_until_committed()

    return send


def test_a_worker_needs_no_more_rights_than_the_runbook_says(kafka, deployment, sent):
    kafka.add_user("newswire")
    worker = deployment.start(**kafka.credentials("newswire"))
    sent()
    assert kafka.newswire(deployment, "newswire", "topics", "check").returncode == 0
    worker.stop()


def test_a_worker_that_may_not_read_its_group_ends_and_says_what_it_needs(kafka, deployment, names):
    kafka.add_user("newswire", without="newswire")
    worker = deployment.start(working=False, **kafka.credentials("newswire"))
    assert worker.wait() == REFUSED
    (said,) = [line for line in worker.log if "exit_code" in line]
    assert f"into the consumer group {names}newswire: the user needs Read" in said["event"]


def test_a_password_changes_by_a_second_user_and_nobody_waits(kafka, deployment, sent):
    kafka.add_user("newswire")
    first = deployment.start(**kafka.credentials("newswire"))
    sent()
    assert kafka.newswire(deployment, "newswire-2", "topics", "check").returncode == NOT_REACHABLE

    kafka.add_user("newswire-2")
    assert kafka.newswire(deployment, "newswire-2", "topics", "check").returncode == 0
    second = deployment.start(**kafka.credentials("newswire-2"))
    first.stop()
    kafka.remove_user("newswire")
    sent()
    assert kafka.newswire(deployment, "newswire", "topics", "check").returncode == NOT_REACHABLE
    second.stop()


def test_an_authority_changes_under_workers_that_trust_both(kafka, deployment, sent, tmp_path):
    kafka.add_user("newswire")
    old, new, both = kafka.authority.pem, Authority("second", tmp_path), tmp_path / "both.pem"
    both.write_text(old.read_text() + new.pem.read_text())
    worker = deployment.start(**kafka.credentials("newswire", both))
    sent()

    kafka.certify(new)
    kafka.broker.stop()
    kafka.broker.start()
    sent()
    assert kafka.newswire(deployment, "newswire", "topics", "check", authorities=new.pem).returncode == 0
    refused = kafka.newswire(deployment, "newswire", "topics", "check", authorities=old)
    assert refused.returncode == NOT_REACHABLE
    assert len(worker.logged("working")) == 1
    worker.stop()
