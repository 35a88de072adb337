"""Notices of a wire service that must reach the reader whatever came before: corrections, refiles, kills."""

from __future__ import annotations

import re
from typing import Final

from worker.events import Guard


def guard_of(display: str) -> Guard | None:
    """The notice that a display form is, by the mark before it or in brackets behind it, or None.

    "Stocks enter correction territory" and "Police kill two" are headlines. In doubt it is a notice: one
    headline too many is better than a correction lost.
    """
    if display[:4].casefold() in _BEGINNINGS:
        found = _FRONT.match(display)
        if found is not None:
            return _KINDS[str(found.lastgroup)]
    if display[-1:] in (")", "]"):
        found = _BACK.search(display)
        if found is not None:
            return _KINDS[str(found.lastgroup)]
    return None


_KINDS: Final = {"correction": Guard.CORRECTION, "refile": Guard.REFILE, "kill": Guard.KILL}

_CORRECTION: Final = (
    r"(?P<correction>(?i:(?:official )?(?:corrected|correction|corrections|corrects|clarification)))"
)
_REFILE: Final = r"(?P<refile>(?i:refiled?|refiling))"
_KILL: Final = (
    r"(?P<kill>KILL|ADVISORY|(?i:withdrawn|withdrawal|retracted|retraction"
    r"|(?:mandatory|bulletin|story|advisory|photo|headline) (?:kill|killed|withdrawn|withdrawal|retracted)"
    r"|kill notice))"
)
_ORDINAL: Final = r"(?:\s?[0-9]{1,2})?(?:\s?\([^()]{1,20}\))?"

_FRONT: Final = re.compile(
    # A numbered update may come before the notice: "UPDATE 2-CORRECTED-".
    r"[(\[]?(?:(?i:update|wrapup)\s?[0-9]{0,2}\s?[-:]\s?)?"
    rf"(?:{_CORRECTION}|{_REFILE}|{_KILL}){_ORDINAL}"
    # The mark ends in a colon or a dash; a hyphen alone only after capitals: "Correction-hit" is a word.
    r"(?:[)\]]|\s*:|\s+[-\u2010-\u2015]|\s*[\u2013\u2014]|\s*--|(?<=[A-Z0-9)])-)"
)
_BACK: Final = re.compile(rf"[(\[](?:{_CORRECTION}|{_REFILE}|{_KILL})[)\]]$")

_MARKS: Final = "corr clar offi refi kill advi with retr mand bull stor phot head upda wrap"
_BEGINNINGS: Final = frozenset(
    start for mark in _MARKS.split() for start in (mark, f"({mark[:3]}", f"[{mark[:3]}")
)
"""How a notice can begin; spares nearly every headline the pattern."""
