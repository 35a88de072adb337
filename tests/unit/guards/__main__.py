"""Counts, and prints each count beside its bound: `python -m tests.unit.guards [--json]`."""

import json
import sys

from tests.unit.guards.bounds import BOUNDS
from tests.unit.guards.counts import counts

found = counts()
if "--json" in sys.argv:
    print(json.dumps(found))
else:
    print(f"{'':50}{'counted':>10}{'was':>10}{'most':>10}")
    for name, counted in found.items():
        bound = BOUNDS[name]
        print(
            f"{name:50}{counted:10.4g}{bound.was:10g}{bound.most:10g}  {'broken' * bool(bound.broken_by(counted))}"
        )
