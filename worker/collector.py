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
    """What is there now lives as long as the process: do not look at it again."""
    gc.collect()
    gc.freeze()
