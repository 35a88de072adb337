"""JSON Feed, versions 1 and 1.1: the items of a feed as entries (https://jsonfeed.org/version/1.1)."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import msgspec
import orjson

from worker.errors import UsageError
from worker.replay.entry import fault
from worker.replay.syndication import NO_TITLE, language_tag, made_up_id, read_whole, source_name, web_address

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from worker.replay.entry import Entry, Fault
    from worker.replay.fields import FieldMap

VERSION: Final = re.compile(rb'"version"\s*:\s*"https?:\\?/\\?/(?:www\.)?jsonfeed\.org\\?/version\\?/')
"""What a JSON Feed says of itself, near its beginning in all that are written by programs."""


class _Author(msgspec.Struct, frozen=True):
    name: str | None = None


class _Feed(msgspec.Struct, frozen=True):
    version: str
    items: list[msgspec.Raw]
    title: str | None = None
    language: str | None = None


class _Item(msgspec.Struct, frozen=True):
    id: str | int | float | None = None
    url: str | None = None
    title: str | None = None
    date_published: str | None = None
    date_modified: str | None = None
    language: str | None = None
    tags: list[str] | None = None
    author: _Author | None = None
    authors: list[_Author] | None = None


def read_json_feed(stream: BinaryIO, fields: FieldMap) -> Iterator[Entry | Fault]:
    """Read a JSON Feed: an entry for each item, and a fault for each that cannot be one, in order.

    Raises:
        UsageError: it is no JSON, no JSON Feed, or larger than a feed may be.
    """
    content = read_whole(stream)
    try:
        content.decode()
        feed = msgspec.json.decode(content.removeprefix(codecs.BOM_UTF8), type=_Feed)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(f"line {line}: not UTF-8: byte 0x{content[error.start]:02x}") from error
    except msgspec.ValidationError as error:
        raise UsageError(f"it is no JSON Feed: {error}") from error
    except msgspec.DecodeError:
        raise UsageError(_problem(content)) from None
    except RecursionError:
        raise UsageError("it is no JSON Feed: it is nested too deeply") from None
    line, position = 1, 0
    for item in feed.items:
        raw = bytes(item)
        found = content.index(raw, position)
        line += content.count(b"\n", position, found)
        yield _entry(line, raw, feed, fields)
        line += raw.count(b"\n")
        position = found + len(raw)


def _problem(content: bytes) -> str:
    """Where the JSON breaks: msgspec counts bytes, people lines."""
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError as error:
        return f"line {error.lineno}: not JSON: {error.msg} at column {error.colno}"
    return "it is no JSON Feed: numbers or texts in it are out of bounds"


def _entry(line: int, raw: bytes, feed: _Feed, fields: FieldMap) -> Entry | Fault:
    try:
        item = msgspec.json.decode(raw, type=_Item)
    except (msgspec.ValidationError, RecursionError) as error:
        return fault(line, f"not an item of a JSON Feed: {error}", raw)
    title = " ".join((item.title or "").split())
    if not title:
        return fault(line, NO_TITLE, raw, names=orjson.loads(raw))
    authors = item.authors or ([item.author] if item.author else [])
    record: Mapping[str, Any] = {
        "source": source_name(feed.title),
        "headline": title,
        "published_at": item.date_published or item.date_modified,
        "url": web_address(item.url),
        "language": language_tag(item.language, feed.language),
        "author": ", ".join(author.name for author in authors if author.name),
        "categories": item.tags,
    }
    if item.id in (None, ""):
        event_id = made_up_id(record["source"], item.url, title, record["published_at"])
    else:
        event_id = str(item.id)
    named = {name: value for name, value in {"id": event_id, **record}.items() if value}
    return fields.entry(line, named, raw)
