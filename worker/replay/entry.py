"""What a reader finds in a document: entries that can become events, and faults, which cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

EXCERPT_CHARS: Final = 80


class Entry(Struct, frozen=True, gc=False):
    """One headline of a document.

    `line` counts from 1 and is where the entry begins. `fields` holds what the document says of the headline
    beside its text, under the raw event's names (`id`, `published_at`, ...), or None where it says nothing.
    """

    line: int
    headline: str
    fields: Mapping[str, Any] | None = None


class Fault(Struct, frozen=True, gc=False):
    """A line that cannot be an event: where it stands, what is wrong with it, and how it begins."""

    line: int
    message: str
    text: str


def fault(line: int, message: str, text: str | bytes) -> Fault:
    """A fault that quotes at most `EXCERPT_CHARS` characters of the line, safe to print on a terminal."""
    if isinstance(text, bytes):
        text = text[: 4 * EXCERPT_CHARS].decode("utf-8", errors="replace")
    shown = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text.strip()[: EXCERPT_CHARS + 1]
    )
    return Fault(line, message, shown if len(shown) <= EXCERPT_CHARS else shown[: EXCERPT_CHARS - 1] + "…")
