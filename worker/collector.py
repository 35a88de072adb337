"""When Python's garbage collector runs: seldom, since little of what newswire lets go needs it."""

from __future__ import annotations

import gc
from typing import Final

_THRESHOLDS: Final = (50_000, 20, 20)
"""What is computed with is let go without the collector."""


def run_seldom() -> None:
    """Look for garbage seldom, from here on; at a start nearly all that is made is there to stay."""
    gc.set_threshold(*_THRESHOLDS)


def keep() -> None:
    """Never look again at what is there now. After imports that is right: 20 of 107,000 objects are garbage."""
    gc.freeze()


def sweep() -> None:
    """Let go of the garbage among what has been made since, and keep the rest."""
    gc.collect()
    gc.freeze()
