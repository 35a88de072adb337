"""The router that asks an editor's rules before the model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from worker.events import Further, Headline, Route
from worker.mediatopics import CODES, UNSORTED
from worker.normalize.match import language_of
from worker.route.router import DEEP_THRESHOLD, WEIGHTS, Router
from worker.route.rules.reading import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.route.counts import Words
    from worker.route.rules.rules import Rule, Rules
    from worker.tokens import Tokens

CERTAIN: Final = 1.0
"""The confidence of what an editor has decided: it is the probability that an editor accepts the topic."""


class RuledRouter:
    """Routes headlines by the first of the rules that fits, and by the model where none does."""

    def __init__(self, router: Router, rules: Rules | None = None) -> None:
        self.without_rules: Final = router
        """The router that is asked where no rule fits."""
        self._rules = rules
        self._ruled = {rule.name: _route_of(rule) for rule in rules or () if rule.topic != UNSORTED}

    @classmethod
    def load(
        cls,
        model: str | None = None,
        rules: str | None = None,
        *,
        deep_threshold: float = DEEP_THRESHOLD,
    ) -> RuledRouter:
        """A router by files: a model (None: the package's) and an editor's rules (None: there are none).

        The threshold is that for headlines with evidence of their topics, as of `Router.load`.

        Raises:
            UsageError: a file cannot be read or used.
        """
        router = Router.load(Path(model) if model else WEIGHTS, deep_threshold=deep_threshold)
        return cls(router, load(Path(rules)) if rules else None)

    @property
    def model(self) -> str:
        """Name and version of the model."""
        return self.without_rules.version

    @property
    def deep(self) -> str:
        """Name and version of the model whose word `evidence` is."""
        return self.without_rules.deep_version

    @property
    def words(self) -> Words:
        """How many words the model has met so far, and how many of them it does not know."""
        return self.without_rules.words

    @property
    def rules(self) -> str | None:
        """Version of the rules, where there are any."""
        return self._rules.version if self._rules is not None else None

    @property
    def rule_names(self) -> tuple[str, ...]:
        """The names of the rules, in the order of the file."""
        return tuple(rule.name for rule in self._rules or ())

    def route(
        self,
        headlines: Sequence[Headline],
        tokens: Tokens | None = None,
        *,
        threshold: float,
        also_threshold: float,
        evidence: Mapping[int, bytes] | None = None,
    ) -> list[Route]:
        """A route for each headline, in order.

        A rule goes before everything, whatever the language. A rule for `unsorted` only keeps the headline off the
        topics: the most likely one, with its confidence, is what it would be without the rule. The thresholds and the
        evidence are for what no rule gives a topic, and the model is told which headlines are foreign; see
        `Router.route`. `tokens` are the headlines' words, where they have been read already.
        """
        rules = self._rules
        if rules is None:
            return self._by_model(headlines, tokens, threshold, also_threshold, evidence)
        chosen = [rules.decide(headline.match, headline.source, headline.language) for headline in headlines]
        asked = [place for place, rule in enumerate(chosen) if rule is None or rule.topic == UNSORTED]
        said = evidence and {at: evidence[place] for at, place in enumerate(asked) if place in evidence}
        left = tokens and tokens.select(asked)
        asked_of = [headlines[place] for place in asked]
        routes = iter(self._by_model(asked_of, left, threshold, also_threshold, said))
        return [self._chosen(rule) or _kept_off(next(routes), rule) for rule in chosen]

    def _by_model(
        self,
        headlines: Sequence[Headline],
        tokens: Tokens | None,
        threshold: float,
        also_threshold: float,
        evidence: Mapping[int, bytes] | None,
    ) -> list[Route]:
        return self.without_rules.route(
            tokens or [language_of(headline.match)[1] for headline in headlines],
            threshold=threshold,
            also_threshold=also_threshold,
            evidence=evidence,
            foreign=[headline.foreign for headline in headlines],
        )

    def _chosen(self, rule: Rule | None) -> Route | None:
        return self._ruled.get(rule.name) if rule is not None else None


def _route_of(rule: Rule) -> Route:
    also = tuple(Further(slug, CODES[slug], CERTAIN) for slug in rule.also)
    return Route(rule.topic, rule.topic, CODES[rule.topic], CERTAIN, also, rule.name)


def _kept_off(route: Route, rule: Rule | None) -> Route:
    if rule is None:
        return route
    return Route(UNSORTED, route.best, route.code, route.confidence, (), rule.name)
