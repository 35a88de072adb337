"""The scorers: small sets of decision trees over whole numbers, the same to the last bit on every machine.

`model.json` holds them: trees as flat rows of whole numbers, the threshold on the sum of the leaves, and a table from
the sum to a score. `train` makes the file.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PATH = Path(__file__).with_name("model.json")

Tree = tuple[int, ...]
"""Four numbers a node, the root first: `feature, bound, low, high`, and the value goes on at the place `low` where it
is not above the bound, at `high` where it is. Of a leaf: `LEAF, value, 0, 0`."""

LEAF: Final = -1
NODE: Final = 4


DEEPEST: Final = 32
"""Nodes on the way from a root to a leaf, at most."""


class Trees(Struct, frozen=True, dict=True):
    """One scorer. `steps` are the sums at which the score rises to the thousandth of the same place in `scores`."""

    trees: tuple[Tree, ...]
    threshold: int
    steps: tuple[int, ...]
    scores: tuple[int, ...]

    def total(self, values: Sequence[int]) -> int:
        """The sum of the leaves that a pair's features reach."""
        return self._sum(values)

    @cached_property
    def _sum(self) -> Callable[[Sequence[int]], int]:
        """The trees as one expression, compiled: four times as fast as to walk them by their rows.

        It consists of whole numbers and of names made here, whatever a model's file holds.
        """
        features = sorted({tree[at] for tree in self.trees for at in range(0, len(tree), NODE)} - {LEAF})
        known = "".join(f"    f{feature} = values[{feature}]\n" for feature in features)
        leaves = "".join(f"\n        + {_expression(tree, 0)}" for tree in self.trees)
        made: dict[str, Callable[[Sequence[int]], int]] = {}
        exec(f"def total(values):\n{known}    return (0{leaves})\n", made)  # noqa: S102
        return made["total"]

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


def _expression(tree: Tree, at: int) -> str:
    """What a tree gives from the node at this place on, in Python."""
    feature, bound, low, high = tree[at : at + NODE]
    if feature < 0:
        return f"{bound:d}"
    return f"({_expression(tree, low)} if f{feature:d} <= {bound:d} else {_expression(tree, high)})"


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
    """Raises ValueError for a tree that asks for what there is not, or that is none."""
    depths = {0: 0}
    for at in range(0, len(tree) or 1, NODE):
        node = tree[at : at + NODE]
        if len(node) < NODE or node[0] >= width:
            raise ValueError(f"node {at // NODE} of a tree is none: {node}")
        if node[0] < 0:
            continue
        for to in node[2:]:
            if not (at < to < len(tree) and to % NODE == 0) or to in depths:
                raise ValueError(f"node {at // NODE} of a tree leads nowhere, or where another leads: {node}")
            depths[to] = depths.get(at, 0) + 1
        if depths.get(at, 0) >= DEEPEST:
            raise ValueError(f"node {at // NODE} of a tree is more than {DEEPEST} nodes deep")
