"""The stages by the settings: what a worker or its helper opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from worker.config.sections import Mode
from worker.deduplicate.match.own import chosen
from worker.deduplicate.versions import readable
from worker.route.envelope import Labels
from worker.route.rules import RuledRouter
from worker.stages.stages import Destinations, Policy, Stages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.config import Settings

GC_THRESHOLDS: Final = (50_000, 20, 20)
"""What is loaded lives as long as the process, and what is computed with is let go without the collector."""


def router(settings: Settings) -> RuledRouter:
    """The router.

    Raises:
        UsageError: a file of it cannot be used.
    """
    route = settings.route
    return RuledRouter.load(route.model, route.rules, deep_threshold=route.deep_threshold)


def stages(
    settings: Settings, writes: int, partitions: Mapping[str, int], opened: RuledRouter | None = None
) -> Stages:
    """The stages.

    Args:
        settings: the worker's.
        writes: the version of the log that is written.
        partitions: of each output topic.
        opened: the router, where it has been opened already.
    """
    matcher = chosen(settings.dedup.model)
    routes = router(settings) if opened is None else opened
    return Stages(
        policy=Policy(
            limits=settings.normalize.limits(),
            threshold=settings.route.threshold,
            also_threshold=settings.route.also_threshold,
            mark_duplicates=settings.dedup.mode is Mode.MARK,
        ),
        destinations=Destinations(settings.topics.output_prefix, settings.topics.duplicates, partitions),
        router=routes,
        labels=Labels(matcher.name_of(writes), routes.model, routes.deep, routes.rules),
        matcher=None if settings.dedup.mode is Mode.OFF else readable(matcher.matcher)[writes],
    )
