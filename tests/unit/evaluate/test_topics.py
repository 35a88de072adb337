from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from worker.errors import UsageError
from worker.evaluate.topics import TopicFigures, load
from worker.events import Further, Route
from worker.mediatopics import CODES, UNSORTED
from worker.normalize import Limits

if TYPE_CHECKING:
    from pathlib import Path

TABLE = (
    "topic\tacceptable\theadline\nsport\teconomy\tStriker's Pay\nweather\t\tSnow on hills\narts\t\tNew film\n"
)


def route(best: str, *also: str, unsorted: bool = False) -> Route:
    further = tuple(Further(slug, CODES[slug], 0.5) for slug in also)
    return Route(UNSORTED if unsorted else best, best, CODES[best], 0.9, further)


@pytest.fixture
def labelled(tmp_path: Path):
    (tmp_path / "topics.tsv").write_text(TABLE)
    return load(tmp_path / "topics.tsv", Limits())


def test_headlines_are_normalized_and_keep_their_place(labelled):
    assert [topic.headline.match for topic in labelled] == ["striker pay", "snow on hills", "new film"]
    assert labelled[1].where.endswith("topics.tsv, line 3")


def test_a_headline_that_the_worker_would_reject_is_told_with_its_line(tmp_path: Path):
    (tmp_path / "topics.tsv").write_text(TABLE)
    with pytest.raises(UsageError, match=r"line 2: the headline would be rejected: .*most 12"):
        load(tmp_path / "topics.tsv", Limits(max_headline_chars=12))


def test_each_figure_says_of_how_many_it_speaks(labelled):
    measure = TopicFigures(
        [topic.label for topic in labelled],
        [route("economy", "sport", "arts"), route("weather"), route("crime", unsorted=True)],
    )
    found = measure(np.array([1, 1, 1]))
    assert found["topic_right"] == (pytest.approx(2 / 3), 3)
    assert found["topic_primary"] == (pytest.approx(1 / 3), 3)
    assert found["unsorted"] == (pytest.approx(1 / 3), 3)
    assert found["right_of_sorted"] == (1.0, 2)
    assert found["further_precision"] == (0.5, 2)
    assert measure(np.array([0, 0, 3]))["right_of_sorted"].of == 0
