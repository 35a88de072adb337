"""Faust, batch-wise: a transport that delivers what was fetched of a partition as one event.

`BatchApp` is the Faust app to define agents on, `Batch` is what they get, `Handover` is how they pass work on.
Nothing outside this package knows how it is done.
"""

from worker.transport.app import BatchApp
from worker.transport.batch import Batch, Record
from worker.transport.driver import BatchSchema
from worker.transport.handover import Handover

__all__ = ["Batch", "BatchApp", "BatchSchema", "Handover", "Record"]
