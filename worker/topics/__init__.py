"""newswire's topics: what they should be, how the cluster differs, and making it agree.

    declaration(settings)        what they should be, in code
    plan(cluster, settings)      what differs, and what `apply` would do about it
    apply(cluster, settings)     makes it so: creates, sets, adds partitions; never deletes, never shrinks
    check_at_start(settings)     for the worker: stops on what breaks a promise, returns the rest

The cluster's own defaults count: what is compared is what is in force.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from worker import rights
from worker.errors import TopicDriftError
from worker.topics.cluster import Cluster, open_cluster
from worker.topics.declaration import Config, Role, TopicSpec, declaration, output_topics
from worker.topics.drift import Action, ClusterTopic, Difference, Severity, breaking, differences

if TYPE_CHECKING:
    from worker.config import Settings

__all__ = [
    "Action",
    "Cluster",
    "ClusterTopic",
    "Config",
    "Difference",
    "Role",
    "Severity",
    "TopicSpec",
    "apply",
    "breaking",
    "check_at_start",
    "declaration",
    "describe",
    "differences",
    "open_cluster",
    "output_topics",
    "plan",
]

_POLL_S: Final = 0.05


async def plan(
    cluster: Cluster, settings: Settings, *, lower_retention: bool = False
) -> tuple[Difference, ...]:
    """Everything in which the cluster differs from the declaration; empty when there is nothing to do.

    Args:
        cluster: from `open_cluster`.
        settings: what the declaration is made from.
        lower_retention: whether a shorter retention, which makes Kafka delete records, is to be set or left.
    """
    specs = declaration(settings)
    found = await cluster.describe(spec.name for spec in specs)
    return differences(specs, found, lower_retention=lower_retention)


async def apply(
    cluster: Cluster, settings: Settings, planned: tuple[Difference, ...]
) -> tuple[Difference, ...]:
    """Do what `planned` says, wait until the topics can be used, and return what still differs.

    Raises:
        TopicDriftError: Kafka refused a change.
        BrokerUnavailableError: a new partition had no leader within `kafka.request_timeout_s`.
    """
    specs = {spec.name: spec for spec in declaration(settings)}
    create = [specs[each.topic] for each in planned if each.action is Action.CREATE]
    configs: dict[str, dict[str, str]] = {}
    for each in planned:
        if each.action is Action.SET:
            configs.setdefault(each.topic, {})[each.what] = each.declared
    totals = {each.topic: int(each.declared) for each in planned if each.action is Action.ADD_PARTITIONS}
    if create:
        await cluster.create(create)
    if configs:
        await cluster.set_configs(configs)
    if totals:
        await cluster.add_partitions(totals)
    await cluster.wait_for_leaders({spec.name: spec.partitions for spec in create} | totals)
    return await _seen(cluster, settings, planned)


async def _seen(
    cluster: Cluster, settings: Settings, planned: tuple[Difference, ...]
) -> tuple[Difference, ...]:
    """What still differs, once the broker shows what was changed: it learns that after it has answered."""
    changed = {(each.topic, each.what) for each in planned if each.action is not Action.LEFT}
    deadline = time.monotonic() + settings.kafka.request_timeout_s
    while True:
        left = await plan(cluster, settings)
        if time.monotonic() > deadline or changed.isdisjoint((each.topic, each.what) for each in left):
            return left
        await asyncio.sleep(_POLL_S)


async def check_at_start(settings: Settings) -> tuple[Difference, ...]:
    """Refuse to start on differences that break a promise; return the others, to be logged as warnings.

    Waits for a broker as long as `kafka.connect_patience_s` allows.

    Raises:
        TopicDriftError: a promise would break; the message says which, and the command that mends it.
        AccessDeniedError: the worker lacks a right that it needs, of topics or of groups.
        BrokerUnavailableError: Kafka could not be reached.
    """
    async with open_cluster(settings.kafka) as cluster:
        await cluster.require(rights.of_worker(settings))
        found = await plan(cluster, settings)
    broken = breaking(found)
    if broken:
        lines = "\n  ".join(describe(each) for each in broken)
        raise TopicDriftError(
            f"the topics of {settings.kafka.bootstrap_servers} break newswire's promises:\n  {lines}\n"
            "  see and mend them: newswire topics plan, newswire topics apply"
        )
    return found


def describe(difference: Difference) -> str:
    """A difference in one line."""
    note = f" ({difference.note})" if difference.note else ""
    if difference.actual is None and difference.action is Action.CREATE:
        return f"{difference.topic}: missing{note}"
    return (
        f"{difference.topic}: {difference.what} is {difference.actual}, should be {difference.declared}{note}"
    )
