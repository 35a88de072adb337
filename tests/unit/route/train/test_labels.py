from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import numpy as np
import pytest
from worker.errors import UsageError
from worker.mediatopics import SLUGS
from worker.route.train.labels import (
    COLUMN,
    Labelled,
    hard_targets,
    joined,
    read_labelled,
    read_soft,
    without,
)

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "topic\tacceptable\theadline\n"


def soft_files(folder: Path, headlines: str, percents: str) -> tuple[Path, Path]:
    (folder / "headlines.gz").write_bytes(gzip.compress(headlines.encode()))
    (folder / "percents").write_text(percents)
    return folder / "headlines.gz", folder / "percents"


def test_a_label_has_its_match_form_its_topic_and_the_acceptable_ones(tmp_path: Path):
    (tmp_path / "labels").write_text(HEADER + "sport\teconomy,labour\tStriker\u2019s Pay\n")
    (label,) = read_labelled(tmp_path / "labels")
    assert label == Labelled("striker pay", COLUMN["sport"], frozenset({COLUMN["economy"], COLUMN["labour"]}))
    assert [slug for slug in SLUGS if label.accepts(COLUMN[slug])] == ["economy", "labour", "sport"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("sport\t\tGoal\n", "first line"),
        (HEADER + "sport\t\tGoal\nsports\t\tGoal\n", "line 3"),
        (HEADER + "sport\tGoal\n", "line 2"),
        (HEADER + "sport\tfun\tGoal\n", "line 2.*fun"),
    ],
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, content: str, complaint: str):
    (tmp_path / "labels").write_text(content)
    with pytest.raises(UsageError, match=complaint):
        read_labelled(tmp_path / "labels")


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match="nowhere"):
        read_labelled(tmp_path / "nowhere")


def test_percents_become_probabilities_in_the_order_of_the_codes(tmp_path: Path):
    files = soft_files(tmp_path, "Goal\nVote\nHm\n", "sport\tarts\n60\t20\n0\t50\n\n")
    soft = read_soft(*files)
    assert soft.matches == ["goal", "vote"]
    assert soft.probabilities[:, [COLUMN["sport"], COLUMN["arts"]]].tolist() == [[0.75, 0.25], [0.0, 1.0]]
    assert soft.probabilities.sum(axis=1).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "percents", ["sport\tarts\n60\t20\n", "sports\tarts\n60\t20\n1\t1\n", "sport\tarts\nx\ty\n1\t1\n"]
)
def test_percents_that_do_not_fit_the_headlines_are_refused(tmp_path: Path, percents: str):
    with pytest.raises(UsageError, match="line by line"):
        read_soft(*soft_files(tmp_path, "Goal\nVote\n", percents))


def test_acceptable_topics_share_their_part():
    labelled = [Labelled("a", 0, frozenset({1, 2})), Labelled("b", 3, frozenset())]
    targets = hard_targets(labelled, weight=0.5, acceptable_share=0.25)
    assert targets.probabilities[0, :3].tolist() == [0.75, 0.125, 0.125]
    assert targets.probabilities[1, 3] == 1.0
    assert targets.weights.tolist() == [0.5, 0.5]


def test_what_is_held_out_is_in_neither_part():
    first = hard_targets(
        [Labelled("a", 0, frozenset()), Labelled("b", 1, frozenset())], weight=1, acceptable_share=0
    )
    second = hard_targets([Labelled("a", 2, frozenset())], weight=1, acceptable_share=0)
    left = without(joined(first, second), ["a"])
    assert left.matches == ["b"]
    assert np.flatnonzero(left.probabilities[0]).tolist() == [1]
