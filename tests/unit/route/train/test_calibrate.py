from __future__ import annotations

import numpy as np
from worker.route.router import Scores
from worker.route.train.calibrate import confidence_tables
from worker.route.train.labels import Labelled


def scored(seed: int = 0, count: int = 6000) -> tuple[Scores, list[Labelled]]:
    """Headlines whose best topic has half of the log-odds that it is right with; another has the rest."""
    rng = np.random.default_rng(seed)
    best_share = rng.integers(500, 1000, count)
    shares = np.zeros((count, 17), np.int64)
    shares[:, 0] = best_share
    shares[:, 1] = 1000 - best_share
    odds = (best_share / (1001 - best_share)) ** 2
    right = rng.random(count) < odds / (1 + odds)
    labelled = [Labelled("", 0 if hit else 1, frozenset()) for hit in right]
    return Scores(shares, np.zeros(count, np.intp), np.ones(count, bool)), labelled


def test_confidence_is_how_often_a_share_is_right():
    first, further = confidence_tables([scored(0), scored(1)])
    for share in (500, 600, 700, 800, 900):
        odds = (share / (1000 - share)) ** 2
        assert abs(first[share] - 1000 * odds / (1 + odds)) < 30
        assert abs(further[1000 - share] - 1000 / (1 + odds)) < 30


def test_confidence_rises_with_the_share_and_a_further_topic_has_no_more_than_a_best_one():
    first, further = confidence_tables([scored()])
    assert (np.diff(first) >= 0).all()
    assert (further <= first).all()
    assert 0 <= first.min() <= first.max() <= 1000


def test_a_headline_of_unknown_words_has_no_confidence():
    first, further = confidence_tables([scored()])
    assert first[0] == further[0] == 0


def test_headlines_that_are_all_right_still_have_a_curve():
    scores, labelled = scored(count=40)
    first, _ = confidence_tables([(scores, [label._replace(topic=0) for label in labelled])])
    assert 500 < first[500] <= first[999] < 1000
