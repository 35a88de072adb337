"""The stages by the settings: what a worker or its helper loads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.config.sections import Mode
from worker.deduplicate.match.own import chosen
from worker.deduplicate.versions import readable, to_write
from worker.route.envelope import Labels
from worker.route.rules import RuledRouter
from worker.stages.messages import Opened
from worker.stages.stages import Destinations, Policy, Stages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.config import Settings
    from worker.deduplicate.match.own import Chosen


def router(settings: Settings) -> RuledRouter:
    """The router.

    Raises:
        UsageError: a file of it cannot be used.
    """
    route = settings.route
    return RuledRouter.load(route.model, route.rules, deep_threshold=route.deep_threshold)


@dataclass(frozen=True)
class Loaded:
    """All that takes time: the models. What is left to know is how many partitions the topics have."""

    settings: Settings
    matcher: Chosen
    router: RuledRouter

    @classmethod
    def by(cls, settings: Settings) -> Loaded:
        """Load what the settings name.

        Raises:
            UsageError: a file cannot be used.
            SettingsError: this release does not write the version of the log that is named.
        """
        loaded = cls(settings, chosen(settings.dedup.model), router(settings))
        to_write(loaded.matcher.matcher, settings.dedup.write_version)
        return loaded

    @property
    def opened(self) -> Opened:
        """What was loaded, by name."""
        return Opened(self.router.model, self.router.rules, list(self.router.rule_names))

    def stages(self, partitions: Mapping[str, int]) -> Stages:
        """The stages, with the number of partitions of each output topic."""
        settings, routes = self.settings, self.router
        writes = to_write(self.matcher.matcher, settings.dedup.write_version)
        return Stages(
            policy=Policy(
                limits=settings.normalize.limits(),
                threshold=settings.route.threshold,
                also_threshold=settings.route.also_threshold,
                mark_duplicates=settings.dedup.mode is Mode.MARK,
            ),
            destinations=Destinations(settings.topics.output_prefix, settings.topics.duplicates, partitions),
            router=routes,
            labels=Labels(self.matcher.name_of(writes), routes.model, routes.deep, routes.rules),
            matcher=None if settings.dedup.mode is Mode.OFF else readable(self.matcher.matcher)[writes],
        )
