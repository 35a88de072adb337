"""Tables that are printed row by row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from worker.cli.columns import Column, Columns

COLUMNS = (Column("#", 3, right=True), Column("topic", 5), Column("headline", None))


def test_cells_are_padded_and_cut():
    table = Columns(*COLUMNS, width=33)

    assert table.header() == "  #  topic  headline"
    assert (
        table.row(["7", "economy", "Rain ends drought in the valley"]) == "  7  econ…  Rain ends drought in…"
    )


def test_without_a_terminal_the_last_cell_is_whole():
    assert Columns(*COLUMNS).row(["7", "sport", "x" * 300]).endswith("x" * 300)


@given(st.lists(st.text(), min_size=3, max_size=3))
def test_a_row_is_one_line_no_wider_than_the_terminal(cells):
    row = Columns(*COLUMNS, width=60).row(cells)

    assert row.isprintable()
    assert cell_len(row) <= 60
