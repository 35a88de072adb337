"""Trains the scorers on labelled pairs and reports how they do on stories they have not seen.

Run as `python -m worker.deduplicate.match.train --pairs FILE --texts FILE...` with scikit-learn and lightgbm installed;
neither is needed to run newswire. FILE is a TSV with a header and the columns label (duplicate, same_story, different),
headline_a, headline_b. Writes `model.json` beside this module: numbers only, never a text.

`labels.tsv.gz` beside it adds what was read and scored of further headlines, by hashes of their texts
(`worker.deduplicate.match.hashed`): who has the texts can repeat the training.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import lightgbm
import msgspec
import numpy as np
from sklearn.isotonic import IsotonicRegression

from worker import labels
from worker.deduplicate.match.align import align, overlap
from worker.deduplicate.match.compare import ASKED_OVERLAP, OVERLAP
from worker.deduplicate.match.differences import REASONS, differences
from worker.deduplicate.match.exchange import exchanged
from worker.deduplicate.match.features import NAMES, features
from worker.deduplicate.match.folds import folds
from worker.deduplicate.match.hashed import Hashed, read_hashed
from worker.deduplicate.match.judge import is_free
from worker.deduplicate.match.left import sides
from worker.deduplicate.match.model import LEAF, PATH, Model, Scorers, Trees, load
from worker.deduplicate.match.tokens import read
from worker.deduplicate.match.truncated import is_truncated
from worker.errors import UsageError
from worker.labels import Relation
from worker.normalize import clean, match_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from worker.deduplicate.match.model import Tree

FOLDS = 10
PRECISION = 0.955
"""Of what is called a duplicate, cross-validated; of updates: UPDATE_PRECISION; with the encoder's scores: DEEP_..."""
UPDATE_PRECISION = 0.6
DEEP_PRECISION = 0.955
DEEP_UPDATE_PRECISION = 0.8
SAME_STORY = 0.03
"""Of the pairs of the same story, at most this share may be called duplicates, cross-validated."""
FEWEST = 200
"""Labels below which ten folds of them say nothing."""
FEWEST_OPEN = 20
"""Of the pairs that the scorer decides on, duplicates and others each."""
TREES = 150
UPDATE_TREES = 120
DEEP_TREES = 100
DEEP_BAGS = 3
"""Of the scorer of duplicates with the encoder's scores: the mean of so many sets of so many trees, so that its top
depends less on the lot. A pair that was asked about has cost milliseconds before."""
LEARNED = 12
"""The rate of learning, times the trees."""
UNIT = 10_000
"""Leaves are whole numbers of this part of the log-odds."""
SOFT_WEIGHT = 0.3
"""What a pair that nobody has labelled counts for, whose label is the encoder's probability."""
RISES = frozenset({"cover", "contained", "trigrams"})
"""The more there is of these, and of the encoder's word for it, the surer is a duplicate."""
FALLS = frozenset({"left_less", "unpaired_less", "heaviest_less", *REASONS})
"""The more there is of these, the less sure."""
NATURAL = 1_000
"""So many of the first pairs of the package's label file are drawn as they come; the others for what is hard."""


class Pair(NamedTuple):
    """Two match forms with their label, "" where nobody has read them, and what the encoder said, if it was asked.

    `same` and `story` are log-odds in eighths.
    """

    label: str
    earlier: str
    later: str
    same: int | None = None
    story: int | None = None
    further: bool = False
    """Not of the label file: only learned from."""


@dataclass(frozen=True)
class Labelled:
    """The pairs: features with the differences as 0 and 1 behind them, labels, what is ruled on without a score.

    `exact` are duplicates without a score, `close` overlap enough to be looked at, `open` and `certain` are those that
    no difference rules out, without and with the encoder's scores, and `asked` those close enough to ask it about.
    `scores` are what it said, `scored` where that is known.
    Thresholds and figures leave aside what is `further`: it was drawn for what is hard.
    """

    values: NDArray[np.int64]
    scores: NDArray[np.int64]
    scored: NDArray[np.bool_]
    label: NDArray[np.str_]
    exact: NDArray[np.bool_]
    open: NDArray[np.bool_]
    certain: NDArray[np.bool_]
    close: NDArray[np.bool_]
    asked: NDArray[np.bool_]
    fold: NDArray[np.int64]
    further: NDArray[np.bool_]
    mix: dict[str, float]
    """What a pair of each label counts for in thresholds and figures, so that they are those of a natural mix."""

    @property
    def counts(self) -> NDArray[np.float64]:
        """What each pair counts for."""
        return np.array([self.mix.get(label, 0.0) for label in self.label.tolist()])

    @property
    def read(self) -> NDArray[np.bool_]:
        """Pairs that somebody has labelled."""
        result: NDArray[np.bool_] = self.label != ""
        return result

    @property
    def with_scores(self) -> NDArray[np.int64]:
        """The features, and the encoder's scores behind them."""
        return np.column_stack([self.values, self.scores])


@dataclass(frozen=True)
class Trained:
    """A model, and what models that had not seen a pair's stories make of it; a column each, in the order of the pairs.

    `ranks` order the pairs by how much speaks for a duplicate. The thresholds were chosen on these very pairs.
    """

    model: Model
    labels: NDArray[np.str_]
    duplicates: NDArray[np.bool_]
    updates: NDArray[np.bool_]
    ranks: NDArray[np.int64]
    scores: NDArray[np.int64]
    """In thousandths: of "duplicate" where that was said, else of "update"."""


_EVIDENCE = ("same", "story")
"""What stands behind the features where the encoder was asked."""

_CERTAIN = 10**9
"""Above and below all sums of leaves."""


@click.command()
@click.option("--pairs", "path", required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--texts",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Files with the headlines that labels.tsv.gz knows by their hashes, a line or a column each.",
)
@click.option("--precision", default=PRECISION, show_default=True, help="Of duplicates, cross-validated.")
@click.option("--update-precision", default=UPDATE_PRECISION, show_default=True, help="Of updates.")
@click.option(
    "--deep-precision", default=DEEP_PRECISION, show_default=True, help="With the encoder's scores."
)
@click.option("--deep-update-precision", default=DEEP_UPDATE_PRECISION, show_default=True, help="Likewise.")
@click.option(
    "--same-story", default=SAME_STORY, show_default=True, help="Of it called a duplicate, at most."
)
@click.option("--deep-same-story", default=SAME_STORY, show_default=True, help="Likewise.")
@click.option(
    "--natural", default=NATURAL, show_default=True, help="So many of the first PAIRS are a natural mix."
)
def main(
    path: Path,
    texts: tuple[Path, ...],
    precision: float,
    update_precision: float,
    deep_precision: float,
    deep_update_precision: float,
    same_story: float,
    deep_same_story: float,
    natural: int,
) -> None:
    """Train on PAIRS, choose the thresholds by cross-validation, write the model and print the figures."""
    data = measured(pairs_of(path, read_hashed(texts)), natural)
    cheap = _scorers(data, precision, update_precision, same_story, deep=False)
    deep = _scorers(data, deep_precision, deep_update_precision, deep_same_story, deep=True)
    for name, found in (("cheap", cheap), ("deep", deep)):
        click.echo(f"{name}:")
        _report("duplicate", found.duplicates, data.label == "duplicate", data.counts * found.read)
        _report("update", found.updates, data.label == "same_story", data.counts * found.read)
        suppressed = (found.duplicates & found.read)[(data.label == "same_story") & found.read].mean()
        click.echo(f"same story, called a duplicate: {suppressed:.3f}")
    PATH.write_bytes(msgspec.json.encode(Model(cheap.scorers, deep.scorers)) + b"\n")
    click.echo(f"wrote {PATH}")


def trained(path: Path, precision: float = PRECISION, update_precision: float = UPDATE_PRECISION) -> Trained:
    """Train on a file of pairs, with thresholds of these precisions, cross-validated.

    The scorers of pairs that the encoder has scored stay those of the release.

    Raises:
        UsageError: the file is no file of pairs, or no threshold reaches a precision.
    """
    data = measured(pairs_of(path, Hashed({})))
    for relation in Relation:
        if relation not in data.label:
            raise UsageError(
                f"{path}: no pair in it is labelled {relation}; the matcher is trained on all three labels"
            )
    if len(data.label) < FEWEST:
        raise UsageError(
            f"{path}: {len(data.label)} pairs; {FEWEST} are the least that a matcher can be trained on"
        )
    same = data.label == "duplicate"
    alike, apart = np.sum(data.open & same), np.sum(data.open & ~same)
    if min(alike, apart) < FEWEST_OPEN:
        raise UsageError(
            f"{path}: {alike} duplicates and {apart} others are alike enough, and without a difference that rules a"
            f" duplicate out; {FEWEST_OPEN} of both are the least: label more such pairs"
        )
    found = _scorers(data, precision, update_precision, same_story=1, deep=False)
    return Trained(
        Model(found.scorers, load().deep),
        data.label,
        found.duplicates,
        found.updates,
        found.ranks,
        found.scores,
    )


class _Found(NamedTuple):
    """Two scorers, and what such that had not seen a pair's stories make of each pair."""

    scorers: Scorers
    read: NDArray[np.bool_]
    duplicates: NDArray[np.bool_]
    updates: NDArray[np.bool_]
    ranks: NDArray[np.int64]
    scores: NDArray[np.int64]


def _scorers(
    data: Labelled, precision: float, update_precision: float, same_story: float, *, deep: bool
) -> _Found:
    """Both scorers of a tier; a pair that nobody has labelled teaches the cheap one what the encoder thinks of it.

    They learn from pairs that a difference rules out too: what else is alike in such a pair says as much.
    """
    values = data.with_scores if deep else data.values
    near = data.asked if deep else data.close
    read = data.read & ~data.further & (data.scored if deep else True)
    free = (data.certain if deep else data.open) & ~data.exact
    same, story = data.label == "duplicate", data.label == "same_story"
    chance = 1 / (1 + np.exp(-data.scores[:, 0] / 8))
    target = np.where(data.read, same, chance)
    weight = np.where(data.read, 1.0, SOFT_WEIGHT)
    learn = ~data.exact & (data.scored & data.read if deep else near & (data.read | data.scored))
    trees, bags = (DEEP_TREES, DEEP_BAGS) if deep else (TREES, 1)
    fit = partial(_fit, signs=_signs(values.shape[1]), trees=trees, bags=bags)
    sums = _cross_validate(values, target, weight, data.fold, learn, fit)
    ranks = np.where(data.exact, _CERTAIN, np.where(free, sums, sums - _CERTAIN))
    decided = np.where(data.exact | free, ranks, -_CERTAIN)[read]
    threshold = max(
        _threshold(decided, same[read], data.counts[read], precision),
        _least_suppressing(decided, story[read], same_story),
    )
    duplicates = (data.exact | free) & (ranks >= threshold)
    duplicate = _export(
        fit(values[learn], target[learn], weight[learn]),
        threshold,
        *_calibrate(sums[free & read], same[free & read]),
    )
    rest = near & ~duplicates & data.read & (data.scored if deep else True)
    sums_of_story = _cross_validate(values, story.astype(float), np.ones(len(story)), data.fold, rest, _fit)
    threshold_of_story = _threshold(
        np.where(rest, sums_of_story, -_CERTAIN)[read], story[read], data.counts[read], update_precision
    )
    updates = rest & (sums_of_story >= threshold_of_story)
    update = _export(
        _fit(values[rest], story[rest].astype(float), np.ones(int(rest.sum()))),
        threshold_of_story,
        *_calibrate(sums_of_story[rest], story[rest]),
    )
    scores = [
        1000 * (duplicate.score(same_sum) if is_duplicate else update.score(story_sum))
        for is_duplicate, same_sum, story_sum in zip(duplicates, sums, sums_of_story, strict=True)
    ]
    return _Found(
        Scorers(duplicate, update), read, duplicates, updates, ranks, np.rint(scores).astype(np.int64)
    )


def pairs_of(path: Path, hashed: Hashed) -> list[Pair]:
    """The pairs of a label file, and those that are known by the hashes of their texts.

    A pair that two readers did not agree on is left out; where a second reader's label stands, it is taken.

    Raises:
        UsageError: the file is no file of pairs.
    """
    pairs = []
    for row in labels.read_pairs(path):
        known = hashed.pop(row.earlier, row.later)
        if known is None:
            pairs.append(Pair(str(row.relation), _form(row.earlier), _form(row.later)))
        elif known.label != "disputed":
            label = known.label or str(row.relation)
            pairs.append(Pair(label, _form(row.earlier), _form(row.later), known.same, known.story))
    for known, earlier, later in hashed.rest():
        pairs.append(Pair(known.label, _form(earlier), _form(later), known.same, known.story, further=True))
    return pairs


def measured(pairs: list[Pair], natural: int | None = None) -> Labelled:
    """What the scorers see of pairs, with all pairs that share a headline in one fold.

    The first `natural` of them are drawn as they come: thresholds and figures are for labels in their proportions.
    """
    values, scores, exact, is_open, certain, common = [], [], [], [], [], []
    for pair in pairs:
        one, two = map(read, sorted((pair.earlier, pair.later)))
        found = align(one, two)
        left_one, left_two = sides(one, two, found)
        reasons = differences(left_one, left_two, found.pairs)
        exchange = exchanged(one, two)
        if exchange is not None and not exchange.harmless and "swap" not in reasons:
            reasons = (*reasons, "swap")
        values.append([*features(left_one, left_two, found), *(int(reason in reasons) for reason in REASONS)])
        scores.append([pair.same or 0, pair.story or 0])
        mistyped = exchange is not None and exchange.mistyped
        exact.append(pair.earlier == pair.later or mistyped or is_truncated(pair.earlier, pair.later))
        common.append(overlap(one, two))
        is_open.append(common[-1] >= OVERLAP and is_free(values[-1], reasons, deep=False))
        certain.append(common[-1] >= ASKED_OVERLAP and is_free(values[-1], reasons, deep=True))
    return Labelled(
        np.array(values, dtype=np.int64),
        np.array(scores, dtype=np.int64),
        np.array([pair.same is not None for pair in pairs]),
        np.array([pair.label for pair in pairs]),
        np.array(exact),
        np.array(is_open),
        np.array(certain),
        np.array(common) >= OVERLAP,
        np.array(common) >= ASKED_OVERLAP,
        folds([(pair.earlier, pair.later) for pair in pairs], FOLDS),
        np.array([pair.further for pair in pairs]),
        _mix([pair.label for pair in pairs if not pair.further], natural),
    )


def _mix(labels_: list[str], natural: int | None) -> dict[str, float]:
    """The weight of each label with which all pairs have the proportions of the first ones."""
    first, whole = Counter(labels_[:natural]), Counter(labels_)
    return {label: first[label] / whole[label] for label in whole}


def _form(headline: str) -> str:
    return match_form(clean(headline)[0])


def _signs(width: int) -> list[int]:
    """Which features a scorer of duplicates may only rise, or only fall with, as 1 and -1; 0 for the others."""
    names = (*NAMES, *REASONS, *_EVIDENCE)[:width]
    return [int(name in RISES or name == _EVIDENCE[0]) - int(name in FALLS) for name in names]


def _fit(
    values: NDArray[Any],
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    signs: list[int] | None = None,
    trees: int = UPDATE_TREES,
    bags: int = 1,
) -> list[dict[str, Any]]:
    """The trees, as lightgbm describes them: of several bags, each with its own lot, such that their sum is the mean.

    The bounds of the nodes are drawn by lot, and the best of them taken.
    """
    settings = {
        "objective": "cross_entropy", "num_leaves": 12, "max_depth": 4, "extra_trees": True,
        "learning_rate": LEARNED / trees, "min_data_in_leaf": 15, "bagging_fraction": 0.7, "bagging_freq": 1,
        "feature_fraction": 0.8, "lambda_l2": 20, "monotone_constraints": signs or [0] * values.shape[1],
        "num_threads": 1, "verbose": -1, "deterministic": True, "force_row_wise": True,
    }  # fmt: skip
    grown = []
    for seed in range(bags):
        data = lightgbm.Dataset(values, target, weight=weight)
        learner = lightgbm.train({**settings, "seed": seed}, data, trees)
        grown += [tree["tree_structure"] for tree in learner.dump_model()["tree_info"]]
    for tree in grown:
        _shrink(tree, bags)
    return grown


def _shrink(node: dict[str, Any], by: int) -> None:
    """Divide the leaves of a tree."""
    if "leaf_value" in node:
        node["leaf_value"] /= by
    else:
        _shrink(node["left_child"], by)
        _shrink(node["right_child"], by)


def _export(trees: list[dict[str, Any]], threshold: int, steps: list[int], scores: list[int]) -> Trees:
    return Trees(tuple(_whole(tree) for tree in trees), threshold, tuple(steps), tuple(scores))


def _whole(tree: dict[str, Any]) -> Tree:
    """A tree as one row of whole numbers."""
    row: list[int] = []

    def put(node: dict[str, Any]) -> int:
        at = len(row)
        if "split_feature" not in node:
            row.extend((LEAF, round(node["leaf_value"] * UNIT), 0, 0))
            return at
        row.extend((node["split_feature"], int(np.floor(node["threshold"])), 0, 0))
        row[at + 2] = put(node["left_child"])
        row[at + 3] = put(node["right_child"])
        return at

    put(tree)
    return tuple(row)


def _cross_validate(
    values: NDArray[Any],
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    fold: NDArray[Any],
    mask: NDArray[np.bool_],
    fit: Callable[..., list[dict[str, Any]]],
) -> NDArray[np.int64]:
    """The sums for each pair by trees that were trained without its fold."""
    totals = np.zeros(len(target), dtype=np.int64)
    for held in range(FOLDS):
        learn = (fold != held) & mask
        trees = _export(fit(values[learn], target[learn], weight[learn]), 0, [], [0])
        for at in np.flatnonzero(fold == held):
            totals[at] = trees.total(values[at].tolist())
    return totals


def _threshold(
    totals: NDArray[Any], target: NDArray[np.bool_], counts: NDArray[np.float64], precision: float
) -> int:
    order = np.argsort(-totals, kind="stable")
    right = np.cumsum((target * counts)[order]) / np.cumsum(counts[order])
    precise = np.flatnonzero(right >= precision)
    if not len(precise) or totals[order[precise[-1]]] <= -_CERTAIN:
        raise UsageError(
            f"no threshold has a precision of {precision:g} on these pairs: ask for less, or label more pairs"
        )
    return int(totals[order[precise[-1]]])


def _least_suppressing(totals: NDArray[Any], story: NDArray[np.bool_], share: float) -> int:
    """The least sum from which on no more than this share of the same story is called a duplicate."""
    falling = np.sort(totals[story])[::-1]
    allowed = int(share * len(falling))
    return int(falling[allowed]) + 1 if allowed < len(falling) else -_CERTAIN


def _calibrate(totals: NDArray[Any], target: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    """Sums at which the score steps up, and the scores in thousandths, one more than the steps."""
    fitted = IsotonicRegression(y_min=0.001, y_max=0.999).fit(totals, target)
    order = np.argsort(totals, kind="stable")
    scores = np.rint(fitted.predict(totals[order]) * 1000).astype(int)
    rises = np.flatnonzero(np.diff(scores)) + 1
    return totals[order][rises].astype(int).tolist(), [int(scores[0]), *scores[rises].tolist()]


def _report(
    kind: str, chosen: NDArray[np.bool_], target: NDArray[np.bool_], counts: NDArray[np.float64]
) -> None:
    right = np.sum(counts * (chosen & target))
    click.echo(
        f"{kind}: {np.sum(counts * chosen) / np.sum(counts):.3f} of pairs, precision"
        f" {right / np.sum(counts * chosen):.3f}, recall {right / np.sum(counts * target):.3f} (cross-validated)"
    )


if __name__ == "__main__":
    main()
