"""The bytes of a dead letter for a person: in hex and as text, with the place of the fault marked."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.deadletters.letter import Letter

ROW: Final = 16
"""Bytes in a line."""

AROUND: Final = 256
"""So many bytes are shown before a fault, and so many from it on; of a value without one, twice as many from its
beginning."""

_BYTE: Final = re.compile(r"byte (\d+) of the value", re.ASCII)
_PLACE: Final = re.compile(r"\(line (\d+) column (\d+)\)", re.ASCII)


def fault_at(value: bytes, message: str, field: str | None) -> int | None:
    """Where in the value the fault is, as far as a rejection says: a byte, a line and column, or a field's name."""
    mark = len(codecs.BOM_UTF8) if value.startswith(codecs.BOM_UTF8) else 0
    if found := _BYTE.search(message):
        return _within(mark + int(found[1]), value)
    if found := _PLACE.search(message):
        return _within(mark + _byte_of(value[mark:], int(found[1]), int(found[2])), value)
    at = value.find(b'"%s"' % field.encode()) if field else -1
    return at if at >= 0 else None


def rows(value: bytes, fault: int | None, *, around: int | None = AROUND) -> Iterator[str]:
    """Lines of offset, hex and text, those around the fault, with a line under it that marks it.

    `around` None shows all of the value.
    """
    start, end = _window(len(value), fault, around)
    if start:
        yield f"{'':>8}  ({start:,} bytes before)"
    for at in range(start, end, ROW):
        yield _row(value, at)
        if fault is not None and at <= fault < at + ROW:
            column = 10 + _column(fault - at)
            yield " " * column + "^^ here"
    if end < len(value):
        yield f"{'':>8}  ({len(value) - end:,} bytes after)"


def text(letter_part: bytes | None) -> str | None:
    r"""Bytes as text; what is not UTF-8 stands in it as `\xff`."""
    return None if letter_part is None else letter_part.decode(errors="backslashreplace")


def marked(letter: Letter, *, around: int | None = AROUND) -> Iterator[str]:
    """The lines of a letter's value, its fault marked."""
    value = letter.value or b""
    return rows(value, fault_at(value, letter.message, letter.field), around=around)


def _row(value: bytes, at: int) -> str:
    part = value[at : at + ROW]
    halves = (part[: ROW // 2], part[ROW // 2 :])
    hexes = "  ".join(f"{half.hex(' '):<{ROW // 2 * 3 - 1}}" for half in halves)
    readable = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
    return f"{at:>8}  {hexes}  |{readable}|"


def _column(index: int) -> int:
    """Where a byte's hex stands in its line, behind the offset."""
    return index * 3 + (1 if index >= ROW // 2 else 0)


def _window(size: int, fault: int | None, around: int | None) -> tuple[int, int]:
    if around is None:
        return 0, size
    middle = around if fault is None else fault
    start = max(0, middle - around) // ROW * ROW
    return start, min(size, max(middle + around, start + 2 * around))


def _byte_of(value: bytes, line: int, column: int) -> int:
    """The offset of a character in UTF-8, by its line and column, both from 1."""
    decoded = value.decode(errors="replace")
    at = 0
    for _ in range(line - 1):
        at = decoded.find("\n", at) + 1
    return len(decoded[: at + column - 1].encode())


def _within(at: int, value: bytes) -> int | None:
    """A place in the value; its last byte where it is said to end too early, none where it has no bytes."""
    return min(at, len(value) - 1) if value else None
