"""The lines of a byte stream, with their numbers, in bounded memory."""

from __future__ import annotations

import codecs
import io
from typing import TYPE_CHECKING, BinaryIO, Final

from worker.replay.entry import Fault, fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

MAX_LINE_BYTES: Final = 8 * 1024 * 1024
"""What is longer is cut off: no record that newswire takes is as large, and a file may be one line."""


def numbered_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield each line with its number, from 1, without a byte order mark; the line end stays on."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES):
        number += 1
        if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            _skip_rest(stream)
        yield number, line.removeprefix(codecs.BOM_UTF8) if number == 1 else line


def text_lines(stream: BinaryIO) -> Iterator[tuple[int, str] | Fault]:
    """Yield each line that is not blank, decoded and stripped; a fault for what is not UTF-8."""
    for number, line in numbered_lines(stream):
        try:
            text = line.decode().strip()
        except UnicodeDecodeError as error:
            yield not_utf8(number, line, error)
            continue
        if text:
            yield number, text


def not_utf8(number: int, line: bytes, error: UnicodeDecodeError) -> Fault:
    """The fault of a line whose bytes are not UTF-8: names the first wrong byte and its place, from 1."""
    return fault(number, f"not UTF-8: byte 0x{line[error.start]:02x} at {error.start + 1}", line)


class AnnouncedReads(io.RawIOBase):
    """A raw stream that calls back before each read, which may block until a pipe's writer has more.

    Whoever gathers lines hands on what he has before he waits for the next ones.
    """

    def __init__(self, raw: io.RawIOBase, before_read: Callable[[], None]) -> None:
        self._raw = raw
        self._before_read = before_read

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Call back, then read."""
        self._before_read()
        return self._raw.readinto(buffer)


def _skip_rest(stream: BinaryIO) -> None:
    while (rest := stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass
