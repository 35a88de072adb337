"""The seed document: dash lines that are each followed by a headline, one article, and further titles.

The article is a title, then paragraphs under section headings. No mark tells a heading from a title, so what
follows tells them apart: a short line that a paragraph follows is a section heading, any other short line is
a title. The article's own first line is the exception, a title with a paragraph under it. Within the article
two short lines before a paragraph are a heading and a short paragraph, since titles come only at the end.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Final

from worker.replay.entry import Entry, Fault, fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PARAGRAPH_CHARS: Final = 120
"""A line longer than this is a paragraph; the longest headline of the seeds has 77 characters."""

SENTENCE_WORDS: Final = 5
"""A line of at least so many words and a full stop is a paragraph too: headlines end without one."""

QUESTION_WORDS: Final = 10
"""A question within the article is a paragraph from so many words on: shorter ones are as often titles."""

TITLE_WORDS: Final = 14
"""A line within the article of more words is a paragraph; the longest title after an article has 6."""

HELD_LINES: Final = 2
"""So many short lines in a row may belong to the article, if a paragraph follows them."""

_CLOSING: Final = r"[\"'\u201d\u2019\u00bb)\]]*"
_DASH: Final = re.compile(r"[-\u2013\u2014](?:\s+(?P<headline>.*))?")
_SENTENCE_END: Final = re.compile(rf"(?<!\.)\.{_CLOSING}$")
_ABBREVIATION: Final = re.compile(
    rf"(?:^|[\s(])(?:(?:\w\.)+|(?:Co|Corp|Dr|Inc|Jr|Ltd|No|Sr|St|vs)\.){_CLOSING}$"
)
_EXCLAMATION: Final = re.compile(rf"!{_CLOSING}$")
_QUESTION: Final = re.compile(rf"\?{_CLOSING}$")
_SENTENCE_BREAK: Final = re.compile(rf"\w{{3,}}[.!?]{_CLOSING}\s+[\"'\u201c\u2018]?[A-Z]")
_SUBJECT_AND_VERB: Final = re.compile(
    r"(?:It|There|They|He|She|We|This|These|That|Those)\s+"
    r"(?:is|are|was|were|has|have|had|will|would|can|could|may|might)\s"
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
    held: deque[tuple[int, str]] = deque()  # short lines: what they are depends on what follows
    for number, line in lines:
        mark = _DASH.fullmatch(line)
        if mark is None and dash is None:
            if is_paragraph(line, in_article=in_article):
                if not in_article:
                    yield from _entries(held)
                held.clear()
                in_article = True
            else:
                held.append((number, line))
                if len(held) > (HELD_LINES if in_article else 1):
                    yield Entry(*held.popleft())
            continue
        yield from _entries(held)
        held.clear()
        if mark is None:
            dash = None
            yield Entry(number, line)
            continue
        if dash is not None:
            yield _bare_dash(dash)
        dash = number
        if headline := mark["headline"]:
            dash = None
            yield Entry(number, headline)
    yield from _entries(held)
    if dash is not None:
        yield _bare_dash(dash)


def is_paragraph(line: str, *, in_article: bool = False) -> bool:
    """Whether a line is running text, not a title or a heading.

    Args:
        line: without surrounding white space.
        in_article: whether a paragraph came before, so that less is needed to tell another one.
    """
    if len(line) > PARAGRAPH_CHARS:
        return True
    words = len(line.split())
    if words < SENTENCE_WORDS:
        return False
    if _SENTENCE_END.search(line) is not None and _ABBREVIATION.search(line) is None:
        return True
    exclaims, asks = _EXCLAMATION.search(line) is not None, _QUESTION.search(line) is not None
    if (exclaims or asks) and _SENTENCE_BREAK.search(line) is not None:
        return True
    return in_article and (
        words > TITLE_WORDS
        or exclaims
        or (asks and words >= QUESTION_WORDS)
        or _SUBJECT_AND_VERB.match(line) is not None
    )


def is_dash(line: str) -> bool:
    """Whether a line is the single dash that announces a headline on the next one."""
    mark = _DASH.fullmatch(line.strip())
    return mark is not None and not mark["headline"]


def is_listed(line: str) -> bool:
    """Whether a line is a dash and its headline in one."""
    mark = _DASH.fullmatch(line.strip())
    return mark is not None and bool(mark["headline"])


def _entries(held: Iterable[tuple[int, str]]) -> Iterator[Entry]:
    return (Entry(*line) for line in held)


def _bare_dash(number: int) -> Fault:
    return fault(number, "no headline follows this dash", "-")
