"""The scorer: two small sets of decision trees over whole numbers, the same to the last bit on every machine.

`model.json` holds them: trees of depth two as ten integers (three tests `feature, bound` and four leaves), the
threshold on the sum of the leaves, and a table from the sum to a score. `train` makes the file.
"""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH = Path(__file__).with_name("model.json")

Tree = tuple[int, int, int, int, int, int, int, int, int, int]
"""feature, bound; then feature, bound where it is not above; feature, bound where it is; then the leaves in order."""


class Trees(Struct, frozen=True):
    """One scorer. `steps` are the sums at which the score rises to the thousandth of the same place in `scores`."""

    trees: tuple[Tree, ...]
    threshold: int
    steps: tuple[int, ...]
    scores: tuple[int, ...]

    def total(self, values: Sequence[int]) -> int:
        """The sum of the leaves that a pair's features reach."""
        total = 0
        for f, t, fl, tl, fr, tr, ll, lr, rl, rr in self.trees:
            if values[f] <= t:
                total += ll if values[fl] <= tl else lr
            else:
                total += rl if values[fr] <= tr else rr
        return total

    def score(self, total: int) -> float:
        """The calibrated probability for a sum, in whole thousandths."""
        return self.scores[bisect_right(self.steps, total)] / 1000


class Model(Struct, frozen=True):
    """Both scorers: whether a pair says the same, and whether it is the same story with a new fact."""

    duplicate: Trees
    update: Trees


def load(path: Path = PATH) -> Model:
    """Read a model file. Raises msgspec.ValidationError for one of another form."""
    return msgspec.json.decode(path.read_bytes(), type=Model)
