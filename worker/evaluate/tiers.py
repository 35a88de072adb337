"""The tiers that are measured: what decides on pairs of headlines, and what routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from worker.deduplicate.match.own import chosen
from worker.deduplicate.match.rank import rank
from worker.errors import UsageError
from worker.events import Headline, Kind
from worker.normalize import normalize
from worker.route.rules import RuledRouter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from worker.config import Settings
    from worker.deduplicate.match.own import Chosen
    from worker.events import Route
    from worker.normalize import Limits

Pair = tuple[Headline, Headline]
"""The earlier headline and the later one."""

_LEAST: int = -(1 << 60)


class Decision(NamedTuple):
    """What a tier says of a pair, and how much speaks for a duplicate, whatever was decided.

    `score` is 0 to 1: of "duplicate" where that is the kind, else of "update". `rank` only orders.
    """

    kind: Kind
    score: float
    reason: str
    rank: int


class Tier(NamedTuple):
    """A way to decide, by name. Both functions answer in the order of what they are given."""

    name: str
    decide: Callable[[Sequence[Pair]], list[Decision]]
    route: Callable[[Sequence[Headline]], list[Route]]


def cheap(settings: Settings) -> Tier:
    """The matching rule, an editor's rules and the router, as they run for every headline."""
    router = RuledRouter.load(settings.route.model, settings.route.rules)
    matcher = chosen(settings.dedup.model)

    def route(headlines: Sequence[Headline]) -> list[Route]:
        return router.route(
            headlines, threshold=settings.route.threshold, also_threshold=settings.route.also_threshold
        )

    return Tier("cheap", lambda pairs: [_decided(*pair, matcher) for pair in pairs], route)


def tiers(settings: Settings) -> list[Tier]:
    """Those that these settings let decide, the cheapest first."""
    return [cheap(settings)]


def headline_of(text: str, limits: Limits, where: str) -> Headline:
    """A headline of a label file, by the very stage that the worker runs.

    Raises:
        UsageError: the worker would dead-letter it; names the place.
    """
    outcome = normalize(orjson.dumps({"id": where, "source": "evaluate", "headline": text}), limits)
    if isinstance(outcome, Headline):
        return outcome
    raise UsageError(f"{where}: the headline would be rejected: {outcome.message}")


def _decided(earlier: Headline, later: Headline, by: Chosen) -> Decision:
    if later.guard is not None:
        return Decision(Kind.ORIGINAL, 0.0, str(later.guard), _LEAST)
    judgement = by.matcher.judge(earlier.match, later.match)
    how_likely = rank(earlier.match, later.match, scorer=by.model)
    return Decision(judgement.kind, judgement.score, judgement.reason, how_likely)
