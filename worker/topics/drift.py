"""How a cluster's topics differ from the declaration, and which of the differences break a promise."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from worker.topics.declaration import HOUR_MS, Config, Role, TopicSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class ClusterTopic:
    """One topic as the cluster has it; `configs` are the effective values, the broker's defaults included.

    `replication_factor` is that of the partition with the fewest replicas.
    """

    name: str
    partitions: int
    replication_factor: int
    configs: Mapping[str, str]


class Severity(StrEnum):
    """Whether a difference breaks a promise of newswire; the worker does not start on a breaking one."""

    BREAKING = "breaking"
    WARNING = "warning"


class Action(StrEnum):
    """What `apply` does about a difference."""

    CREATE = "create"
    SET = "set"
    ADD_PARTITIONS = "add partitions"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing in which a topic is not as declared.

    `what` is a configuration's name, `topic`, `partitions` or `replication factor`; `actual` is None where
    there is nothing. `note` says why it matters, or what to do where `apply` leaves it.
    """

    topic: str
    what: str
    declared: str
    actual: str | None
    action: Action
    severity: Severity
    note: str = ""


def differences(
    specs: Iterable[TopicSpec], cluster: Mapping[str, ClusterTopic], *, lower_retention: bool = False
) -> tuple[Difference, ...]:
    """Everything in which the cluster differs, in the order of the declaration.

    Args:
        specs: the declaration.
        cluster: the topics that exist, by name; others than the declared ones are ignored.
        lower_retention: whether a shorter retention, which deletes records, is to be set or left.
    """
    specs = tuple(specs)
    raw_max = max(
        (_max_bytes(cluster[spec.name]) for spec in specs if spec.role is Role.RAW and spec.name in cluster),
        default=0,
    )
    found: list[Difference] = []
    for spec in specs:
        actual = cluster.get(spec.name)
        if actual is None:
            found.append(_missing(spec))
            continue
        found += _partitions(spec, actual)
        found += _replication(spec, actual)
        found += _configs(spec, actual, raw_max, lower_retention=lower_retention)
    return tuple(found)


def breaking(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """Those that break a promise."""
    return tuple(each for each in found if each.severity is Severity.BREAKING)


def _missing(spec: TopicSpec) -> Difference:
    retention_ms = spec.configs.get(Config.RETENTION_MS)
    kept = f"kept {int(retention_ms) / HOUR_MS:g} h" if retention_ms else spec.configs[Config.CLEANUP]
    shape = f"partitions {spec.partitions}, replication {spec.replication_factor}, {kept}"
    return Difference(spec.name, "topic", shape, None, Action.CREATE, Severity.BREAKING)


def _partitions(spec: TopicSpec, actual: ClusterTopic) -> Iterator[Difference]:
    if actual.partitions == spec.partitions:
        return
    severity, action, note = (
        Severity.WARNING,
        Action.LEFT,
        "partitions cannot be taken away; raise the setting",
    )
    if spec.role is Role.LOG:
        severity = Severity.BREAKING
        note = "one order needs one partition; stop all workers, delete the topic, apply again"
    elif spec.role in _FIXED_PARTITIONS:
        note = "one is enough; more do no harm"
    elif actual.partitions < spec.partitions:
        action, note = (
            Action.ADD_PARTITIONS,
            "keys move: later records of a key may land on another partition",
        )
    yield Difference(
        spec.name, "partitions", str(spec.partitions), str(actual.partitions), action, severity, note
    )


def _replication(spec: TopicSpec, actual: ClusterTopic) -> Iterator[Difference]:
    if actual.replication_factor == spec.replication_factor:
        return
    yield Difference(
        spec.name,
        "replication factor",
        str(spec.replication_factor),
        str(actual.replication_factor),
        Action.LEFT,
        Severity.WARNING,
        "reassign the partitions (kafka-reassign-partitions.sh), or set topics.replication_factor",
    )


def _configs(
    spec: TopicSpec, actual: ClusterTopic, raw_max: int, *, lower_retention: bool
) -> Iterator[Difference]:
    for config, declared in spec.configs.items():
        value = actual.configs.get(config)
        if value is not None and _same(config, declared, value):
            continue
        harm = _harm(spec, actual, config, value, raw_max)
        severity, action, note = Severity.BREAKING if harm else Severity.WARNING, Action.SET, harm or ""
        if config in _RETENTION and value is not None and _longer(value, declared):
            note = "deletes what is older"
            if not lower_retention:
                action, note = Action.LEFT, f"{note}; set it with: newswire topics apply --lower-retention"
        yield Difference(spec.name, config.value, declared, value, action, severity, note)


def _harm(
    spec: TopicSpec, actual: ClusterTopic, config: Config, value: str | None, raw_max: int
) -> str | None:
    """The promise that a wrong value breaks, in words, or None if it breaks none."""
    if config in _ALWAYS:
        return _ALWAYS[config]
    if value is None:
        return None
    number = int(value)
    if config is Config.RETENTION_MS and spec.min_retention_ms and 0 <= number < spec.min_retention_ms:
        return "the log must keep four windows: three that verdicts reach over, and one of slack"
    if config is Config.MIN_ISR and number > actual.replication_factor:
        return "more copies are asked for than there are: nothing can be written"
    if config is Config.MAX_BYTES and spec.role is Role.DEADLETTER and number <= raw_max:
        return "not larger than the raw topic's: the largest records could not be dead-lettered"
    if config is Config.MAX_BYTES and spec.role in _CUT_TO_SIZE and number < int(spec.configs[config]):
        return "what newswire sends could be refused"
    return None


_ALWAYS: Final = {
    Config.CLEANUP: "the wrong policy deletes what must be kept",
    Config.UNCLEAN: "an unclean election loses confirmed records",
    Config.TIMESTAMP: "windows are counted by the broker's append time",
    Config.RETENTION_BYTES: "a byte limit forgets entries inside the window",
}
"""Configurations of which every wrong value breaks a promise, and which one."""

_CUT_TO_SIZE: Final = frozenset({Role.LOG, Role.OUTPUT, Role.DUPLICATES, Role.DEADLETTER})
_FIXED_PARTITIONS: Final = frozenset({Role.DEADLETTER, Role.STATUS})
_RETENTION: Final = frozenset({Config.RETENTION_MS, Config.RETENTION_BYTES})


def _same(config: Config, declared: str, value: str) -> bool:
    if config is Config.CLEANUP:
        return {part.strip() for part in value.split(",")} == set(declared.split(","))
    return value == declared


def _longer(value: str, declared: str) -> bool:
    """Whether `value` keeps more than `declared` does; -1 keeps all."""
    if declared == "-1":
        return False
    return value == "-1" or int(value) > int(declared)


def _max_bytes(topic: ClusterTopic) -> int:
    return int(topic.configs.get(Config.MAX_BYTES, "0"))
