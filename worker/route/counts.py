"""What a router counts; apart from it, since who only adds the counts up does not load the model's code."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """How many words a router has met, and how many of them the model does not know: how far the news has moved on."""

    met: int = 0
    unknown: int = 0

    def since(self, before: Words) -> Words:
        """What came after an earlier count."""
        return Words(self.met - before.met, self.unknown - before.unknown)
