from __future__ import annotations

import io

from rich.console import Console
from worker.train.confusion import as_table, confusion


def test_rows_are_counted_by_label_and_answer_and_what_never_occurs_is_left_out():
    found = confusion(["a", "a", "b", "a"], ["x", "y", "y", "x"], "abc", "wxy")
    assert found.labels == ("a", "b")
    assert found.answers == ("x", "y")
    assert found.counts.tolist() == [[2, 1], [0, 1]]


def test_the_table_leaves_nought_blank():
    found = confusion(
        ["crime", "sport"], ["crime", "human-interest"], ["crime", "sport"], ["crime", "human-interest"]
    )
    output = io.StringIO()
    Console(file=output, width=60).print(as_table(found))
    _, crime, sport = output.getvalue().splitlines()
    assert crime.split() == ["crime", "1"]
    assert sport.split() == ["sport", "1"]
    assert sport.index("1") > crime.index("1")
