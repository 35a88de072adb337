"""A live view of running workers from their metrics: rates by differences of counters, drawn for a terminal.

`reading.py` adds up what several workers say at one moment, `figures.py` makes rates and quantiles out of two such
moments, `screen.py` draws them. Nothing here knows Kafka.
"""

from worker.top.figures import Figures, figures
from worker.top.reading import Reading, read
from worker.top.screen import Screen

__all__ = ["Figures", "Reading", "Screen", "figures", "read"]
