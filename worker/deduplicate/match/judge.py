"""The rule on a pair: whether the later headline says the same as the earlier, brings a new fact, or is another."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from worker.deduplicate.match import foreign, model
from worker.deduplicate.match.compare import ASKED_OVERLAP, OVERLAP, Comparison, Judgement, compare
from worker.deduplicate.match.differences import REASONS as DIFFERENCES
from worker.deduplicate.match.features import NAMES
from worker.events import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from worker.deduplicate.evidence import Scores

RULE: Final = 2
RULE_NAME: Final = "dedup-2"

REASONS: Final = frozenset(
    {"exact", "typo", "truncated", "spacing", "reworded", "deep", "detail", "unrelated"}
    | {*foreign.DIFFERENCES, *DIFFERENCES}
)
"""Every reason that a judgement can give."""

RULED_OUT: Final = frozenset(
    {
        "number", "negation", "opposite", "name", "hedge", "scope", "role", "source", "exchange", "form", "plan",
        "voice", "order", "event", "angle", "figure", "actor", "clause",
    }
)  # fmt: skip
"""Differences that rule a duplicate out as long as the encoder was not asked."""

CERTAIN: Final = frozenset({"number", "negation", "opposite", "hedge"})
"""Those that no model outweighs."""

CERTAIN_IF_SLIGHT: Final = RULED_OUT - {"form", "figure"}
"""Those that the encoder's word does not outweigh where little else differs (`_is_slight`)."""

TOLD: Final = frozenset({"source", "exchange"})
EXCHANGED: Final = frozenset({"exchange", "name"})
SLIGHT_WORDS: Final = 1
SLIGHT_WORDS_TOLD: Final = 2
SLIGHT_COVER: Final = 850
SLIGHT_COVER_OF_ONE: Final = 750
"""Little differs in a pair where neither side has more content words left over than `SLIGHT_WORDS` (`SLIGHT_WORDS_TOLD`
for a difference that takes two: a speaker and his verb, a word exchanged beside a further one), or that has
`SLIGHT_COVER` thousandths of its weight in common; where only one side has any left over, or words took the place of
others (`EXCHANGED`), `SLIGHT_COVER_OF_ONE` will do. There a difference is what it looks like. Where both are worded
otherwise, most of what the rules take for one is a wording (measured on labelled pairs: README.md), and the encoder is
the better judge."""

REVERSED: Final = 650
"""Thousandths of the weight that must be common for a reversal ("mixed", "rally") to be an update without a score."""

_MODEL: Final = model.load()
_COVER, _MORE, _LESS = (NAMES.index(name) for name in ("cover", "count_more", "count_less"))


def judge(
    earlier: str, later: str, evidence: Scores | None = None, *, scorer: model.Model = _MODEL
) -> Judgement:
    """Judge two match forms. A pure function, and symmetric; ORIGINAL says that the two are different news.

    Args:
        earlier: one,
        later: and the other.
        evidence: what the encoder said of the two, where it was asked.
        scorer: what decides where no difference does.
    """
    pair = compare(earlier, later, OVERLAP if evidence is None else ASKED_OVERLAP)
    return pair if isinstance(pair, Judgement) else _decide(pair, evidence, scorer)


def _decide(pair: Comparison, evidence: Scores | None, scorer: model.Model) -> Judgement:
    scorers = scorer.cheap if evidence is None else scorer.deep
    reasons = pair.reasons
    values = values_of(pair, evidence)
    if is_open(pair, deep=evidence is not None):
        total = scorers.duplicate.total(values)
        if total >= scorers.duplicate.threshold:
            return Judgement(
                Kind.DUPLICATE,
                scorers.duplicate.score(total),
                "reworded" if evidence is None else "deep",
            )
    total = scorers.update.total(values)
    reversal = "opposite" in reasons and "name" not in reasons and values[0] >= REVERSED
    kind = Kind.UPDATE if reversal or total >= scorers.update.threshold else Kind.ORIGINAL
    return Judgement(kind, scorers.update.score(total), reasons[0] if reasons else "detail")


def values_of(pair: Comparison, evidence: Scores | None) -> tuple[int, ...]:
    """What a scorer sees: the features, the differences as 0 and 1, and what the encoder said."""
    differs = _differing(pair.reasons)
    return (*pair.values, *differs) if evidence is None else (*pair.values, *differs, *evidence)


@lru_cache(maxsize=4096)
def _differing(reasons: tuple[str, ...]) -> tuple[int, ...]:
    """The differences as 0 and 1; real headlines have some hundred sets of them."""
    return tuple(int(reason in reasons) for reason in DIFFERENCES)


def is_open(pair: Comparison, *, deep: bool) -> bool:
    """Whether no difference rules a duplicate out."""
    return is_free(pair.values, pair.reasons, deep=deep)


def is_free(values: Sequence[int], reasons: Collection[str], *, deep: bool) -> bool:
    """The same of the features and differences of a pair; `deep`: the encoder was asked."""
    if RULED_OUT.isdisjoint(reasons):
        return True
    if not deep or not CERTAIN.isdisjoint(reasons):
        return False
    return CERTAIN_IF_SLIGHT.isdisjoint(reasons) or not _is_slight(values, reasons)


def _is_slight(values: Sequence[int], reasons: Collection[str]) -> bool:
    """Whether little differs in a pair."""
    if values[_MORE] <= (SLIGHT_WORDS if TOLD.isdisjoint(reasons) else SLIGHT_WORDS_TOLD):
        return True
    of_one = not values[_LESS] or not EXCHANGED.isdisjoint(reasons)
    return values[_COVER] >= (SLIGHT_COVER_OF_ONE if of_one else SLIGHT_COVER)


def doubtful(earlier: str, later: str) -> bool:
    """Whether what the encoder says of a pair could change the verdict: it takes a scorer, whatever that says alone."""
    return not isinstance(compare(earlier, later, ASKED_OVERLAP), Judgement)
