"""A table that is printed row by row, so that it can be endless; nothing moves a terminal or breaks a row."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP: Final = "  "
_LEAST_FREE: Final = 20


class Column(NamedTuple):
    """A column: its title and its width in terminal cells.

    The last one has None: it takes what a terminal has left, and all that it needs where there is none.
    """

    title: str
    width: int | None
    right: bool = False


class Columns:
    """Rows of cells; a cell that is too long is cut."""

    def __init__(self, *columns: Column, width: int | None = None) -> None:
        """Take the columns, and the width of the whole, by default the terminal's."""
        if width is None and sys.stdout.isatty():
            width = shutil.get_terminal_size().columns
        fixed = sum((column.width or 0) + len(_GAP) for column in columns[:-1])
        free = None if width is None else max(_LEAST_FREE, width - fixed)
        self._columns = [column if column.width else column._replace(width=free) for column in columns]

    def header(self) -> str:
        """The titles."""
        return self.row([column.title for column in self._columns])

    def row(self, cells: Sequence[str]) -> str:
        """One row, without trailing space."""
        return _GAP.join(map(_fit, cells, self._columns)).rstrip()


def _fit(cell: str, column: Column) -> str:
    if not cell.isprintable():
        cell = "".join(c if c.isprintable() else " " for c in cell)
    if column.width is None:
        return cell
    spare = column.width - cell_len(cell)
    if spare < 0:
        return set_cell_size(cell, column.width - 1) + "…"
    return " " * spare + cell if column.right else cell + " " * spare
