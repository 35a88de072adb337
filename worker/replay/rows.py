"""The rows of a table; a quote that is not closed costs its own line, not all that follow it."""

from __future__ import annotations

import csv
import re
from collections import deque
from typing import TYPE_CHECKING, BinaryIO, Final

from msgspec import Struct

from worker.replay.entry import Fault, fault
from worker.replay.lines import numbered_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

REREADINGS: Final = 8
"""So many times its own size a table is read again at most, or its broken quotes could cost hours."""


class Row(Struct, frozen=True, gc=False):
    """A row: its first and its last line, from 1, and its cells."""

    line: int
    last_line: int
    cells: list[str]

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return self.last_line - self.line + 1


def read_rows(stream: BinaryIO, dialect: csv.Dialect) -> Iterator[Row | Fault]:
    """Yield each row, a blank line as one without cells, and a fault for what is no row, in order.

    Where a quote is not closed, the fault names the lines that it takes in, and all but the first of them are
    read again as rows of their own. Bytes that are not UTF-8 come as surrogates.
    """
    lines = _Lines(stream)
    rows = csv.reader(lines, dialect)
    while True:
        problem, cells = "", []
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            problem = str(error)
        if spread := len(lines.texts) > 1 or lines.ended:
            problem = _strict_problem(lines.texts, dialect) or problem
        if not problem:
            yield Row(lines.first, lines.last, cells)
        elif problem.startswith(_BARE_CR):
            yield fault(lines.first, f"not a row: {_BARE_CR_ADVICE}", "", lines=lines.count)
        elif spread:
            yield _unclosed(lines)
        else:
            yield fault(lines.first, f"not a row: {_words(problem)}", "")
        lines.texts.clear()
        if lines.ended:
            rows = csv.reader(lines, dialect)


_BARE_CR: Final = "new-line character"
_BARE_CR_ADVICE: Final = (
    "it holds a bare CR: take it out, or where CRs end all lines, as on old Macs, make them LFs "
    "(tr '\\r' '\\n' <OLD >NEW)"
)


def _words(problem: str) -> str:
    """What the csv module found, in words that do not speak to programmers."""
    if problem.startswith("field larger"):
        return f"a field of it has more than {csv.field_size_limit():,} characters; shorten it"
    return problem


_SPACE_AFTER_QUOTE: Final = re.compile(r'"[ \t]+(?=[,;|\r\n]|\Z)')


def _strict_problem(texts: list[str], dialect: csv.Dialect) -> str:
    """What is wrong with the quotes of a row, empty where nothing is.

    The lenient reader lets a closing quote be followed by text and the end of the file close a quote. In a row
    of several lines both mean that another quote than the one meant has closed it; white space does not.
    """
    try:
        next(csv.reader((_SPACE_AFTER_QUOTE.sub('"', text) for text in texts), dialect, strict=True))
    except csv.Error as error:
        return str(error)
    return ""


def _unclosed(lines: _Lines) -> Fault:
    message = f"not a row: it takes lines {lines.first} to {lines.last}: a quote opened there is not closed"
    if lines.count > 1:
        message += f", {lines.count:,} lines are in it"
    message += "; close it or double it"
    text, count = lines.texts[0], lines.count
    if count > 1 and lines.reread():
        message += f" (read again from line {lines.first + 1} on)"
        count = 1
    return fault(lines.first, message, text, lines=count)


class _Lines:
    """The lines that a csv reader asks for; those of the row at hand are kept, and can be given once more."""

    def __init__(self, stream: BinaryIO) -> None:
        self._lines = numbered_lines(stream)
        self._again: deque[tuple[int, str]] = deque()
        self._read_chars = 0
        self._reread_chars = 0
        self.texts: list[str] = []
        self.last = 0
        self.ended = False

    def __iter__(self) -> Iterator[str]:
        """The lines that are left; ended, it can be begun anew for those to be given once more."""
        self.ended = False
        texts, again, lines = self.texts, self._again, self._lines
        while True:
            if again:
                self.last, text = again.popleft()
            elif (found := next(lines, None)) is not None:
                self.last, line = found
                text = line.decode(errors="surrogateescape")
                self._read_chars += len(text)
            else:
                self.ended = True
                return
            texts.append(text)
            yield text

    @property
    def count(self) -> int:
        """How many lines the row has taken."""
        return len(self.texts)

    @property
    def first(self) -> int:
        """The line that the row begins on."""
        return self.last - len(self.texts) + 1

    def reread(self) -> bool:
        """Give the row's lines after its first once more, if that has not been done too often."""
        chars = sum(map(len, self.texts))
        if self._reread_chars + chars > REREADINGS * self._read_chars:
            return False
        self._reread_chars += chars
        self._again.extendleft(
            (self.first + offset, self.texts[offset]) for offset in range(self.count - 1, 0, -1)
        )
        return True
