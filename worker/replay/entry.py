"""What a reader finds in a document: entries that can become events, and faults, which cannot."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

EXCERPT_CHARS: Final = 80
NAMES_SHOWN: Final = 20


class Entry(Struct, frozen=True, gc=False):
    """One headline of a document.

    `line` counts from 1 and is where the entry begins. `fields` holds what the document says of the headline
    beside its text, under the raw event's names (`id`, `published_at`, ...), or None where it says nothing.
    """

    line: int
    headline: str
    fields: Mapping[str, Any] | None = None


class Fault(Struct, frozen=True, gc=False):
    """A line that cannot be an event: where it stands, what is wrong with it, and how it begins.

    `lines` is how many lines are lost with it, itself included. `names` are the first fields of a record in
    which no headline was found.
    """

    line: int
    message: str
    text: str
    lines: int = 1
    names: tuple[str, ...] = ()


def fault(
    line: int, message: str, text: str | bytes, *, lines: int = 1, names: Iterable[object] = ()
) -> Fault:
    """A fault that quotes at most `EXCERPT_CHARS` characters of the line, safe to print on a terminal.

    So are the names: at most `NAMES_SHOWN` of them, and an ellipsis where there are more.
    """
    if isinstance(text, bytes):
        text = text[: 4 * EXCERPT_CHARS].decode("utf-8", errors="replace")
    shown = tuple(_excerpt(str(name)) for name in islice(names, NAMES_SHOWN + 1))
    if len(shown) > NAMES_SHOWN:
        shown = (*shown[:NAMES_SHOWN], "…")
    return Fault(line, message, _excerpt(text), lines, shown)


def _excerpt(text: str) -> str:
    shown = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text.strip()[: EXCERPT_CHARS + 1]
    )
    return shown if len(shown) <= EXCERPT_CHARS else shown[: EXCERPT_CHARS - 1] + "…"
