"""Normalization: a record's raw bytes in, a clean headline out, or why it can never become one.

Pure and total: no clock, no state, no exception, whatever the bytes are.
"""

from worker.normalize.batch import Normalizer
from worker.normalize.headline import normalize
from worker.normalize.limits import DEFAULT, Limits
from worker.normalize.match import match_form
from worker.normalize.repair import REPAIRS, clean

__all__ = ["DEFAULT", "REPAIRS", "Limits", "Normalizer", "clean", "match_form", "normalize"]
