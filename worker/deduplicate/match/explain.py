"""Why the rule decides on a pair as it does, in words for a person, and what weighed most with the scorer."""

from __future__ import annotations

from difflib import SequenceMatcher
from math import exp
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from worker.deduplicate.match import model
from worker.deduplicate.match.align import overlap
from worker.deduplicate.match.apart import changed, turned_around
from worker.deduplicate.match.compare import ASKED_OVERLAP, OVERLAP, Judgement, compare
from worker.deduplicate.match.contributions import contributions
from worker.deduplicate.match.edits import edits
from worker.deduplicate.match.judge import is_open, judge, values_of
from worker.deduplicate.match.said import CLOSED, MEANING, MENTION, SAID, SEEN
from worker.deduplicate.match.tokens import CLOSED_SETS, read
from worker.events import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.evidence import Scores
    from worker.deduplicate.match.compare import Comparison
    from worker.deduplicate.match.edits import Edit
    from worker.deduplicate.match.tokens import Token

_MODEL: Final = model.load()

UNIT: Final = 10_000
"""Sums of leaves are log-odds in this part."""

EIGHTHS: Final = 8
"""The encoder's log-odds are in these."""

MOST_FEATURES: Final = 4
"""Features shown that spoke for it at most, and as many that spoke against it."""


class Feature(Struct, frozen=True):
    """What a scorer saw of a pair: its `name`, what it `means`, its `value`, and the `log_odds` that it added."""

    name: str
    means: str
    value: int
    log_odds: float


class Explanation(Struct, frozen=True):
    """Why a pair is judged as it is.

    `why` is a sentence. `alike` are words that stand for each other though they are written otherwise, `differs` what
    stands on one side against what stands on the other ("" for nothing); the earlier headline's come first. `log_odds`
    is how sure the scorer of duplicates is, `needed` from where on it says so; both are None where no scorer was asked,
    or a difference ruled a duplicate out. `features` are those that weighed most with a scorer, in either direction,
    the heaviest first: with that of duplicates where it was asked, else with that of updates, as `scorer` says.
    `encoder` is how likely the encoder, where it was asked, holds the two for a duplicate and for one story.
    """

    why: str
    alike: tuple[tuple[str, str], ...] = ()
    differs: tuple[tuple[str, str], ...] = ()
    log_odds: float | None = None
    needed: float | None = None
    scorer: str | None = None
    features: tuple[Feature, ...] = ()
    encoder: dict[str, float] | None = None


def explain(
    earlier: str, later: str, evidence: Scores | None = None, *, scorer: model.Model = _MODEL
) -> Explanation:
    """Explain what `judge` says of two match forms.

    Args:
        earlier: one,
        later: and the other.
        evidence: what the encoder said of the two, where it was asked.
        scorer: the model that decides, by default the release's.
    """
    judgement = judge(earlier, later, evidence, scorer=scorer)
    pair = compare(earlier, later, OVERLAP if evidence is None else ASKED_OVERLAP)
    if isinstance(pair, Judgement):
        return _at_once(earlier, later, judgement)
    turned = later < earlier
    alike, differs = _alike(pair, turned=turned), _differs(pair, turned=turned)
    scorers = scorer.cheap if evidence is None else scorer.deep
    values = values_of(pair, evidence)
    log_odds = needed = None
    asked, trees = "update", scorers.update
    if is_open(pair, deep=evidence is not None):
        asked, trees = "duplicate", scorers.duplicate
        log_odds = trees.total(values) / UNIT
        needed = trees.threshold / UNIT
    encoder = evidence and {
        "duplicate": _probability(evidence.same),
        "same_story": _probability(evidence.story),
    }
    why = _sentence(judgement, pair, alike, differs) + (_of_encoder(encoder) if encoder else "")
    return Explanation(why, alike, differs, log_odds, needed, asked, _weighed(trees, values), encoder)


def respelled(earlier: str, later: str, repairs: Sequence[str] = ()) -> Explanation:
    """Explain why two headlines have one match form: where they are written otherwise.

    Args:
        earlier: one as it would be published,
        later: and the other.
        repairs: what had to be repaired for that in either.
    """
    ours, theirs = earlier.split(), later.split()
    steps = SequenceMatcher(
        None, [word.casefold() for word in ours], [word.casefold() for word in theirs], autojunk=False
    ).get_opcodes()
    alike = tuple(
        (" ".join(ours[a:b]), " ".join(theirs[c:d])) for step, a, b, c, d in steps if step != "equal"
    )
    parts = [f"'{one}' = '{other}'" if one and other else f"'{one or other}'" for one, other in alike]
    if not parts and ours != theirs:
        parts = ["capital letters"]
    said = f"the same but for {', '.join(parts)}" if parts else SAID["exact"]
    return Explanation(f"{said}, once repaired: {', '.join(repairs)}" if repairs else said, alike)


def _at_once(earlier: str, later: str, judgement: Judgement) -> Explanation:
    """Of a pair that no scorer sees."""
    a, b = read(earlier), read(later)
    if judgement.reason == "unrelated":
        return Explanation(f"little in common: {overlap(a, b) // 10}% of what their words weigh")
    said = SAID[judgement.reason]
    if judgement.kind is Kind.ORIGINAL:
        in_two = judgement.reason == "language"
        differs = ((a.spoken.language, b.spoken.language),) if in_two else changed(a.words, b.words)
        return Explanation(f"differs: {said}{_bracketed(differs)}", differs=differs)
    respelt = () if judgement.reason == "truncated" else changed(a.words, b.words)
    if judgement.reason == "typo":
        return Explanation(said + "".join(f" {_against(*each)}" for each in respelt), respelt)
    return Explanation(said + _bracketed(respelt), respelt)


def _weighed(trees: model.Trees, values: Sequence[int]) -> tuple[Feature, ...]:
    """What weighed most with a scorer, in either direction."""
    added = contributions(trees, values)
    heaviest = sorted(added, key=lambda feature: (-abs(added[feature]), feature))
    spoke_for = [feature for feature in heaviest if added[feature] > 0][:MOST_FEATURES]
    against = [feature for feature in heaviest if added[feature] < 0][:MOST_FEATURES]
    return tuple(
        Feature(SEEN[feature], MEANING[feature], int(values[feature]), added[feature] / UNIT)
        for feature in heaviest
        if feature in spoke_for or feature in against
    )


def _probability(eighths: int) -> float:
    return round(1 / (1 + exp(-eighths / EIGHTHS)), 2)


def _of_encoder(encoder: dict[str, float]) -> str:
    shares = {name.replace("_", " "): f"{share:.2f}".removeprefix("0") for name, share in encoder.items()}
    return "; encoder: " + ", ".join(f"{name} {share}" for name, share in shares.items())


def _alike(pair: Comparison, *, turned: bool) -> tuple[tuple[str, str], ...]:
    one, other = pair.one.tokens, pair.other.tokens
    found = [
        (one[at].text, other[place].text)
        for at, place in pair.found.pairs
        if one[at].text != other[place].text
    ]
    return tuple((b, a) if turned else (a, b) for a, b in found)


def _differs(pair: Comparison, *, turned: bool) -> tuple[tuple[str, str], ...]:
    found = [(_text(edit.ours), _text(edit.theirs)) for edit in _edits(pair)]
    if "order" in pair.reasons or not found:
        moved = turned_around(pair)
        found = [moved, *found] if moved else found
    return tuple((b, a) if turned else (a, b) for a, b in found)


def _edits(pair: Comparison) -> list[Edit]:
    return edits(pair.one, pair.other, pair.found)


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _sentence(
    judgement: Judgement,
    pair: Comparison,
    alike: Sequence[tuple[str, str]],
    differs: Sequence[tuple[str, str]],
) -> str:
    if judgement.kind is Kind.DUPLICATE:
        parts = [f"'{one}' = '{other}'" for one, other in alike]
        in_order = bool(pair.found.left_a or pair.found.left_b or alike)
        if in_order:
            said = f"the same but for {', '.join(parts + [_against(*each) for each in differs])}"
        else:
            said = f"the same in another order{_bracketed(differs)}"
        return f"{said}, by the encoder" if judgement.reason == "deep" else said
    reasons = [
        _said(reason, pair) for at, reason in enumerate(pair.reasons) if not at or reason not in _PLAIN
    ]
    return f"differs: {'; '.join(reasons or [SAID[judgement.reason]])}{_bracketed(differs)}"


_PLAIN: Final = frozenset({"exchange", "actor", "swap"})
"""Differences that say no more than the words themselves where another one is named."""


def _said(reason: str, pair: Comparison) -> str:
    """The words for a difference, told apart where the class serves several ends."""
    if reason != "name":
        return SAID[reason]
    ours, theirs = (
        frozenset().union(*(CLOSED_SETS.get(reading.keys[at], frozenset()) for at in places))
        for reading, places in ((pair.one, pair.found.left_a), (pair.other, pair.found.left_b))
    )
    if ours & theirs:
        return CLOSED
    return SAID[reason] if "actor" in pair.reasons or not ours ^ theirs else MENTION


def _bracketed(differs: Sequence[tuple[str, str]]) -> str:
    parts = [f"{one or '-'} / {other or '-'}" for one, other in differs]
    return f" ({'; '.join(parts)})" if parts else ""


def _against(one: str, other: str) -> str:
    if one and other:
        return f"'{one}' / '{other}'"
    return f"'{one or other}', which only one has"
