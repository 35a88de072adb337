"""The formats of replay's input: what each one looks like, and how its lines become entries."""

from __future__ import annotations

import csv
import re
from collections import deque
from enum import StrEnum
from operator import itemgetter
from typing import TYPE_CHECKING, BinaryIO, Final

import orjson

from worker.errors import UsageError
from worker.replay.entry import Entry, Fault, fault
from worker.replay.fitting import fitting
from worker.replay.json_feed import VERSION as JSON_FEED
from worker.replay.json_feed import read_json_feed
from worker.replay.lines import not_utf8, numbered_lines, text_lines
from worker.replay.rows import Row, read_rows
from worker.replay.seed_document import is_dash, is_listed, read_seed_document
from worker.replay.syndication import read_feed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.replay.fields import FieldMap

SEED_DASHES: Final = 0.1
"""From this share of dash lines on, a text that does not begin with one is still a seed document."""


class Format(StrEnum):
    """The form of a document."""

    SEEDS = "seeds"
    LINES = "lines"
    JSONL = "jsonl"
    CSV = "csv"
    TSV = "tsv"
    FEED = "feed"
    JSON_FEED = "jsonfeed"


_EXTENSIONS: Final = {
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".json": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".tab": Format.TSV,
    ".rss": Format.FEED,
    ".atom": Format.FEED,
    ".rdf": Format.FEED,
    ".xml": Format.FEED,
}


def detect(extension: str, head: bytes, fields: FieldMap) -> Format:
    """Tell a document's format by its extension (without `.gz`), else by how its bytes begin.

    RSS, Atom and JSON Feed are told by how they begin whatever the extension is, which is most often .xml or .json.
    Text with dash lines is a seed document: when the first line is a dash, or a tenth of the lines are.
    So is a list, where most lines are a dash and a headline. A JSON array counts as JSON Lines, which say what to do.
    """
    if _FEED.match(head):
        return Format.FEED
    by_extension = _EXTENSIONS.get(extension.lower())
    if (
        by_extension in (None, Format.JSONL)
        and head.lstrip(_BLANK).startswith(b"{")
        and JSON_FEED.search(head)
    ):
        return Format.JSON_FEED
    if by_extension is not None:
        return by_extension
    lines = [line for line in head.decode(errors="replace").lstrip("\ufeff").splitlines() if line.strip()]
    if not lines:
        return Format.LINES
    if lines[0].lstrip().startswith("{") or _ARRAY.match(lines[0]):
        return Format.JSONL
    if is_dash(lines[0]) or sum(map(is_dash, lines)) >= SEED_DASHES * len(lines):
        return Format.SEEDS
    for separator, form in (("\t", Format.TSV), (",", Format.CSV), (";", Format.CSV)):
        header = lines[0].split(separator)
        if len(header) > 1 and fields.headline in header:
            return form
    listed = 2 * sum(map(is_listed, lines)) > len(lines)
    return Format.SEEDS if listed else Format.LINES


def read(stream: BinaryIO, form: Format, fields: FieldMap, head: bytes = b"") -> Iterator[Entry | Fault]:
    """Read a document: an entry for each headline and a fault for each line that cannot be one, in order.

    Args:
        stream: its bytes.
        form: how they are read.
        fields: which fields of JSON Lines and tables to take.
        head: how the bytes begin, as far as that is known beforehand.

    Raises:
        UsageError: XML that is no feed, or a JSON array; a feed that is none; or a table without a header that can
            be read, without the column of the headline, or with two columns of the name that a field of the event is
            taken from.
    """
    if form is not Format.FEED and _XML.match(head):
        raise UsageError(
            "it is XML or HTML but no RSS or Atom feed: take the headlines out of it first, one a line or as JSON"
            " Lines; or force --format feed"
        )
    match form:
        case Format.SEEDS:
            return _read_seeds(stream)
        case Format.LINES:
            return _read_lines(stream)
        case Format.JSONL:
            return _read_json_lines(stream, fields)
        case Format.CSV:
            return _read_table(stream, fields, _separated(head, fields))
        case Format.TSV:
            return _read_table(stream, fields, _PlainTabs())
        case Format.FEED:
            return fitting(read_feed(stream, fields))
        case Format.JSON_FEED:
            return fitting(read_json_feed(stream, fields))


class _PlainTabs(csv.excel_tab):
    """Tab-separated values as IANA registers them: a quote is a character like any other."""

    quoting = csv.QUOTE_NONE
    quotechar = None


def _separated(head: bytes, fields: FieldMap) -> csv.Dialect:
    """CSV with the separator under which the header has the column of the headline, or else most columns."""
    first = head.decode(errors="replace").lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    dialects = []
    for separator in _SEPARATORS:
        dialect = csv.excel()
        dialect.delimiter = separator
        try:
            header = [name.strip() for name in next(csv.reader([first], dialect), [])]
        except csv.Error:  # whoever reads the rows says what is wrong
            header = []
        dialects.append(((fields.headline in header, len(header)), dialect))
    return max(dialects, key=itemgetter(0))[1]


_SEPARATORS: Final = (",", ";", "\t", "|")
"""The comma first: of separators that fit equally well, the first one is taken."""
_BLANK: Final = b"\xef\xbb\xbf \t\r\n"
_XML: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|rss|feed|rdf:rdf)\b", re.IGNORECASE)
_FEED: Final = re.compile(
    # What may stand before the root: a byte order mark, the declaration, a DTD, instructions, comments.
    rb"(?:\xef\xbb\xbf)?\s*(?:<(?:\?[^>]*|!doctype[^>]*|!--.*?--)>\s*)*<(?:\w+:)?(?:rss|feed|rdf)\b",
    re.IGNORECASE | re.DOTALL,
)
_ARRAY: Final = re.compile(r'\s*\[\s*(?:[{"]|$)')


def _read_seeds(stream: BinaryIO) -> Iterator[Entry | Fault]:
    faults: deque[Fault] = deque()
    first: tuple[int, str] | None = None
    barren = True

    def lines() -> Iterator[tuple[int, str]]:
        nonlocal first
        for item in text_lines(stream):
            if isinstance(item, Fault):
                faults.append(item)
            else:
                first = first or item
                yield item

    for found in read_seed_document(lines()):
        while faults and faults[0].line < found.line:
            yield faults.popleft()
        barren = False
        yield found
    yield from faults
    if first is not None and barren:
        yield fault(first[0], "no headline: it and all after it reads as the text of an article", first[1])


def _read_lines(stream: BinaryIO) -> Iterator[Entry | Fault]:
    for item in text_lines(stream):
        yield item if isinstance(item, Fault) else Entry(*item)


def _read_json_lines(stream: BinaryIO, fields: FieldMap) -> Iterator[Entry | Fault]:
    first = True
    for number, line in numbered_lines(stream):
        text = line.strip()
        if not text:
            continue
        if first and _ARRAY.match(text.decode(errors="replace")):
            raise UsageError(
                "it is one JSON array, and replay reads JSON Lines, an object a line: write it so first, as by "
                "jq -c '.[]' FILE"
            )
        first = False
        try:
            record = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            yield _not_json(number, text, error)
            continue
        if isinstance(record, dict):
            yield fields.entry(number, record, text)
        else:
            yield fault(number, "not a JSON object", text)


def _not_json(number: int, text: bytes, error: orjson.JSONDecodeError) -> Fault:
    """The fault of a line that is no JSON; the column counts characters from 1."""
    try:
        text.decode()
    except UnicodeDecodeError as wrong:
        return not_utf8(number, text, wrong)
    return fault(number, f"not JSON: {error.msg} at column {error.colno}", text)


def _read_table(stream: BinaryIO, fields: FieldMap, dialect: csv.Dialect) -> Iterator[Entry | Fault]:
    rows = read_rows(stream, dialect)
    first = next(rows, None)
    if isinstance(first, Fault):
        problem = first.message.removeprefix("not a row: ")
        raise UsageError(f"line {first.line}: the header cannot be read: {problem}")
    header = [name.strip() for name in first.cells] if first else []
    if first is None or fields.headline not in header:
        raise UsageError(
            f"no column {fields.headline!r} in the header ({', '.join(header) or 'empty'}): name the column "
            "with --field headline=COLUMN, or force another form with --format"
        )
    for name in fields.origins:
        if header.count(name) > 1:
            places = " and ".join(str(place) for place, each in enumerate(header, 1) if each == name)
            raise UsageError(
                f"line {first.last_line}: the header has {name!r} in columns {places}, and a field of the event "
                "is taken from it: rename all of them but the one that is meant"
            )
    for row in rows:
        if isinstance(row, Fault):
            yield row
        elif row.cells:
            yield _row_entry(row, header, fields)


def _row_entry(row: Row, header: list[str], fields: FieldMap) -> Entry | Fault:
    shown = " | ".join(row.cells)
    if not shown.isascii() and any("\udc80" <= c <= "\udcff" for c in shown):
        return fault(row.line, "not UTF-8", shown, lines=row.lines)
    if len(row.cells) != len(header):
        which = "the row" if row.lines == 1 else f"the row of lines {row.line} to {row.last_line}"
        message = f"{which} has {len(row.cells)} columns, the header {len(header)}"
        return fault(row.line, message, shown, lines=row.lines)
    return fields.entry(row.line, dict(zip(header, row.cells, strict=True)), shown)
