"""Runs histories of the log's model: `python -m tests.unit.deduplicate.model SEED [COUNT]`."""

import sys

from tests.unit.deduplicate.model.survey import survey

made = survey(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
print(made.broken or made)
sys.exit(bool(made.broken))
