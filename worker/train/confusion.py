"""A confusion table: how often each label got each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Confusion(NamedTuple):
    """`counts` is (labels, answers): how many rows of a label got an answer."""

    labels: tuple[str, ...]
    answers: tuple[str, ...]
    counts: NDArray[np.int64]


def confusion(
    labels: Sequence[str], answers: Sequence[str], named_labels: Sequence[str], named_answers: Sequence[str]
) -> Confusion:
    """The table of rows with a label and an answer each.

    Args:
        labels: of each row.
        answers: of each row.
        named_labels: every label, in the order of the table; those of no row are left out.
        named_answers: every answer, in the same way.
    """
    at_label = {name: at for at, name in enumerate(named_labels)}
    at_answer = {name: at for at, name in enumerate(named_answers)}
    counts = np.zeros((len(at_label), len(at_answer)), np.int64)
    np.add.at(counts, ([at_label[name] for name in labels], [at_answer[name] for name in answers]), 1)
    rows, columns = counts.sum(axis=1) > 0, counts.sum(axis=0) > 0
    return Confusion(
        tuple(name for name, some in zip(named_labels, rows, strict=True) if some),
        tuple(name for name, some in zip(named_answers, columns, strict=True) if some),
        counts[rows][:, columns],
    )


def as_table(found: Confusion) -> Table:
    """The table for a terminal: a row a label, a column an answer; nought is left blank."""
    table = Table(box=None, pad_edge=False)
    table.add_column("label, and its answers")
    for name in found.answers:
        table.add_column(name[:_NARROW], justify="right", no_wrap=True)
    for name, counts in zip(found.labels, found.counts.tolist(), strict=True):
        table.add_row(name, *(f"{count:,}" if count else "" for count in counts))
    return table


_NARROW = 6
