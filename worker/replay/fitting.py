"""Items of feeds that a worker would have to dead-letter: told where the feed is, and somebody who may mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.events import Rejection
from worker.replay.entry import Entry, fault
from worker.replay.event import EventEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from worker.replay.entry import Fault


def fitting(found: Iterable[Entry | Fault]) -> Iterator[Entry | Fault]:
    """What is found in a feed, with a fault in the place of each entry whose event would be dead-lettered."""
    from worker.normalize import normalize  # here, since `newswire replay` needs it for feeds only

    encoder = EventEncoder("feed", "feed")
    for each in found:
        judged = normalize(encoder.encode(each, 0).value) if isinstance(each, Entry) else None
        if isinstance(each, Entry) and isinstance(judged, Rejection):
            yield fault(each.line, judged.message, each.headline)
        else:
            yield each
