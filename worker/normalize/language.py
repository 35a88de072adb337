"""Language tags in the one spelling that RFC 5646, 2.1.1 recommends."""

from __future__ import annotations

from functools import lru_cache

from worker.language import ENGLISH, UND


def declared(tag: str) -> str | None:
    """The language that a feed names by a well-formed tag; None for `und`, which names none."""
    found = canonical(tag)
    return None if found == UND else found


def is_english(tag: str | None) -> bool:
    """Whether the feed says that it is English, or does not say."""
    return tag is None or tag.partition("-")[0] == ENGLISH


@lru_cache(maxsize=1024)
def canonical(tag: str) -> str:
    """`EN` as `en`, `pt_br` as `pt-BR`, `zh-hant-tw` as `zh-Hant-TW`; the tag is well-formed already."""
    parts = tag.replace("_", "-").lower().split("-")
    for place, part in enumerate(parts[1:], start=1):
        if len(parts[place - 1]) == 1:
            break
        if len(part) == 2:
            parts[place] = part.upper()
        elif len(part) == 4:
            parts[place] = part.title()
    return "-".join(parts)
