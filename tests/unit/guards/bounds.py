"""The most that a headline, or a fetch, may take.

Counts are the same on every machine, so bounds stand close. From Python 3.11, whose they are here, to 3.13 calls differ
by 2% and sizes of objects by 5%.
"""

from __future__ import annotations

from typing import Final

from tests.bounds import Bound

BOUNDS: Final = {
    # A headline of a full fetch: functions called, by step. What is no longer done by the batch but by the record shows
    # here: two or three calls more each.
    "calls: Python, read": Bound(23.1, 24.3),
    "calls: Python, plan": Bound(2.11, 2.3),
    "calls: Python, agree": Bound(23.7, 24.9),
    "calls: Python, write": Bound(9.63, 10.1),
    "calls: Python, hand on": Bound(4.95, 5.3),
    "calls: builtin, read": Bound(62.1, 65),
    "calls: builtin, plan": Bound(9.11, 9.6),
    "calls: builtin, agree": Bound(31.8, 33.4),
    "calls: builtin, write": Bound(12.3, 12.9),
    "calls: builtin, hand on": Bound(11.8, 12.4),
    # A headline that comes alone, all steps but the last: what a fetch costs whatever it brings.
    "a headline alone: Python calls": Bound(408, 420),
    "a headline alone: builtin calls": Bound(584, 601),
    # A headline with 20,000 entries in the window: earlier ones that it shares a pair of keys with, those of them that
    # are alike by all keys, and those that are read word by word.
    "candidates: met": Bound(3.11, 3.5),
    "candidates: alike": Bound(0.762, 0.85),
    "candidates: judged": Bound(0.205, 0.23),
    # A headline: what is appended to the log and to the outputs, and what goes to the helper and comes from it.
    "bytes: frames": Bound(113.4, 119),
    "bytes: outputs": Bound(717, 740),
    "bytes: to the helper": Bound(173.2, 182),
    "bytes: from the helper": Bound(843, 880),
    # A headline of a full fetch: what a step has at once beyond what was there before, arrays included.
    "bytes at once: read": Bound(1397, 1500),
    "bytes at once: plan": Bound(171, 185),
    "bytes at once: agree": Bound(3770, 4100),
    "bytes at once: write": Bound(1107, 1200),
    # A headline under way, and one that is done.
    "objects: for the collector to look at": Bound(1.55, 1.7),
    "kept: blocks": Bound(4.66, 5.2),
    "kept: bytes of the replica": Bound(196.7, 203),
    # A full fetch of 6 partitions, to 57 of outputs.
    "a fetch: frames": Bound(6, 6),
    "a fetch: frames decoded": Bound(6, 6),
    "a fetch: record batches": Bound(56, 57),
    "a fetch: objects that only the collector lets go": Bound(0, 50),
}
