"""An Apache Kafka that lets nobody in without TLS and a name, and checks what each may do.

It listens on four ports: SASL SCRAM-SHA-512 over TLS, mutual TLS, SASL over TLS by a host name that its certificate
does not hold, and one in plain text, where all are nobody and nobody may do anything.
"""

from pathlib import Path

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)
from worker.broker import LocalBroker
from worker.broker.probe import free_ports

from .certificates import Authority
from .worker_process import DEADLINE_S, until

HOST = "127.0.0.1"
LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
OPERATIONS = {
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
    "Create": AclOperation.CREATE,
    "Alter": AclOperation.ALTER,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
    "AlterConfigs": AclOperation.ALTER_CONFIGS,
}
SCRAM = ScramMechanism.SCRAM_SHA_512
RESOURCES = {"topic": ResourceType.TOPIC, "group": ResourceType.GROUP}


class SecuredKafka:
    """The broker, its authority, and the administrator, who may do everything."""

    def __init__(self, folder: Path):
        self.authority = Authority(folder / "authority")
        self.stranger = Authority(folder / "stranger")
        self.stores = {name: folder / f"{name}.pem" for name in ("ssl.keystore", "ssl.truststore")}
        self.stores["ssl.keystore"].write_bytes(self.authority.issue("broker", HOST).both.read_bytes())
        self.stores["ssl.truststore"].write_bytes(self.authority.cafile.read_bytes())
        self.administrator = self.authority.issue("admin")
        self.plain, self.sasl, self.tls, self.misnamed, controller = (
            f"{HOST}:{port}" for port in free_ports(5)
        )
        self.broker = LocalBroker(
            port=int(self.plain.rpartition(":")[2]),
            properties={
                "listeners": f"PLAINTEXT://{self.plain},SASL_SSL://{self.sasl},SSL://{self.tls},"
                f"MISNAMED://{self.misnamed},CONTROLLER://{controller}",
                "advertised.listeners": f"PLAINTEXT://{self.plain},SASL_SSL://{self.sasl},SSL://{self.tls},"
                f"MISNAMED://{self.misnamed.replace(HOST, 'localhost')}",
                "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL,"
                "MISNAMED:SASL_SSL,CONTROLLER:SSL",
                "inter.broker.listener.name": "SSL",
                "controller.quorum.voters": f"1@{controller}",
                "sasl.enabled.mechanisms": "SCRAM-SHA-512",
                **{
                    f"listener.name.{name}.scram-sha-512.sasl.jaas.config": LOGIN
                    for name in ("sasl_ssl", "misnamed")
                },
                "listener.name.ssl.ssl.client.auth": "required",
                "listener.name.controller.ssl.client.auth": "required",
                **{f"{name}.type": "PEM" for name in self.stores},
                **{f"{name}.location": str(path) for name, path in self.stores.items()},
                "ssl.principal.mapping.rules": "RULE:^.*CN=([^,]+).*$/$1/",
                "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users": "User:admin;User:broker",
                "allow.everyone.if.no.acl.found": "false",
            },
        )

    def start(self):
        self.broker.start()
        self.admin = AdminClient({**client_of(self.by_certificate(self.administrator)), "log_level": 0})

    def by_password(self, user, password="correct horse", servers=None):
        """The settings of newswire by which a user comes in with a password."""
        return {
            "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": servers or self.sasl,
            "NEWSWIRE_KAFKA__SECURITY_PROTOCOL": "SASL_SSL",
            "NEWSWIRE_KAFKA__SASL_MECHANISM": "SCRAM-SHA-512",
            "NEWSWIRE_KAFKA__SASL_USERNAME": user,
            "NEWSWIRE_KAFKA__SASL_PASSWORD": password,
            "NEWSWIRE_KAFKA__SSL_CAFILE": str(self.authority.cafile),
        }

    def by_certificate(self, identity, password=None):
        """The settings of newswire by which the owner of a certificate comes in."""
        return {
            "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": self.tls,
            "NEWSWIRE_KAFKA__SECURITY_PROTOCOL": "SSL",
            "NEWSWIRE_KAFKA__SSL_CAFILE": str(self.authority.cafile),
            "NEWSWIRE_KAFKA__SSL_CERTFILE": str(identity.certificate),
            "NEWSWIRE_KAFKA__SSL_KEYFILE": str(identity.key),
            **({"NEWSWIRE_KAFKA__SSL_KEY_PASSWORD": password} if password else {}),
        }

    def add_users(self, *names, password="correct horse"):
        """Let users in by a password."""
        how = ScramCredentialInfo(SCRAM, 4096)
        self._alter_users([UserScramCredentialUpsertion(name, how, password.encode()) for name in names])
        until(lambda: self._known(names) == set(names), "the broker knows the users")

    def remove_users(self, *names):
        """Let users in by a password no more; who is in stays."""
        self._alter_users([UserScramCredentialDeletion(name, SCRAM) for name in names])
        until(lambda: not self._known(names), "the broker has forgotten the users")

    def _alter_users(self, changes):
        for future in self.admin.alter_user_scram_credentials(changes).values():
            future.result(DEADLINE_S)

    def _known(self, names):
        described = self.admin.describe_user_scram_credentials(list(names))
        return {name for name, future in described.items() if future.exception(DEADLINE_S) is None}

    def renew(self, store, pem):
        """Put another file in place of what the broker shows, or trusts; its port for certificates reads it at once."""
        path = self.stores[store]
        path.write_bytes(pem.read_bytes())
        name = f"listener.name.ssl.{store}.location"
        entry = ConfigEntry(name, str(path), incremental_operation=AlterConfigOpType.SET)
        change = ConfigResource(ConfigResource.Type.BROKER, "1", incremental_configs=[entry])
        self.admin.incremental_alter_configs([change])[change].result(DEADLINE_S)

    def grant(self, user, rights):
        """Allow a user each (operation, kind of resource, name); a name may end in * for all that begin so."""
        bindings = [binding(user, *right) for right in rights]
        for future in self.admin.create_acls(bindings).values():
            future.result(DEADLINE_S)
        until(lambda: self.granted(user) == set(bindings), "the broker knows the rights")

    def withdraw(self, user, right):
        """Take a right away again."""
        operation, resource, name = right
        kind, plain = pattern(name)
        gone = AclBindingFilter(
            RESOURCES[resource],
            plain,
            kind,
            f"User:{user}",
            None,
            OPERATIONS[operation],
            AclPermissionType.ALLOW,
        )
        (deleted,) = self.admin.delete_acls([gone]).values()
        assert deleted.result(DEADLINE_S), f"{user} had no {right}"

    def granted(self, user):
        anything = AclBindingFilter(
            ResourceType.ANY,
            None,
            ResourcePatternType.ANY,
            f"User:{user}",
            None,
            AclOperation.ANY,
            AclPermissionType.ANY,
        )
        return set(self.admin.describe_acls(anything).result(DEADLINE_S))


def client_of(settings):
    """The settings of newswire that are about getting in, for confluent-kafka."""
    names = {
        "bootstrap_servers": "bootstrap.servers",
        "security_protocol": "security.protocol",
        "sasl_mechanism": "sasl.mechanism",
        "sasl_username": "sasl.username",
        "sasl_password": "sasl.password",
        "ssl_cafile": "ssl.ca.location",
        "ssl_certfile": "ssl.certificate.location",
        "ssl_keyfile": "ssl.key.location",
    }
    return {
        names[variable.removeprefix("NEWSWIRE_KAFKA__").lower()]: value
        for variable, value in settings.items()
    }


def binding(user, operation, resource, name):
    kind, plain = pattern(name)
    return AclBinding(
        RESOURCES[resource],
        plain,
        kind,
        f"User:{user}",
        "*",
        OPERATIONS[operation],
        AclPermissionType.ALLOW,
    )


def pattern(name):
    """How Kafka matches a name: in full, or by what it begins with."""
    prefix = name.endswith("*")
    return (ResourcePatternType.PREFIXED if prefix else ResourcePatternType.LITERAL), name.rstrip("*")
