"""A document to replay: a file, standard input or the seeds that the package carries; plain or compressed."""

from __future__ import annotations

import io
import stat
import sys
import zlib
from collections import Counter
from contextlib import contextmanager
from gzip import BadGzipFile, GzipFile
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast

from msgspec import Struct

from worker.errors import UsageError
from worker.replay.formats import Format, detect, read
from worker.replay.lines import AnnouncedReads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from worker.replay.entry import Entry, Fault
    from worker.replay.fields import FieldMap

STDIN: Final = "-"
HEAD_BYTES: Final = 65_536
"""How much of a document is looked at to tell its format."""

_GZIP_MAGIC: Final = b"\x1f\x8b"


class Document(Struct, frozen=True):
    """A document by its name, which takes part in the ids of its events.

    The name is the file's without its folders and without `.gz`, so that a document keeps its ids where it is
    moved or compressed, and while lines are added to its end. `path` is None for standard input.
    """

    name: str
    path: Path | None

    @property
    def label(self) -> str:
        """How people know the document."""
        if self == SEEDS:
            return "the seeds"
        return "standard input" if self.path is None else str(self.path)

    @property
    def waits(self) -> bool:
        """Whether a read may have to wait for somebody who writes: a pipe or a terminal, no file."""
        return self.path is None or not stat.S_ISREG(self.path.stat().st_mode)


SEEDS: Final = Document("seeds.txt", Path(str(resources.files("worker.replay") / "seeds.txt")))
"""The seed headlines, in the package."""


def documents(arguments: Sequence[str]) -> list[Document]:
    """The documents that a command line names; the seeds when it names none.

    Two files of the same name in different folders keep the paths as they were given, or their events would
    share ids.

    Raises:
        UsageError: a file is missing or cannot be read.
    """
    if not arguments:
        return [SEEDS]
    paths = [Path(argument) for argument in dict.fromkeys(arguments) if argument != STDIN]
    for path in paths:
        _require_readable(path)
    shared = Counter(_stem(path.name) for path in paths)
    found = {
        str(path): Document(_stem(path.name) if shared[_stem(path.name)] == 1 else path.as_posix(), path)
        for path in paths
    }
    return [
        Document("stdin", None) if argument == STDIN else found[str(Path(argument))] for argument in arguments
    ]


def read_document(
    document: Document,
    form: Format | None,
    fields: FieldMap,
    before_read: Callable[[], None] = lambda: None,
) -> Iterator[Entry | Fault]:
    """Read a document's headlines in order.

    Args:
        document: what to read.
        form: its format; None tells it by extension and content.
        fields: which fields of JSON Lines and tables to take.
        before_read: called before each read of bytes, which may wait for a pipe's writer.

    Raises:
        UsageError: the file cannot be read, is damaged, of no form that is read, or lacks a table's headline column.
    """
    with open_document(document, before_read) as stream:
        head = stream.peek(HEAD_BYTES)[:HEAD_BYTES]
        form = form or detect(Path(document.name).suffix, head, fields)
        yield from read(cast("BinaryIO", stream), form, fields, head)


@contextmanager
def open_document(
    document: Document, before_read: Callable[[], None] = lambda: None
) -> Iterator[io.BufferedReader[Any]]:
    """Open a document's bytes; compressed ones, told by how they begin, come uncompressed.

    Raises:
        UsageError: as `read_document`; one that is raised within gets the document's label.
    """
    try:
        with _open(document, before_read) as stream:
            yield stream
    except (BadGzipFile, EOFError, zlib.error) as error:
        raise UsageError(
            f"{document.label}: the compressed data is damaged or cut short ({error})"
        ) from error
    except OSError as error:
        raise UsageError(f"{document.label}: cannot be read ({error.strerror})") from error
    except UsageError as error:
        raise UsageError(f"{document.label}: {error}") from error


@contextmanager
def _open(document: Document, before_read: Callable[[], None]) -> Iterator[io.BufferedReader[Any]]:
    number = sys.stdin.fileno() if document.path is None else document.path
    with io.FileIO(number, closefd=document.path is not None) as raw:
        stream = io.BufferedReader(AnnouncedReads(raw, before_read), HEAD_BYTES)
        if stream.peek(len(_GZIP_MAGIC))[: len(_GZIP_MAGIC)] == _GZIP_MAGIC:
            yield io.BufferedReader(GzipFile(fileobj=stream, mode="rb"), HEAD_BYTES)
        else:
            yield stream


def _require_readable(path: Path) -> None:
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name the files in it")
    if not path.exists():
        raise UsageError(f"{path}: no such file")


def _stem(name: str) -> str:
    return name.removesuffix(".gz") or name
