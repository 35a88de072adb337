"""The scorers: small sets of decision trees over whole numbers, the same to the last bit on every machine.

`model.json` holds them: trees as flat rows of whole numbers, the threshold on the sum of the leaves, and a table from
the sum to a score. `train` makes the file.
"""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

PATH = Path(__file__).with_name("model.json")

Tree = tuple[int, ...]
"""Four numbers a node, the root first: `feature, bound, low, high`, and the value goes on at the place `low` where it
is not above the bound, at `high` where it is. Of a leaf: `LEAF, value, 0, 0`."""

LEAF: Final = -1
NODE: Final = 4


class Trees(Struct, frozen=True):
    """One scorer. `steps` are the sums at which the score rises to the thousandth of the same place in `scores`."""

    trees: tuple[Tree, ...]
    threshold: int
    steps: tuple[int, ...]
    scores: tuple[int, ...]

    def total(self, values: Sequence[int]) -> int:
        """The sum of the leaves that a pair's features reach."""
        total = 0
        for tree in self.trees:
            at = 0
            feature = tree[0]
            while feature >= 0:
                at = tree[at + 2] if values[feature] <= tree[at + 1] else tree[at + 3]
                feature = tree[at]
            total += tree[at + 1]
        return total

    def score(self, total: int) -> float:
        """The calibrated probability for a sum, in whole thousandths."""
        return self.scores[bisect_right(self.steps, total)] / 1000


class Scorers(Struct, frozen=True):
    """Whether a pair says the same, and whether it is the same story with a new fact."""

    duplicate: Trees
    update: Trees


class Model(Struct, frozen=True):
    """The scorers of pairs that only the rule has read, and of those of which the log holds what the encoder said."""

    cheap: Scorers
    deep: Scorers


def load(path: Path = PATH) -> Model:
    """Read the release's model. Raises msgspec.ValidationError for a file of another form."""
    return msgspec.json.decode(path.read_bytes(), type=Model)


EVIDENCE: Final = 2
"""What the deep scorers see behind the features: what the encoder said."""


def check(model: Model, features: Sequence[str]) -> None:
    """Raises ValueError for a model whose scorers could not be asked about pairs with these features."""
    for scorers, width in ((model.cheap, len(features)), (model.deep, len(features) + EVIDENCE)):
        for trees in (scorers.duplicate, scorers.update):
            for tree in trees.trees:
                _check_tree(tree, width)
            if list(trees.steps) != sorted(trees.steps) or len(trees.scores) != len(trees.steps) + 1:
                raise ValueError("scores and their steps differ in number or order")
            if not all(0 <= score <= _PER_MILLE for score in trees.scores):
                raise ValueError("a score is not in thousandths")


_PER_MILLE: Final = 1000


def _check_tree(tree: Tree, width: int) -> None:
    """Raises ValueError for a tree that asks for what there is not, or that would not end."""
    for at in range(0, len(tree) or 1, NODE):
        node = tree[at : at + NODE]
        if len(node) < NODE or node[0] >= width:
            raise ValueError(f"node {at // NODE} of a tree is none: {node}")
        if node[0] >= 0 and not all(at < to < len(tree) and to % NODE == 0 for to in node[2:]):
            raise ValueError(f"node {at // NODE} of a tree leads nowhere: {node}")
