"""What each feature did to a scorer's sum for one pair (Saabas, "Interpreting random forests", 2014).

Every node of a tree stands for the mean of the leaves under it. Walking down, the mean changes at each split, and the
change is put down to the feature that was asked for there. So a pair's contributions add up to its sum, but for the
means at the roots, which are the same for every pair. Whole numbers all the way, in the unit of the leaves.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from worker.deduplicate.match.model import NODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.deduplicate.match.model import Tree, Trees


def contributions(trees: Trees, values: Sequence[int]) -> dict[int, int]:
    """By feature's number what it added to the sum; features that no split asked for, or that added nothing, lack."""
    added: defaultdict[int, int] = defaultdict(int)
    for tree in trees.trees:
        at, mean = 0, _mean(tree, 0)
        while tree[at] >= 0:
            feature = tree[at]
            at = tree[at + 2] if values[feature] <= tree[at + 1] else tree[at + 3]
            after = _mean(tree, at)
            added[feature] += after - mean
            mean = after
    return {feature: change for feature, change in added.items() if change}


def _mean(tree: Tree, at: int) -> int:
    leaves = list(_leaves(tree, at))
    return sum(leaves) // len(leaves)


def _leaves(tree: Tree, at: int) -> list[int]:
    waiting, leaves = [at], []
    while waiting:
        at = waiting.pop()
        if tree[at] < 0:
            leaves.append(tree[at + 1])
        else:
            waiting += tree[at + 2 : at + NODE]
    return leaves
