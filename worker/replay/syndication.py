"""RSS and Atom: the items of a feed as entries. What they mean is feedparser's to know, where they stand is expat's."""

from __future__ import annotations

import io
import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from xml.parsers import expat

from worker.errors import UsageError
from worker.replay.entry import fault
from worker.replay.feed_dates import feed_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from worker.replay.entry import Entry, Fault
    from worker.replay.fields import FieldMap

MAX_FEED_BYTES: Final = 64 * 1024 * 1024
"""A feed is read as a whole; what is larger is no feed."""
NO_TITLE: Final = "no headline: the item has no title"
MOST_SOURCE_CHARS: Final = 128

_ITEMS: Final = frozenset({"item", "entry"})
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:[-_][A-Za-z0-9]{1,8})*")
_BROKEN_OFF: Final = (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN)
_DATES: Final = ("published", "updated", "created")


def read_whole(stream: BinaryIO) -> bytes:
    """All bytes of a feed.

    Raises:
        UsageError: it is larger than a feed may be.
    """
    content = stream.read(MAX_FEED_BYTES + 1)
    if len(content) > MAX_FEED_BYTES:
        raise UsageError(
            f"it has more than {MAX_FEED_BYTES >> 20} MiB, and a feed is read as a whole: split it"
        )
    return content


def read_feed(stream: BinaryIO, fields: FieldMap) -> Iterator[Entry | Fault]:
    """Read RSS 0.9 to 2.0 or Atom: an entry for each item, and a fault for each that cannot be one, in order.

    Where the XML is not well-formed, the items that end before that are read, and the rest is one fault.

    Raises:
        UsageError: it is no such feed, or larger than `MAX_FEED_BYTES`.
    """
    import feedparser  # here, since it takes a tenth of a second

    content = read_whole(stream)
    # As a stream: bytes would be taken for a name first, and what stands there be opened.
    feed = feedparser.parse(io.BytesIO(content), sanitize_html=False, resolve_relative_uris=False)
    text = content.decode(feed.get("encoding") or "utf-8", errors="replace")
    outline = _Outline(text)
    if not feed.get("version"):
        raise UsageError(
            f"it is no RSS or Atom feed: {outline.problem or f'its root element is <{outline.root}>'}; name a feed,"
            " or take the headlines out of it, one a line or as JSON Lines"
        )
    items = feed.entries if outline.error is None else feed.entries[: outline.complete]
    texts = text.splitlines()
    for index, item in enumerate(items):
        line = outline.lines[index] if index < len(outline.lines) else 1
        yield _entry(line, item, feed.feed, fields)
    if outline.error is not None:
        line = outline.error.lineno
        message = f"{outline.problem}; the feed is read up to the last item that ends before it"
        shown = texts[line - 1] if line <= len(texts) else ""
        yield fault(line, message, shown, lines=max(1, len(texts) - outline.end))


class _Outline:
    """Where the items of a feed begin, and how far its XML is well-formed.

    `lines` are those on which items begin, `complete` is how many of the first end before the XML breaks, `end` the
    line on which the last of these ends.
    """

    def __init__(self, text: str) -> None:
        self.root = ""
        self.lines: list[int] = []
        self._ends: list[int] = []
        self._open: list[int] = []
        self.error: expat.ExpatError | None = None
        self._parser = parser = expat.ParserCreate("utf-8")  # overrules what the document declares
        # HTML's entities stand in many feeds, declared in none: with a DTD that could be elsewhere they are no error.
        parser.UseForeignDTD(True)
        parser.ExternalEntityRefHandler = lambda *_: 1
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._finish
        try:
            parser.Parse(text.encode(errors="replace"), True)
        except expat.ExpatError as error:
            self.error = error

    @property
    def problem(self) -> str:
        """What is wrong with the XML, empty where nothing is; the column counts from 1."""
        if self.error is None:
            return ""
        what = expat.ErrorString(self.error.code)
        if self.root and what in _BROKEN_OFF:
            what = "it breaks off"
        return f"not well-formed XML: {what} at column {self.error.offset + 1}"

    @property
    def complete(self) -> int:
        return min(self._open, default=len(self.lines))

    @property
    def end(self) -> int:
        return max(self._ends[: self.complete], default=0)

    def _begin(self, name: str, _: Mapping[str, str]) -> None:
        self.root = self.root or name
        if _is_item(name):
            self._open.append(len(self.lines))
            self.lines.append(self._parser.CurrentLineNumber)
            self._ends.append(0)

    def _finish(self, name: str) -> None:
        if _is_item(name):
            self._ends[self._open.pop()] = self._parser.CurrentLineNumber


def _is_item(name: str) -> bool:
    return name.rpartition(":")[2].lower() in _ITEMS


def _entry(line: int, item: Mapping[str, Any], feed: Mapping[str, Any], fields: FieldMap) -> Entry | Fault:
    title = " ".join((item.get("title") or "").split())
    if not title:
        return fault(line, NO_TITLE, item.get("summary") or "", names=item)
    link = item.get("link") or ""
    source = source_name((item.get("source") or {}).get("title"), feed.get("title"))
    published_at, as_written = _published(item)
    if as_written and not published_at:
        return fault(
            line, f"{as_written!r} is no date of RFC 822 or ISO 8601 whose distance from UTC is known", title
        )
    record = {
        "id": item.get("id") or made_up_id(source, link, title, published_at),
        "source": source,
        "headline": title,
        "published_at": published_at,
        "url": web_address(link),
        "language": language_tag(
            (item.get("title_detail") or {}).get("language"), item.get("language"), feed.get("language")
        ),
        "author": item.get("author"),
        "categories": [tag["term"] for tag in item.get("tags") or () if tag.get("term")] or None,
    }
    return fields.entry(line, {name: value for name, value in record.items() if value}, title)


def _published(item: Mapping[str, Any]) -> tuple[str | None, str]:
    """When an item was published, else updated or created, as RFC 3339; and the words of the first that it names."""
    for name in _DATES:
        words = item.get(name)
        if words:
            return feed_date(words), words
    return None, ""


def source_name(*names: str | None) -> str | None:
    """The first name there is, in one line, cut to what a raw event takes; None where there is none."""
    for name in names:
        if words := " ".join((name or "").split()):
            return words[:MOST_SOURCE_CHARS]
    return None


def language_tag(*tags: str | None) -> str | None:
    """The first that is a language tag; feeds write other things there too, and it is a hint only."""
    return next((tag for tag in tags if tag and _LANGUAGE.fullmatch(tag)), None)


def web_address(link: str | None) -> str | None:
    """A link that leads somewhere by itself."""
    return link if link and link.lower().startswith(("http://", "https://")) else None


def made_up_id(source: str | None, link: str | None, headline: str, published_at: str | None) -> str:
    """The id of an item that names none: of its link, else of its headline and time; its place in the feed changes."""
    parts = (source, link) if link else (source, headline, published_at)
    return blake2b("\0".join(map(str, parts)).encode(), digest_size=8).hexdigest()
