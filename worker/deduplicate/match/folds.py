"""Folds of pairs for cross-validation: all pairs that share a headline, directly or by way of others, are in one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def folds(pairs: Sequence[tuple[str, str]], number: int) -> NDArray[np.int64]:
    """The fold of each pair, from 0 to `number` - 1; the folds are about as large as each other."""
    parent: dict[str, str] = {}

    def root(form: str) -> str:
        while parent.setdefault(form, form) != form:
            form = parent[form]
        return form

    for a, b in pairs:
        parent[root(a)] = root(b)
    sizes = Counter(root(a) for a, _ in pairs)
    load = [0] * number
    fold: dict[str, int] = {}
    for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        fold[group] = load.index(min(load))
        load[fold[group]] += size
    return np.array([fold[root(a)] for a, _ in pairs], np.int64)
