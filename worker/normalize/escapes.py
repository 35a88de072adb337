r"""What is left of character references and escapes that lost a part: `it #39;s`, `quot;yes quot;`, `\$5`.

Feeds lose the ampersand, or have a space for it; programs write a backslash before a quote and forget it there.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import Final


def is_broken(text: str) -> bool:
    """Whether `mend_references` may have something to do; quick where it has not."""
    return (";" in text or "\\" in text) and _TRACE.search(text) is not None


def mend_references(text: str) -> str:
    """The text with broken references read and forgotten backslashes gone. Only what nobody means as text is read."""
    if "amp;" in text:
        text = _AMPERSAND.sub("&", _CHAIN.sub("", text))
    if "lt;" in text:
        text = _BROKEN_TAG.sub(r"<\1>", text)
    if "39;" in text:
        text = _APOSTROPHE.sub("'", text)
    if "#" in text:
        text = _NUMBER.sub(_character, text)
    if ";" in text:
        text = _NAME.sub(_named, _CLOSING_QUOTE.sub('"', text))
    return _BACKSLASH.sub("", text) if "\\" in text else text


_TRACE: Final = re.compile(r"(?:quot|apos|nbsp|quo|dash|hellip|amp|[lg]t|[0-9]);|\\['\"$]")

_CHAIN: Final = re.compile(r"(?<![&\w])(?:amp;)+(?=(?:\#[0-9]{2,4}|[a-z]{2,6});)")
"""What an ampersand that was escaped again and again leaves before the reference itself."""

_BROKEN_TAG: Final = re.compile(r"(?<!&)lt;\s?(/?[A-Za-z][^;<>&]{0,99}?)\s?(?:gt;|>)")

_APOSTROPHE: Final = re.compile(
    r"(?<=[A-Za-z]) ?(?<!&)(?:\#0?39;|39;)(?=(?:s|t|re|ve|ll|d|m)(?![A-Za-z0-9]))"
)
"""An apostrophe in the place of which there is its number, before what can follow one."""

_NUMBER: Final = re.compile(r"(?<!&)\#(0?3[49]|82(?:1[1-7]|2[01]|30));")
"""Quotes, dashes and the ellipsis by their numbers."""

_CLOSING_QUOTE: Final = re.compile(r"(?<=\w) quot;(?=[\s.,:;!?)]|$)")
_AMPERSAND: Final = re.compile(r"(?<=\w) amp;(?=\w)|(?<=[A-Z])amp;(?=[A-Z])")
_NAME: Final = re.compile(r"(?<!&)(quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip|(?<![A-Za-z])(?:amp|lt|gt));")
"""Names that end no word; words may end in the others ("lamp; salt")."""

_BACKSLASH: Final = re.compile(r"\\(?=['\"$])")


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1]))


def _named(found: re.Match[str]) -> str:
    return html5[f"{found[1]};"]
