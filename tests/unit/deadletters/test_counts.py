"""Letters, counted."""

import pytest
from worker.deadletters.counts import DIMENSIONS, STATE, Counts, moment
from worker.deadletters.letter import read
from worker.deadletters.status import State

from .letters import BAD, DIED_MS, letter, record

HOUR_MS = 3_600_000


def counted(*dimensions):
    counts = Counts(dimensions)
    counts.add(letter(BAD), State.OPEN)
    counts.add(letter(BAD, source=(3, 42), died=DIED_MS + HOUR_MS), State.REDRIVEN)
    counts.add(letter(b"{", source=(4, 1), died=DIED_MS - 24 * HOUR_MS), State.OPEN)
    counts.add(read(record(b"?", died=DIED_MS)), State.OPEN)
    return {by: [(row.name, row.count) for row in rows] for by, rows in counts.sections().items()} | {
        "total": counts.total
    }


@pytest.mark.parametrize(
    ("by", "rows"),
    [
        ("reason", [("schema", 2), ("-", 1), ("not_json", 1)]),
        ("fault", [("schema headline", 2), ("-", 1), ("not_json", 1)]),
        ("stage", [("normalize", 3), ("-", 1)]),
        ("source", [("raw/3", 2), ("-", 1), ("raw/4", 1)]),
        ("attempt", [("1", 4)]),
        ("day", [("2026-01-08", 1), ("2026-01-09", 3)]),
        ("hour", [("2026-01-08T10Z", 1), ("2026-01-09T10Z", 2), ("2026-01-09T11Z", 1)]),
        (STATE, [("open", 3), ("redriven", 1)]),
    ],
)
def test_letters_are_counted_by_what_they_have_in_common(by, rows):
    assert counted(by) == {by: rows, "total": 4}


def test_each_dimension_counts_every_letter():
    found = counted(*DIMENSIONS, STATE)

    assert found.pop("total") == 4
    assert {by: sum(count for _, count in rows) for by, rows in found.items()} == dict.fromkeys(found, 4)


def test_a_row_says_when_its_first_and_last_letters_died():
    counts = Counts(["reason"])
    for shift in (2, 1, 3):
        counts.add(letter(died=DIED_MS + shift), State.OPEN)
    (row,) = counts.sections()["reason"]

    assert (row.first_ms, row.last_ms) == (DIED_MS + 1, DIED_MS + 3)


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [(DIED_MS, "2026-01-09T10:00:00Z"), (0, "1970-01-01T00:00:00Z"), (2**63 - 1, str(2**63 - 1)), (-1, None)],
)
def test_any_time_can_be_shown(milliseconds, shown):
    assert moment(milliseconds) == (shown or "1969-12-31T23:59:59Z")
