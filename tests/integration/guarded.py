"""A deployment on a Kafka that checks access, and the rights that the README says are enough for each command."""

import re
from pathlib import Path

from .deployment import Deployment
from .secured import client_of
from .worker_process import DEADLINE_S, until

README = Path(__file__).parents[2] / "README.md"


def rights_by_command():
    """The README's table: by command its rights, each as operation, kind of resource and name."""
    table = README.read_text().partition("## Rights")[2].partition("\n## ")[0]
    rights = {}
    for commands, operations, things in re.findall(
        r"^\| (`.+?) \| (\w.*?) \| (\w.*?) \|$", table, re.MULTILINE
    ):
        resource = things.partition(" ")[0]
        for command in re.findall(r"`(.+?)`", commands):
            rights.setdefault(command, []).extend(
                (operation, resource, name)
                for name in re.findall(r"`(.+?)`", things)
                for operation in operations.split(", ")
            )
    return rights


class Guarded(Deployment):
    """A deployment with users of its own; what is not said to run as one of them, the administrator does.

    `admin` holds the settings by which the administrator comes in, by default with a certificate.
    """

    def __init__(self, kafka, own_names, prefix, folder, admin=None):
        self.kafka = kafka
        self.admin = admin or kafka.by_certificate(kafka.administrator)
        super().__init__({**own_names, **self.admin}, folder, client_of(self.admin))
        self._own = prefix

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def own(self, right):
        """A right of the README on this deployment's own topics and groups."""
        operation, resource, name = right
        return operation, resource, self._own + name

    def may(self, name, rights):
        """The full name of a user of this deployment, to whom rights of the README are given."""
        user = self._own + name
        self.kafka.grant(user, [self.own(right) for right in rights])
        return user

    def user(self, name, rights):
        """The settings of a user with a password, and with these rights."""
        user = self.may(name, rights)
        self.kafka.add_users(user)
        return self.kafka.by_password(user)

    def owner(self, name, rights, password=None):
        """The settings of the owner of a certificate with these rights; `password` is the key's, if it has one."""
        user = self.may(name, rights)
        return self.kafka.by_certificate(self.kafka.authority.issue(user, password=password), password)

    def without(self, *topics):
        """Delete topics of the README's names, and wait until they are gone."""
        names = {self._own + topic for topic in topics}
        for future in self.cluster.delete_topics(list(names)).values():
            future.result(DEADLINE_S)
        until(lambda: names.isdisjoint(self.cluster.list_topics(timeout=DEADLINE_S).topics), "they are gone")
