"""When to drop what fell out of a window: seldom enough to cost little, often enough to bound the memory."""

from __future__ import annotations


def worth_trimming(dead: int, total: int) -> bool:
    """Whether a column's dead front is large enough to move the rest over it: amortised O(1) an entry."""
    return dead * 16 > total + 64
