"""Where tables are printed: a terminal, or a file or pipe, in which no line ends in spaces."""

from __future__ import annotations

import io
import re
import sys
from typing import IO, TYPE_CHECKING, Final, cast

from rich.console import Console

if TYPE_CHECKING:
    from typing import TextIO

_PADDING: Final = re.compile(r" +(?=\n)")


def open_console(
    *,
    width: int | None = None,
    piped_width: int | None = None,
    highlight: bool = True,
    soft_wrap: bool = False,
    record: bool = False,
) -> Console:
    """A console on standard output.

    Args:
        width: columns; None for the terminal's.
        piped_width: columns where there is no terminal and no `width`; None for what rich assumes.
        highlight: whether numbers and the like are coloured.
        soft_wrap: whether long lines are left to the terminal.
        record: whether it can be exported as a picture.
    """
    terminal = sys.stdout.isatty()
    return Console(
        file=None if terminal else cast("IO[str]", _Unpadded(sys.stdout)),
        width=width if terminal else width or piped_width,
        highlight=highlight,
        soft_wrap=soft_wrap,
        record=record,
    )


class _Unpadded(io.TextIOBase):
    """Standard output without the spaces that fill the lines of a table."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """What decides whether boxes can be drawn."""
        return self._stream.encoding

    def write(self, text: str) -> int:
        """Write whole lines, as rich does."""
        return self._stream.write(_PADDING.sub("", text))

    def flush(self) -> None:
        """Hand on what was written."""
        self._stream.flush()
