"""Upper bounds of counts, each beside what was counted when it was set."""

from __future__ import annotations

from typing import NamedTuple

BLIND = 0.5
"""Below this share of what it was, a count may no longer see what it is to count."""


class Bound(NamedTuple):
    """What was counted when the bound was set, and the most that may be."""

    was: float
    most: float

    def broken_by(self, counted: float) -> str:
        """What is wrong with a count; nothing where it keeps the bound."""
        if counted > self.most:
            return f"{counted:.6g}, at most {self.most:g} allowed; it was {self.was:g} when the bound was set"
        if counted < BLIND * self.was:
            return (
                f"{counted:.6g}, far less than the {self.was:g} when the bound was set: lower the bound if it has"
                " become so cheap; else the count no longer sees what it is to count"
            )
        return ""
