"""What a million headlines in the window cost: memory and time of the replica, in this process alone.

    python tests/benchmarks/window.py [--headlines 1000000] [FILE]

Kafka is left out: frames go from the writer straight into the replica. Printed are the growth of the process's
resident memory, what the replica itself estimates, and microseconds of CPU a headline as the window fills.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from itertools import islice
from pathlib import Path

import psutil
from worker.deduplicate import Batch, Replica, Rule, Writer
from worker.deduplicate.match import MATCHER
from worker.events import Headline
from worker.normalize import normalize

sys.path.insert(0, str(Path(__file__).parent))
from corpus import events

BATCH = 2_000
WINDOW_MS = 21_600_000


def main() -> None:
    """Fill a replica and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="headlines, one a line (.gz too)")
    parser.add_argument("--headlines", type=int, default=1_000_000)
    options = parser.parse_args()
    rule = Rule(version=MATCHER.version, window_ms=WINDOW_MS, max_entries=options.headlines)
    replica = Replica(rule, 1, start=0, end=0, matcher=MATCHER)
    writer = Writer(replica, MATCHER, max_frame_bytes=500_000, writer_id=1)
    values = (value for _, value in events(options.file, options.headlines + BATCH))
    resident = psutil.Process().memory_info
    began_mb = spent = 0.0
    offset = 0
    print(f"{'headlines':>12}{'RSS MB more':>13}{'replica MB':>12}{'bytes each':>12}{'CPU us each':>13}")
    for first in range(0, options.headlines + BATCH, BATCH):
        headlines = [h for h in map(normalize, islice(values, BATCH)) if isinstance(h, Headline)]
        offsets = range(first, first + len(headlines))
        started = time.process_time()
        plan = writer.plan(Batch("raw", 0, offsets, [first] * len(headlines), headlines))
        for frame in plan.frames:
            replica.apply(offset, first, frame)
            offset += 1
        replica.verdicts("raw", 0, offsets, [headline.id for headline in headlines])
        if first == 0:
            gc.collect()
            began_mb = resident().rss / 1e6  # after the caches and tables of the first batch
            continue
        spent += time.process_time() - started
        if first % (options.headlines // 10) == 0:
            grown, held = resident().rss / 1e6 - began_mb, replica.memory_bytes
            print(
                f"{first:>12,}{grown:>13.0f}{held / 1e6:>12.0f}{held / first:>12.0f}{spent / first * 1e6:>13.1f}"
            )


if __name__ == "__main__":
    main()
