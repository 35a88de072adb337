"""The 17 top-level IPTC Media Topics by newswire's slugs, and `unsorted`.

Codes are stable between IPTC releases, names are not; events carry the code.
Source: IPTC Media Topics, https://iptc.org/standards/media-topics/
"""

from __future__ import annotations

from typing import Final

CODES: Final[dict[str, str]] = {
    "arts": "medtop:01000000",
    "crime": "medtop:02000000",
    "disaster": "medtop:03000000",
    "economy": "medtop:04000000",
    "education": "medtop:05000000",
    "environment": "medtop:06000000",
    "health": "medtop:07000000",
    "human-interest": "medtop:08000000",
    "labour": "medtop:09000000",
    "lifestyle": "medtop:10000000",
    "politics": "medtop:11000000",
    "religion": "medtop:12000000",
    "science": "medtop:13000000",
    "society": "medtop:14000000",
    "sport": "medtop:15000000",
    "conflict": "medtop:16000000",
    "weather": "medtop:17000000",
}
"""Media topic code by slug, in the order of the codes; a model's columns stand in this order."""

SLUGS: Final[tuple[str, ...]] = tuple(CODES)

UNSORTED: Final = "unsorted"
"""Where a headline goes whose topic the router is not sure of. It has no code."""

STREAMS: Final[tuple[str, ...]] = (*SLUGS, UNSORTED)
"""The 18 output streams; each is the Kafka topic `news.<slug>`."""
