"""The seed document: dash lines that are each followed by a headline, one article, and further titles.

The article is a title, then paragraphs under section headings. No mark tells a heading from a title, so what
follows tells them apart: a short line that a paragraph follows is a section heading, any other short line is
a title. The article's own first line is the exception, a title with a paragraph under it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.replay.entry import Entry, Fault, fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARAGRAPH_CHARS: Final = 120
"""A line longer than this is a paragraph; the longest headline of the seeds has 77 characters."""

SENTENCE_WORDS: Final = 5
"""A line of at least so many words and a full stop is a paragraph too: headlines end without one."""

_CLOSING: Final = r"[\"'\u201d\u2019\u00bb)\]]*"
_DASH: Final = re.compile(r"[-\u2013\u2014](?:\s+(?P<headline>.*))?")
_SENTENCE_END: Final = re.compile(rf"(?<!\.)\.{_CLOSING}$")
_ABBREVIATION: Final = re.compile(
    rf"(?:^|[\s(])(?:(?:\w\.)+|(?:Co|Corp|Dr|Inc|Jr|Ltd|No|Sr|St|vs)\.){_CLOSING}$"
)


def read_seed_document(lines: Iterable[tuple[int, str]]) -> Iterator[Entry | Fault]:
    """Find the headlines of a seed document, in its order.

    Args:
        lines: the lines with their numbers, without blank ones and without surrounding white space.

    Yields:
        An entry for each headline, a fault for each dash that no headline follows.
    """
    dash: int | None = None
    in_article = False
    waiting: tuple[int, str] | None = None  # a short line: what it is depends on the next one
    for number, line in lines:
        mark = _DASH.fullmatch(line)
        paragraph = mark is None and dash is None and is_paragraph(line)
        if waiting and not (paragraph and in_article):
            yield Entry(*waiting)
        waiting = None
        if mark:
            if dash is not None:
                yield _bare_dash(dash)
            dash = number
            if headline := mark["headline"]:
                dash = None
                yield Entry(number, headline)
        elif dash is not None:
            dash = None
            yield Entry(number, line)
        elif paragraph:
            in_article = True
        else:
            waiting = (number, line)
    if waiting:
        yield Entry(*waiting)
    if dash is not None:
        yield _bare_dash(dash)


def is_paragraph(line: str) -> bool:
    """Whether a line is running text, not a title or a heading."""
    if len(line) > PARAGRAPH_CHARS:
        return True
    ends_sentence = _SENTENCE_END.search(line) is not None and _ABBREVIATION.search(line) is None
    return ends_sentence and len(line.split()) >= SENTENCE_WORDS


def is_dash(line: str) -> bool:
    """Whether a line is the single dash that announces a headline on the next one."""
    mark = _DASH.fullmatch(line.strip())
    return mark is not None and not mark["headline"]


def _bare_dash(number: int) -> Fault:
    return fault(number, "no headline follows this dash", "-")
