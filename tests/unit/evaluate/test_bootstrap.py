from __future__ import annotations

import numpy as np
import pytest
from worker.evaluate.bootstrap import Measured, share, with_intervals


def of_hits(hits, among=None):
    hits = np.array(hits, bool)
    among = np.ones(len(hits), bool) if among is None else np.array(among, bool)
    return lambda weights: {"share": share(weights, hits, among)}


def test_the_figure_is_that_of_all_rows_and_says_of_how_many():
    (figure,) = with_intervals(of_hits([1, 1, 0, 1], [1, 1, 1, 0]), 4, resamples=50).values()
    assert figure.value == pytest.approx(2 / 3)
    assert figure.of == 3
    assert figure.low <= figure.value <= figure.high


def test_the_interval_is_about_that_of_the_binomial():
    (figure,) = with_intervals(of_hits([1] * 300 + [0] * 100), 400).values()
    spread = 1.96 * (0.75 * 0.25 / 400) ** 0.5
    assert figure.low == pytest.approx(0.75 - spread, abs=0.01)
    assert figure.high == pytest.approx(0.75 + spread, abs=0.01)


def test_the_same_seed_draws_the_same_and_another_other_rows():
    measure = of_hits([1, 0] * 50)
    first, again, other = (with_intervals(measure, 100, resamples=200, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_of_nothing_there_is_no_figure_and_without_samples_no_interval():
    (nothing,) = with_intervals(of_hits([0, 0], [0, 0]), 2).values()
    assert (nothing.value, nothing.low, nothing.high, nothing.of) == (None, None, None, 0)
    (bare,) = with_intervals(of_hits([1, 0]), 2, resamples=0).values()
    assert (bare.value, bare.low, bare.high) == (0.5, None, None)


def test_samples_of_which_the_figure_says_nothing_are_left_out():
    (figure,) = with_intervals(of_hits([1, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0]), 6).values()
    assert (figure.value, figure.low, figure.high) == (1.0, 1.0, 1.0)


def test_a_share_counts_a_row_as_often_as_it_is_there():
    weights, hits, among = np.array([3, 0, 1]), np.array([True, True, False]), np.array([True, True, True])
    assert share(weights, hits, among) == Measured(0.75, 4)
