"""HTML that was left in a headline: character references and tags."""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final

from worker.normalize.escapes import is_broken, mend_references


def decode_references(text: str) -> str:
    """The text with its character references read, each chain of `&amp;amp;` at once.

    `AT&T` and `R&B` stay: a name without its semicolon is read only where it is one of the few that feeds
    cut, and an unknown one is text. Numbers are read as HTML reads them (WHATWG HTML, 13.2.5.80).
    """
    text = _REFERENCE.sub(_character, text)
    return mend_references(text) if is_broken(text) else text


def strip_tags(text: str) -> str:
    """The text without HTML's own tags, comments, scripts and styles; `a < b` and `<insert name>` stay.

    A tag that breaks the line leaves a space, one within a word leaves nothing.
    """
    return _TAG.sub(_gap, _UNSEEN.sub(" ", text))


_REFERENCE: Final = re.compile(
    r"&(?:amp;)+(?=#?\w)"  # a chain: what is left is read in the next round
    r"|&\#(?:[xX]([0-9a-fA-F]{1,8})(?:;|(?![0-9A-Za-z]))|([0-9]{1,10})(?:;|(?![0-9])))"
    r"|&([A-Za-z][A-Za-z0-9]{1,31});"
    r"|&(amp|quot|apos|nbsp|lt|gt)(?=\s|$)",
    re.ASCII,
)
_MISREAD_CONTROLS: Final = {
    number: bytes((number,)).decode("cp1252")
    for number in range(0x80, 0xA0)
    if number not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""References to C1 controls mean the characters of Windows-1252."""


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal, name, cut_name = found.groups()
    if hexadecimal or decimal:
        number = int(hexadecimal, 16) if hexadecimal else int(decimal)
        if number == 0 or number > 0x10FFFF or 0xD800 <= number < 0xE000:
            return "\ufffd"
        return _MISREAD_CONTROLS.get(number) or chr(number)
    if name or cut_name:
        return html5.get(f"{name or cut_name};", found.group())
    return "&"


_INLINE: Final = (
    "a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|nobr|q|rp|rt|ruby|s|samp"
    "|small|span|strike|strong|sub|sup|time|tt|u|var|wbr"
)
_BREAKING: Final = (
    "address|article|aside|audio|blockquote|body|br|button|caption|center|dd|div|dl|dt|embed|figcaption|figure"
    "|footer|form|h[1-6]|head|header|hr|html|iframe|img|input|li|link|main|meta|nav|noscript|object|ol|p|picture|pre"
    "|script|section|source|style|svg|table|tbody|td|tfoot|th|thead|title|tr|ul|video"
)
_TAG: Final = re.compile(rf"</?(?:({_INLINE})|(?:{_BREAKING}))(?:\s[^<>]*|/)?>", re.IGNORECASE | re.ASCII)
_UNSEEN: Final = re.compile(
    r"<!--[^<]*?-->|<!\[CDATA\[|\]\]>|<!doctype[^<>]*>"
    r"|<(script|style)(?:\s[^<>]*)?>[^<]*</\1\s*>",
    re.IGNORECASE | re.ASCII,
)


def _gap(tag: re.Match[str]) -> str:
    return "" if tag.group(1) else " "
