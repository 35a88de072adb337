from __future__ import annotations

import numpy as np
import pytest
from worker.evaluate.pairs import PairFigures
from worker.evaluate.tiers import Decision
from worker.events import Kind
from worker.labels import Relation

D, U, N = Relation.DUPLICATE, Relation.SAME_STORY, Relation.DIFFERENT


def figures(*rows, weights=None):
    """The figures of rows of a label, what was decided, and a rank."""
    relations = [relation for relation, _, _ in rows]
    decisions = [Decision(kind, 0.5, "detail", rank) for _, kind, rank in rows]
    found = PairFigures(relations, decisions)(np.array(weights or [1] * len(rows)))
    return {name: measured.value for name, measured in found.items()}


def test_precision_and_recall_are_those_of_what_was_decided():
    found = figures(
        (D, Kind.DUPLICATE, 9),
        (D, Kind.DUPLICATE, 8),
        (N, Kind.DUPLICATE, 7),
        (D, Kind.UPDATE, 6),
        (D, Kind.ORIGINAL, 5),
    )
    assert found["duplicate_precision"] == pytest.approx(2 / 3)
    assert found["duplicate_recall"] == 0.5


def test_suppressed_is_of_the_pairs_that_are_the_same_story():
    found = figures(
        (U, Kind.DUPLICATE, 3), (U, Kind.UPDATE, 2), (U, Kind.ORIGINAL, 1), (N, Kind.DUPLICATE, 1)
    )
    assert found["same_story_suppressed"] == pytest.approx(1 / 3)


def test_updates_are_held_against_the_same_story():
    found = figures((U, Kind.UPDATE, 1), (D, Kind.UPDATE, 1), (U, Kind.ORIGINAL, 1), (U, Kind.DUPLICATE, 1))
    assert found["update_precision"] == 0.5
    assert found["update_recall"] == pytest.approx(1 / 3)


def test_recall_at_a_precision_is_that_of_the_best_threshold_whatever_was_decided():
    ranked = [
        *((D, Kind.ORIGINAL, 100 - at) for at in range(9)),
        (N, Kind.ORIGINAL, 50),
        (D, Kind.ORIGINAL, 40),
    ]
    found = figures(*ranked)
    assert found["duplicate_recall_at_95"] == 0.9
    assert found["duplicate_recall_at_90"] == 1.0


def test_no_threshold_parts_pairs_of_one_rank():
    found = figures((D, Kind.ORIGINAL, 5), (N, Kind.ORIGINAL, 5), (D, Kind.ORIGINAL, 4))
    assert found["duplicate_recall_at_90"] == 0.0


def test_a_pair_counts_as_often_as_it_was_drawn():
    rows = [(D, Kind.DUPLICATE, 3), (N, Kind.DUPLICATE, 2), (D, Kind.ORIGINAL, 1)]
    found = figures(*rows, weights=[3, 1, 0])
    assert (found["duplicate_precision"], found["duplicate_recall"]) == (0.75, 1.0)
    assert found["duplicate_recall_at_95"] == 1.0
