"""The tiers that are measured: what decides on pairs of headlines, and what routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from worker.config import DeepMode
from worker.deduplicate.match.own import chosen
from worker.deduplicate.match.rank import rank
from worker.errors import UsageError
from worker.events import Headline, Kind
from worker.normalize import normalize
from worker.route.rules import RuledRouter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from worker.config import Settings
    from worker.deduplicate.evidence import Scores
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


def tiers(settings: Settings) -> list[Tier]:
    """Those that these settings let decide, the cheapest first.

    Raises:
        SettingsError: what the deep tier needs is not installed.
        UsageError: a file of a model or of rules cannot be read or used.
    """
    first = _Cheap(settings)
    found = [Tier("cheap", first.decide, first.route)]
    if settings.deep.mode is DeepMode.ON:
        second = _Deep(settings, first)
        found.append(Tier("deep", second.decide, second.route))
    return found


class _Cheap:
    """The matching rule, an editor's rules and the router, as they run for every headline."""

    def __init__(self, settings: Settings) -> None:
        self.matcher = chosen(settings.dedup.model)
        self._router = RuledRouter.load(
            settings.route.model, settings.route.rules, deep_threshold=settings.route.deep_threshold
        )
        self._threshold = settings.route.threshold
        self._also_threshold = settings.route.also_threshold

    def decide(self, pairs: Sequence[Pair]) -> list[Decision]:
        return [_decided(*pair, self.matcher) for pair in pairs]

    def route(
        self, headlines: Sequence[Headline], evidence: Mapping[int, bytes] | None = None
    ) -> list[Route]:
        return self._router.route(
            headlines, threshold=self._threshold, also_threshold=self._also_threshold, evidence=evidence
        )


class _Deep:
    """The same with the word of the encoder on all that a worker asks it about when it has the time."""

    def __init__(self, settings: Settings, cheap: _Cheap) -> None:
        from worker.deep.opening import load_encoder
        from worker.deep.scorer import Scorer

        self._cheap = cheap
        self._topics_below = settings.deep.topics_below
        self._scorer = Scorer(load_encoder(settings))

    def decide(self, pairs: Sequence[Pair]) -> list[Decision]:
        from worker.deep.questions import Answers, PairQuestion, Questions, is_readable

        doubtful = self._cheap.matcher.matcher.doubtful
        asked = [
            at
            for at, (earlier, later) in enumerate(pairs)
            if later.guard is None and is_readable(later.language) and doubtful(earlier.match, later.match)
        ]
        questions = [PairQuestion(b"", pairs[at][0].match, pairs[at][1].match, rank=0) for at in asked]
        answers = Answers(Questions(questions, []))
        self._scorer.answer(answers)
        said = dict(zip(asked, answers.pairs, strict=True))
        return [_decided(*pair, self._cheap.matcher, said.get(at)) for at, pair in enumerate(pairs)]

    def route(self, headlines: Sequence[Headline]) -> list[Route]:
        from worker.deep.questions import Answers, Questions, TopicsQuestion, is_readable

        cheap = self._cheap.route(headlines)
        asked = [
            at
            for at, (headline, route) in enumerate(zip(headlines, cheap, strict=True))
            if is_readable(headline.language) and route.confidence < self._topics_below
        ]
        questions = [TopicsQuestion(b"", headlines[at].match, cheap[at].confidence) for at in asked]
        answers = Answers(Questions([], questions))
        self._scorer.answer(answers)
        said = {at: shares for at, shares in zip(asked, answers.topics, strict=True) if shares is not None}
        return self._cheap.route(headlines, said)


def headline_of(text: str, limits: Limits, where: str) -> Headline:
    """A headline of a label file, by the very stage that the worker runs.

    Raises:
        UsageError: the worker would dead-letter it; names the place.
    """
    outcome = normalize(orjson.dumps({"id": where, "source": "evaluate", "headline": text}), limits)
    if isinstance(outcome, Headline):
        return outcome
    raise UsageError(f"{where}: the headline would be rejected: {outcome.message}")


def _decided(earlier: Headline, later: Headline, by: Chosen, evidence: Scores | None = None) -> Decision:
    if later.guard is not None:
        return Decision(Kind.ORIGINAL, 0.0, str(later.guard), _LEAST)
    judgement = by.matcher.judge(earlier.match, later.match, evidence)
    how_likely = rank(earlier.match, later.match, evidence, scorer=by.model)
    return Decision(judgement.kind, judgement.score, judgement.reason, how_likely)
