"""Why the rule decides on a pair as it does, in words for a person, and what the scorer saw."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from worker.deduplicate.match import model
from worker.deduplicate.match.align import overlap
from worker.deduplicate.match.compare import Judgement, compare
from worker.deduplicate.match.edits import edits
from worker.deduplicate.match.features import NAMES
from worker.deduplicate.match.judge import is_open, judge, values_of
from worker.deduplicate.match.tokens import read
from worker.events import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.evidence import Scores
    from worker.deduplicate.match.compare import Comparison
    from worker.deduplicate.match.tokens import Token

_MODEL: Final = model.load()

UNIT: Final = 10_000
"""Sums of leaves are log-odds in this part."""


class Explanation(Struct, frozen=True):
    """Why a pair is judged as it is.

    `why` is a sentence. `alike` are words that stand for each other though they are written otherwise, `differs` what
    stands on one side against what stands on the other ("" for nothing); the earlier headline's come first. `features`
    are those that are not 0. `log_odds` is how sure the scorer of duplicates is, `needed` from where on it says so;
    both are None where no scorer was asked, or a difference ruled a duplicate out.
    """

    why: str
    alike: tuple[tuple[str, str], ...] = ()
    differs: tuple[tuple[str, str], ...] = ()
    features: dict[str, int] = {}
    log_odds: float | None = None
    needed: float | None = None


SAID: Final = {
    "exact": "the same words",
    "typo": "the same but for a mistyped word",
    "truncated": "one is the other, cut off",
    "spacing": "the same words, written together or apart",
    "language": "in two languages",
    "words": "in a language in which only the same words are the same news, and the words differ",
    "number": "another number",
    "negation": "one denies it",
    "opposite": "the opposite",
    "name": "another name",
    "hedge": "one says it may not be so",
    "scope": "another scope",
    "role": "somebody else with the name",
    "event": "one tells of an event more",
    "angle": "one asks, explains or shows",
    "source": "one says who says so",
    "exchange": "a word for another",
    "form": "another of the same form",
    "figure": "a number on one side",
    "actor": "each names somebody else",
    "swap": "other words in the same place",
    "clause": "a clause more",
    "plan": "planned, begun or done",
    "voice": "who did it, and to whom it was done",
    "order": "turned around",
    "detail": "more on one side than a detail",
}
"""What the reasons mean; a difference's comes behind "differs: "."""


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
    pair = compare(earlier, later)
    if isinstance(pair, Judgement):
        return _at_once(earlier, later, judgement)
    turned = later < earlier
    alike, differs = _alike(pair, turned=turned), _differs(pair, turned=turned)
    features = {name: value for name, value in zip(NAMES, pair.values, strict=True) if value}
    log_odds = needed = None
    if is_open(pair, deep=evidence is not None):
        trees = (scorer.cheap if evidence is None else scorer.deep).duplicate
        log_odds = trees.total(values_of(pair, evidence)) / UNIT
        needed = trees.threshold / UNIT
    return Explanation(_sentence(judgement, alike, differs), alike, differs, features, log_odds, needed)


def respelled(earlier: str, later: str) -> Explanation:
    """Explain why two headlines, as they came, have one match form: where they are written otherwise."""
    ours, theirs = earlier.split(), later.split()
    steps = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    alike = tuple(
        (" ".join(ours[a:b]), " ".join(theirs[c:d])) for step, a, b, c, d in steps if step != "equal"
    )
    if not alike:
        return Explanation(SAID["exact"])
    parts = [f"'{one}' = '{other}'" if one and other else f"'{one or other}'" for one, other in alike]
    return Explanation(f"the same but for {', '.join(parts)}", alike)


def _at_once(earlier: str, later: str, judgement: Judgement) -> Explanation:
    """Of a pair that no scorer sees."""
    if judgement.reason == "unrelated":
        share = overlap(read(earlier), read(later)) // 10
        return Explanation(f"little in common: {share}% of what their words weigh")
    ours, theirs = earlier.split(), later.split()
    changed: tuple[tuple[str, str], ...] = ()
    if judgement.reason == "typo":
        changed = tuple((one, other) for one, other in zip(ours, theirs, strict=True) if one != other)
    said = SAID[judgement.reason]
    if judgement.kind is Kind.ORIGINAL:
        said = f"differs: {said}"
    return Explanation(said + "".join(f" {_against(*each)}" for each in changed), changed)


def _alike(pair: Comparison, *, turned: bool) -> tuple[tuple[str, str], ...]:
    one, other = pair.one.tokens, pair.other.tokens
    found = [
        (one[at].text, other[place].text)
        for at, place in pair.found.pairs
        if one[at].text != other[place].text
    ]
    return tuple((b, a) if turned else (a, b) for a, b in found)


def _differs(pair: Comparison, *, turned: bool) -> tuple[tuple[str, str], ...]:
    found = [(_text(edit.ours), _text(edit.theirs)) for edit in edits(pair.one, pair.other, pair.found)]
    return tuple((b, a) if turned else (a, b) for a, b in found)


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _sentence(
    judgement: Judgement, alike: Sequence[tuple[str, str]], differs: Sequence[tuple[str, str]]
) -> str:
    if judgement.kind is Kind.DUPLICATE:
        parts = [f"'{one}' = '{other}'" for one, other in alike] + [_against(*each) for each in differs]
        said = f"the same but for {', '.join(parts)}" if parts else "the same in another order"
        return f"{said}, by the encoder" if judgement.reason == "deep" else said
    parts = [f"{one or '-'} / {other or '-'}" for one, other in differs]
    return f"differs: {SAID[judgement.reason]}" + (f" ({'; '.join(parts)})" if parts else "")


def _against(one: str, other: str) -> str:
    if one and other:
        return f"'{one}' / '{other}'"
    return f"'{one or other}', which only one has"
