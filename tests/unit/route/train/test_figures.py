from __future__ import annotations

import pytest
from worker.events import Further, Route
from worker.mediatopics import CODES, UNSORTED
from worker.route.train.figures import measure
from worker.route.train.labels import COLUMN, Labelled


def label(topic: str, *acceptable: str) -> Labelled:
    return Labelled("", COLUMN[topic], frozenset(COLUMN[slug] for slug in acceptable))


def route(best: str, confidence: float, *also: str, unsorted: bool = False) -> Route:
    further = tuple(Further(slug, CODES[slug], 0.5) for slug in also)
    return Route(UNSORTED if unsorted else best, best, CODES[best], confidence, further)


def test_figures_count_what_they_say():
    routes = [
        route("sport", 0.9, "arts", "crime"),
        route("crime", 0.9),
        route("arts", 0.3, unsorted=True),
        route("health", 0.7),
    ]
    labelled = [label("sport", "crime"), label("politics", "crime"), label("science"), label("health")]
    figures = measure(routes, labelled)
    assert figures.headlines == 4
    assert figures.primary == 0.5
    assert figures.right == 0.75
    assert figures.unsorted == 0.25
    assert figures.right_of_sorted == 1.0
    assert figures.with_further == 0.25
    assert figures.further_right == 0.5
    assert figures.calibration_error == pytest.approx((2 * 0.1 + 0.3 + 0.3) / 4)


def test_a_topic_of_fewer_than_ten_headlines_does_not_count_in_macro_f1():
    routes = [route("sport", 1.0)] * 10 + [route("arts", 1.0)] * 10 + [route("sport", 1.0)]
    labelled = [label("sport")] * 10 + [label("arts")] * 10 + [label("crime")]
    assert measure(routes, labelled).macro_f1 == pytest.approx((20 / 21 + 1) / 2)


def test_figures_of_nothing_sorted_have_no_right_of_the_sorted():
    figures = measure([route("sport", 0.1, unsorted=True)], [label("sport")])
    assert (figures.unsorted, figures.right_of_sorted, figures.further_right) == (1.0, 0.0, 0.0)
