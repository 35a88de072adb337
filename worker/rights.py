"""What newswire has to be allowed to do where Kafka checks access: the least rights that each command can work with.

The README has the same list for operators. Reading and writing bring the right to describe with them, and so does
altering; with an idempotent producer, a right to write to any topic is a right to open it.
"""

from __future__ import annotations

from collections import defaultdict
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.errors import AccessDeniedError
from worker.mediatopics import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from worker.config import KafkaSettings, Settings, TopicSettings


class Operation(IntEnum):
    """What may be done, by Kafka's number for it (`AclOperation`)."""

    READ = 3
    WRITE = 4
    CREATE = 5
    ALTER = 7
    DESCRIBE = 8
    DESCRIBE_CONFIGS = 10
    ALTER_CONFIGS = 11

    def __str__(self) -> str:
        """As Kafka's tools write it, such as DescribeConfigs."""
        return self.name.title().replace("_", "")

    @property
    def describes(self) -> bool:
        """Whether who may do this may describe the thing, too."""
        return self in _DESCRIBING


_DESCRIBING: Final = {Operation.READ, Operation.WRITE, Operation.ALTER, Operation.DESCRIBE}


class Resource(StrEnum):
    """The kinds of things that rights are about."""

    TOPIC = "topic"
    GROUP = "group"


class Right(NamedTuple):
    """One operation on one thing."""

    operation: Operation
    resource: Resource
    name: str


PROGRESS_SUFFIX: Final = ".progress"
"""What is added to the worker's group for the one that keeps how far it has come."""


def of_worker(settings: Settings) -> list[Right]:
    """What `newswire worker` needs."""
    topics, group = settings.topics, settings.kafka.group
    return [
        *_on(topics.raw, Operation.READ, Operation.DESCRIBE_CONFIGS),
        *_on(topics.fingerprints, Operation.READ, Operation.WRITE, Operation.DESCRIBE_CONFIGS),
        *(
            right
            for name in (*_streams(topics), topics.duplicates, topics.deadletter)
            for right in _on(name, Operation.WRITE, Operation.DESCRIBE_CONFIGS)
        ),
        *_on(topics.deadletter_status, Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS),
        Right(Operation.READ, Resource.GROUP, group),
        Right(Operation.READ, Resource.GROUP, group + PROGRESS_SUFFIX),
    ]


def of_replay(topic: str) -> list[Right]:
    """What `newswire replay` needs: its topic, and the largest record batch that it takes."""
    return _on(topic, Operation.WRITE, Operation.DESCRIBE_CONFIGS)


def of_tail(topics: Iterable[str]) -> list[Right]:
    """What `newswire tail` needs of the topics that it shows."""
    return [Right(Operation.READ, Resource.TOPIC, name) for name in topics]


def of_dead_letters(topics: TopicSettings) -> list[Right]:
    """What `newswire deadletters list` and `stats` need."""
    return [*_on(topics.deadletter, Operation.READ), *_on(topics.deadletter_status, Operation.READ)]


def of_dead_records(topics: TopicSettings) -> list[Right]:
    """What `deadletters show` and `redrive --dry-run` need: a record that fits no letter is in the raw topic."""
    return [*of_dead_letters(topics), *_on(topics.raw, Operation.READ)]


def of_discard(topics: TopicSettings) -> list[Right]:
    """What `newswire deadletters discard` needs."""
    return [*of_dead_letters(topics), *_on(topics.deadletter_status, Operation.WRITE)]


def of_redrive(topics: TopicSettings) -> list[Right]:
    """What `newswire deadletters redrive` needs."""
    return [
        *of_dead_records(topics),
        *of_replay(topics.raw),
        *_on(topics.deadletter_status, Operation.WRITE),
    ]


def of_status(topics: Iterable[str], group: str) -> list[Right]:
    """What `newswire status` needs."""
    described = [Right(Operation.DESCRIBE, Resource.TOPIC, name) for name in topics]
    return [*described, Right(Operation.DESCRIBE, Resource.GROUP, group)]


def to_compare(topics: Iterable[str]) -> list[Right]:
    """What `newswire topics plan` and `newswire topics check` need."""
    return [right for name in topics for right in _on(name, Operation.DESCRIBE, Operation.DESCRIBE_CONFIGS)]


def to_apply(topics: Iterable[str]) -> list[Right]:
    """What `newswire topics apply` needs of topics, besides Create for those that are not there yet."""
    return [right for name in topics for right in _on(name, Operation.ALTER, Operation.ALTER_CONFIGS)]


def _on(topic: str, *operations: Operation) -> list[Right]:
    return [Right(operation, Resource.TOPIC, topic) for operation in operations]


def _streams(topics: TopicSettings) -> list[str]:
    return [topics.output_prefix + slug for slug in STREAMS]


def denied(kafka: KafkaSettings, missing: Iterable[Right]) -> AccessDeniedError:
    """The error that names each right that is missing, who lacks it, and what to do."""
    return AccessDeniedError(
        f"Kafka at {kafka.bootstrap_servers} does not allow {who(kafka)}: {lacking(missing)}"
    )


def lacking(missing: Iterable[Right]) -> str:
    """Rights that are missing in words, such as `Write on topic news.sport`, and what to do."""
    operations: defaultdict[tuple[Resource, str], list[str]] = defaultdict(list)
    for right in missing:
        operations[right.resource, right.name].append(str(right.operation))
    names: defaultdict[tuple[str, Resource], list[str]] = defaultdict(list)
    for (resource, name), several in operations.items():
        names[" and ".join(several), resource].append(name)
    named = "; ".join(
        f"{verbs} on {resource} {', '.join(alike)}" for (verbs, resource), alike in names.items()
    )
    return f"{named}; grant it (kafka-acls --add); the README lists under Rights what each command needs"


def who(kafka: KafkaSettings) -> str:
    """Whom Kafka takes this client for, as far as the client knows."""
    if kafka.uses_sasl:
        return f"the user {kafka.sasl_username}"
    if kafka.uses_tls and kafka.ssl_certfile:
        return f"the owner of the certificate {kafka.ssl_certfile}"
    return "a client without a name (no SASL, no certificate)"
