"""The display form: a headline repaired as little as possible, so that a second time changes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from worker.normalize.characters import compose
from worker.normalize.escapes import is_broken
from worker.normalize.markup import decode_references, strip_tags
from worker.normalize.mojibake import CYRILLIC_TRACE, mend

if TYPE_CHECKING:
    from collections.abc import Callable


def clean(text: str) -> tuple[str, tuple[str, ...]]:
    """A headline's display form and the names of its repairs, in the order of `REPAIRS`.

    Idempotent: of a display form the display form is itself, without repairs. May be empty. Takes any
    string, also one with lone surrogates.
    """
    if text.isascii():
        # Printable ASCII without markup or odd spaces, which is nearly every headline, has nothing to repair.
        if (
            text.isprintable()
            and "&" not in text
            and "<" not in text
            and "  " not in text
            and text.strip() == text
            and ((";" not in text and "\\" not in text) or not is_broken(text))
        ):
            return text, ()
    elif _SUSPECT.search(text) is None and compose(text) == text and not is_broken(text):
        return text, ()
    return _repaired(text)


_ROUNDS: Final = 12
"""Rounds of all repairs before markup that still unfolds is taken for hostile; honest input needs two."""

_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
_BREAK: Final = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]")
_CONTROL: Final = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufdd0-\ufdef\ufff9-\ufffb"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_INVISIBLE: Final = re.compile(
    r"[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e0fff]"
    # Joiners belong to Indic, Persian and emoji; next to anything else they only hide differences.
    r"|(?<![\u0300-\u1fff\u2190-\ufe0f\U00010000-\U0003ffff])[\u200c\u200d]"
    r"|[\u200c\u200d](?![\u0300-\u1fff\u2190-\ufe0f\U00010000-\U0003ffff])"
    # Tag characters spell the flags of regions after a black flag, and smuggle text anywhere else.
    r"|(?<![\U0001f3f4\U000e0020-\U000e007f])[\U000e0020-\U000e007f]+"
)
_BLANK: Final = re.compile(r"[\u2800\u3164\uffa0]")
"""Characters that are no spaces by their class and print as one."""

_SUSPECT: Final = re.compile(
    r"[\ud800-\udfff&<\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    r"\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufdd0-\ufdef\ufeff\uffa0\ufff9-\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    r"|  |^ | $|[\xc2-\xf4][\x80-\xbf\u0152-\u2122]|\xc2 |" + CYRILLIC_TRACE
)
"""What the repairs below look at. A headline without any of it needs composing at most."""


def _join_surrogates(text: str) -> str:
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _drop_controls(text: str) -> str:
    return _CONTROL.sub("", text)


def _drop_invisible(text: str) -> str:
    return text if text.isascii() else _INVISIBLE.sub("", text)


def _collapse_space(text: str) -> str:
    return " ".join(_BLANK.sub(" ", _BREAK.sub(" ", text)).split())


_STEPS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("surrogates", _join_surrogates),
    ("mojibake", mend),
    ("entities", decode_references),
    ("tags", strip_tags),
    ("controls", _drop_controls),
    ("invisible", _drop_invisible),
    ("unicode", compose),
    ("white_space", _collapse_space),
)

REPAIRS: Final[tuple[str, ...]] = tuple(name for name, _ in _STEPS)
"""The names of all repairs, in their order."""


def _repaired(text: str) -> tuple[str, tuple[str, ...]]:
    done: set[str] = set()
    text, settled = _settle(text, done)
    if not settled:
        # Markup within markup, without end: what could still unfold goes.
        done.update(("entities", "tags"))
        text, settled = _settle(re.sub("[&<>]", "", text), done)
    if not settled:
        done.add("controls")
        text = " ".join(re.sub("[^ -~]|[&<>]", "", text).split())
    return text, tuple(name for name in REPAIRS if name in done)


def _settle(text: str, done: set[str]) -> tuple[str, bool]:
    """Rounds of all repairs until one changes nothing; and whether that came.

    Adds the names of those that had an effect to `done`.
    """
    for _ in range(_ROUNDS):
        before = text
        for name, step in _STEPS:
            after = step(text)
            if after != text:
                done.add(name)
                text = after
        if text == before:
            return text, True
    return text, False
