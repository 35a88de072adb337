"""Label files: what an editor says of pairs of headlines, and of the topic of a headline.

Tab-separated text in UTF-8, plain or compressed by gzip, whose first line names the columns. Evaluation and training
read them alike.

    label    headline_a    headline_b     duplicate, same_story (related, and no duplicate) or different
    topic    acceptable    headline       a topic's slug; further slugs that are right too, with commas between
"""

from __future__ import annotations

import gzip
import zlib
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from worker.errors import UsageError
from worker.faults import Fault, refusal
from worker.mediatopics import CODES, SLUGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeVar

    Row = TypeVar("Row")

_GZIP_MAGIC: Final = b"\x1f\x8b"
_BOM: Final = b"\xef\xbb\xbf"


class Relation(StrEnum):
    """What an editor says of two headlines."""

    DUPLICATE = "duplicate"
    SAME_STORY = "same_story"
    DIFFERENT = "different"


class Form(StrEnum):
    """The kinds of label files, by what a row speaks of."""

    PAIRS = "pairs"
    TOPICS = "topics"


class PairLabel(NamedTuple):
    """A row of a file of pairs; `line` counts from 1."""

    line: int
    relation: Relation
    earlier: str
    later: str


class TopicLabel(NamedTuple):
    """A row of a file of topics, as slugs; `line` counts from 1."""

    line: int
    topic: str
    acceptable: tuple[str, ...]
    headline: str


HEADERS: Final = {
    Form.PAIRS: "label\theadline_a\theadline_b",
    Form.TOPICS: "topic\tacceptable\theadline",
}


def form_of(path: Path) -> Form | None:
    """Which kind of label file it is, by its first line; None for any other file.

    Raises:
        UsageError: it cannot be read.
    """
    first = next(_raw_lines(path), b"").decode("utf-8", "replace")
    return next((form for form, header in HEADERS.items() if first == header), None)


def read_pairs(path: Path) -> list[PairLabel]:
    """The rows of a file of pairs.

    Raises:
        UsageError: it cannot be read, or lines are no labels; the first of them are told.
    """
    return _rows(path, Form.PAIRS, _pair)


def read_topics(path: Path) -> list[TopicLabel]:
    """The rows of a file of topics.

    Raises:
        UsageError: it cannot be read, or lines are no labels; the first of them are told.
    """
    return _rows(path, Form.TOPICS, _topic)


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a text file, plain or compressed by gzip, without their ends.

    Raises:
        UsageError: it cannot be read, or is not UTF-8.
    """
    for number, line in enumerate(_raw_lines(path), start=1):
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise UsageError(f"{path}, line {number}: {_not_utf8(error)}") from error


def unquoted(field: str) -> str:
    """A field that a CSV writer put in quotes, because it has quotes itself, without them."""
    inner = field[1:-1]
    if (
        len(field) > 2
        and field[0] == field[-1] == '"'
        and '"' in inner
        and '"' not in inner.replace('""', "")
    ):
        return inner.replace('""', '"')
    return field


def _rows(path: Path, form: Form, parse: Callable[[int, list[str]], Row]) -> list[Row]:
    lines = _raw_lines(path)
    header = HEADERS[form]
    if next(lines, b"").decode("utf-8", "replace") != header:
        raise UsageError(f"{path}: the first line must be: {header.replace(chr(9), ', ')} (tab-separated)")
    rows, faults = [], []
    for number, line in enumerate(lines, start=2):
        try:
            rows.append(parse(number, _fields(line, header.count("\t") + 1)))
        except ValueError as error:
            faults.append(Fault(number, str(error)))
    if faults:
        raise refusal(path, faults)
    if not rows:
        raise UsageError(f"{path}: there is no label in it, only the line that names the columns")
    return rows


def _fields(line: bytes, width: int) -> list[str]:
    try:
        fields = line.decode().split("\t")
    except UnicodeDecodeError as error:
        raise ValueError(_not_utf8(error)) from error
    if not line:
        raise ValueError("it is empty; take it out")
    if len(fields) != width:
        raise ValueError(f"{width} columns are expected, with a tab between each, and {len(fields)} found")
    return fields


def _pair(line: int, fields: list[str]) -> PairLabel:
    label, earlier, later = fields[0], unquoted(fields[1]), unquoted(fields[2])
    if label not in set(Relation):
        raise ValueError(f"label is {label!r}; {_either(Relation)} is expected")
    if not earlier.strip() or not later.strip():
        raise ValueError("a headline is empty; each row has two")
    return PairLabel(line, Relation(label), earlier, later)


def _topic(line: int, fields: list[str]) -> TopicLabel:
    topic, listed, headline = fields[0], fields[1], unquoted(fields[2])
    acceptable = tuple(slug for slug in listed.split(",") if slug)
    for slug in (topic, *acceptable):
        if slug not in CODES:
            raise ValueError(f"topic is {slug!r}; {_either(SLUGS)} is expected")
    if not headline.strip():
        raise ValueError("the headline is empty")
    return TopicLabel(line, topic, acceptable, headline)


def _either(names: type[StrEnum] | tuple[str, ...]) -> str:
    *most, last = map(str, names)
    return f"{', '.join(most)} or {last}"


def _not_utf8(error: UnicodeDecodeError) -> str:
    return f"not UTF-8 at byte {error.start}; save the file as UTF-8"


def _raw_lines(path: Path) -> Iterator[bytes]:
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP_MAGIC):
            content = gzip.decompress(content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from error
    except (EOFError, zlib.error) as error:
        raise UsageError(f"{path}: the compressed data is damaged or cut short ({error})") from error
    for line in content.removeprefix(_BOM).removesuffix(b"\n").split(b"\n"):
        yield line.removesuffix(b"\r")
