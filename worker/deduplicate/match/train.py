"""Trains the scorer on labelled pairs and reports how it does on stories it has not seen.

Run as `python -m worker.deduplicate.match.train --pairs FILE` with scikit-learn and lightgbm installed; neither is
needed to run newswire. FILE is a TSV with a header and the columns label (duplicate, same_story, different),
headline_a, headline_b. Writes `model.json` beside this module: numbers only, never a text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import lightgbm
import msgspec
import numpy as np
from sklearn.isotonic import IsotonicRegression

from worker import labels
from worker.deduplicate.match.align import align, overlap
from worker.deduplicate.match.differences import REASONS, differences
from worker.deduplicate.match.exchange import exchanged
from worker.deduplicate.match.features import NAMES, features
from worker.deduplicate.match.judge import ALIKE, OVERLAP
from worker.deduplicate.match.model import PATH, Model, Trees
from worker.deduplicate.match.tokens import read
from worker.errors import UsageError
from worker.labels import Relation
from worker.normalize import clean, match_form

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from worker.deduplicate.match.model import Tree

FOLDS = 10
PRECISION = 0.972
"""Of what is called a duplicate, cross-validated; of updates: UPDATE_PRECISION."""
UPDATE_PRECISION = 0.6
FEWEST = 200
"""Labels below which ten folds of them say nothing."""
FEWEST_OPEN = 20
"""Of the pairs that the scorer decides on, duplicates and others each."""
UNIT = 10_000
"""Leaves are whole numbers of this part of the log-odds."""

RISES = ("cover", "contained", "near", "run", "trigrams", "first", "last", "forenames")
FALLS = (
    "left_more", "left_less", "count_more", "count_less", "heaviest", "heaviest_less", "connectors", "questions",
    "head", "tail", "turned", "names", "unpaired_more", "unpaired_less", "other_names", "shape",
)  # fmt: skip
"""Features that may only speak for, or only against, a duplicate: what a few labels say otherwise is chance."""


@dataclass(frozen=True)
class Labelled:
    """The pairs: features with the differences as 0 and 1 behind them, labels, what is ruled on without a score.

    `exact` are the same, `open` are alike enough and have no difference, `close` overlap enough to be looked at.
    """

    values: NDArray[np.int64]
    label: NDArray[np.str_]
    exact: NDArray[np.bool_]
    open: NDArray[np.bool_]
    close: NDArray[np.bool_]
    fold: NDArray[np.int64]


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


_CERTAIN = 10**9
"""Above and below all sums of leaves."""


@click.command()
@click.option("--pairs", "path", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--precision", default=PRECISION, show_default=True, help="Of duplicates, cross-validated.")
@click.option(
    "--update-precision", default=UPDATE_PRECISION, show_default=True, help="Of updates, cross-validated."
)
def main(path: Path, precision: float, update_precision: float) -> None:
    """Train on PAIRS, choose the thresholds by cross-validation, write the model and print the figures."""
    found = trained(path, precision, update_precision)
    _report("duplicate", found.duplicates, found.labels == "duplicate")
    _report("update", found.updates, found.labels == "same_story")
    click.echo(f"  of these {np.mean(found.labels[found.updates] == 'duplicate'):.3f} are duplicates")
    PATH.write_bytes(msgspec.json.encode(found.model) + b"\n")
    click.echo(f"wrote {PATH}")


def trained(path: Path, precision: float = PRECISION, update_precision: float = UPDATE_PRECISION) -> Trained:
    """Train on a file of pairs, with thresholds of these precisions, cross-validated.

    Raises:
        UsageError: the file is no file of pairs, or no threshold reaches a precision.
    """
    data = read_pairs(path)
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
    width = len(NAMES)
    sums = _cross_validate(data.values[:, :width], same, data.fold, data.open, monotone=True)
    ranks = np.where(data.exact, _CERTAIN, np.where(data.open, sums, sums - _CERTAIN))
    threshold = _threshold(np.where(data.exact | data.open, ranks, -_CERTAIN), same, precision)
    duplicates = (data.exact | data.open) & (ranks >= threshold)
    duplicate = _export(
        _fit(data.values[data.open, :width], same[data.open], monotone=True),
        threshold,
        *_calibrate(sums[data.open], same[data.open]),
    )
    rest = data.close & ~duplicates
    story = data.label == "same_story"
    sums_of_story = _cross_validate(data.values, story, data.fold, rest, monotone=False)
    threshold_of_story = _threshold(np.where(rest, sums_of_story, -_CERTAIN), story, update_precision)
    updates = rest & (sums_of_story >= threshold_of_story)
    update = _export(
        _fit(data.values[rest], story[rest], monotone=False),
        threshold_of_story,
        *_calibrate(sums_of_story[rest], story[rest]),
    )
    scores = [
        1000 * (duplicate.score(same_sum) if is_duplicate else update.score(story_sum))
        for is_duplicate, same_sum, story_sum in zip(duplicates, sums, sums_of_story, strict=True)
    ]
    return Trained(
        Model(duplicate, update), data.label, duplicates, updates, ranks, np.rint(scores).astype(np.int64)
    )


def read_pairs(path: Path) -> Labelled:
    """Read labelled pairs, with all pairs that share a headline in one fold.

    Raises:
        UsageError: the file is no file of pairs.
    """
    forms = [(str(row.relation), _form(row.earlier), _form(row.later)) for row in labels.read_pairs(path)]
    values, exact, is_open, close = [], [], [], []
    for _, a, b in forms:
        one, two = read(a), read(b)
        found = align(one, two)
        reasons = differences(one, two, found)
        exchange = exchanged(one, two)
        if exchange is not None and not exchange.harmless and "swap" not in reasons:
            reasons = (*reasons, "swap")
        values.append([*features(one, two, found), *(int(reason in reasons) for reason in REASONS)])
        exact.append(a == b)
        close.append(overlap(one, two) >= OVERLAP)
        is_open.append(a != b and not reasons and values[-1][0] >= ALIKE)
    return Labelled(
        np.array(values, dtype=np.int64),
        np.array([label for label, _, _ in forms]),
        np.array(exact),
        np.array(is_open),
        np.array(close),
        _folds([(a, b) for _, a, b in forms]),
    )


def _form(headline: str) -> str:
    return match_form(clean(headline)[0])


def _folds(pairs: list[tuple[str, str]]) -> NDArray[np.int64]:
    parent: dict[str, str] = {}

    def root(form: str) -> str:
        while parent.setdefault(form, form) != form:
            form = parent[form]
        return form

    for a, b in pairs:
        parent[root(a)] = root(b)
    sizes = Counter(root(a) for a, _ in pairs)
    load = [0] * FOLDS
    fold: dict[str, int] = {}
    for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        fold[group] = load.index(min(load))
        load[fold[group]] += size
    return np.array([fold[root(a)] for a, _ in pairs])


def _fit(values: NDArray[Any], target: NDArray[np.bool_], *, monotone: bool) -> list[dict[str, Any]]:
    """The trees, as lightgbm describes them."""
    signs = [(name in RISES) - (name in FALLS) for name in NAMES]
    learner = lightgbm.LGBMClassifier(
        n_estimators=80, max_depth=2, num_leaves=4, learning_rate=0.1, min_child_samples=15, subsample=0.7,
        subsample_freq=1, colsample_bytree=0.4, reg_lambda=5, random_state=0, n_jobs=1, verbose=-1,
        deterministic=True, force_row_wise=True, monotone_constraints=signs if monotone else None,
    )  # fmt: skip
    learner.fit(values, target)
    return [tree["tree_structure"] for tree in learner.booster_.dump_model()["tree_info"]]


def _export(trees: list[dict[str, Any]], threshold: int, steps: list[int], scores: list[int]) -> Trees:
    return Trees(tuple(_whole(tree) for tree in trees), threshold, tuple(steps), tuple(scores))


def _whole(tree: dict[str, Any]) -> Tree:
    """A tree of depth two or less as ten whole numbers; what is missing is filled with a test that never matters."""

    def test(node: dict[str, Any]) -> tuple[int, int]:
        return (
            (node["split_feature"], int(np.floor(node["threshold"]))) if "split_feature" in node else (0, 0)
        )

    def leaves(node: dict[str, Any]) -> tuple[int, int]:
        ends = (node["left_child"], node["right_child"]) if "split_feature" in node else (node, node)
        low, high = (round(end["leaf_value"] * UNIT) for end in ends)
        return low, high

    left, right = (tree["left_child"], tree["right_child"]) if "split_feature" in tree else (tree, tree)
    return (*test(tree), *test(left), *test(right), *leaves(left), *leaves(right))


def _cross_validate(
    values: NDArray[Any],
    target: NDArray[np.bool_],
    fold: NDArray[Any],
    mask: NDArray[np.bool_],
    *,
    monotone: bool,
) -> NDArray[np.int64]:
    """The sums for each pair by trees that were trained without its fold."""
    totals = np.zeros(len(target), dtype=np.int64)
    for held in range(FOLDS):
        learn = (fold != held) & mask
        trees = _export(_fit(values[learn], target[learn], monotone=monotone), 0, [], [0])
        for at in np.flatnonzero(fold == held):
            totals[at] = trees.total(values[at].tolist())
    return totals


def _threshold(totals: NDArray[Any], target: NDArray[np.bool_], precision: float) -> int:
    order = np.argsort(-totals, kind="stable")
    right = np.cumsum(target[order]) / np.arange(1, len(order) + 1)
    precise = np.flatnonzero(right >= precision)
    if not len(precise) or totals[order[precise[-1]]] <= -_CERTAIN:
        raise UsageError(
            f"no threshold has a precision of {precision:g} on these pairs: ask for less, or label more pairs"
        )
    return int(totals[order[precise[-1]]])


def _calibrate(totals: NDArray[Any], target: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    """Sums at which the score steps up, and the scores in thousandths, one more than the steps."""
    fitted = IsotonicRegression(y_min=0.001, y_max=0.999).fit(totals, target)
    order = np.argsort(totals, kind="stable")
    scores = np.rint(fitted.predict(totals[order]) * 1000).astype(int)
    rises = np.flatnonzero(np.diff(scores)) + 1
    return totals[order][rises].astype(int).tolist(), [int(scores[0]), *scores[rises].tolist()]


def _report(kind: str, chosen: NDArray[np.bool_], target: NDArray[np.bool_]) -> None:
    right = np.sum(chosen & target)
    click.echo(
        f"{kind}: {np.sum(chosen)} of {len(target)} pairs, precision {right / np.sum(chosen):.3f},"
        f" recall {right / np.sum(target):.3f} (cross-validated)"
    )


if __name__ == "__main__":
    main()
