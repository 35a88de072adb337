"""The router against two readers' labels: not learned from, and not part of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from worker.config.sections import RouteSettings
from worker.route.router import Router
from worker.route.train.figures import Figures, measure
from worker.route.train.labels import read_labelled

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def figures(shared_data: Path) -> Figures:
    labelled = read_labelled(shared_data / "topics_dev.tsv")
    settings = RouteSettings()
    routes = Router.load().route(
        [label.match for label in labelled],
        threshold=settings.threshold,
        also_threshold=settings.also_threshold,
    )
    return measure(routes, labelled)


def test_the_best_topic_is_right_for_enough_headlines(figures: Figures):
    assert figures.right >= 0.84


def test_few_headlines_are_unsorted(figures: Figures):
    assert figures.unsorted <= 0.12


def test_what_is_sorted_is_mostly_right(figures: Figures):
    assert figures.right_of_sorted >= 0.89


def test_confidence_is_calibrated(figures: Figures):
    assert figures.calibration_error <= 0.07


def test_further_topics_are_mostly_right(figures: Figures):
    assert figures.further_right >= 0.60
