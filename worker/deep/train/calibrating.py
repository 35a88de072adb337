"""How far the encoder's topics can be trusted: the tables of `worker/route/evidence.json`.

Isotonic regression (Barlow et al., 1972), smoothed, on headlines that the encoder measured has not learned from.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from sklearn.isotonic import IsotonicRegression

from worker.errors import UsageError
from worker.mediatopics import SLUGS
from worker.route.evidence import SHARES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from worker.route.train.labels import Labelled

_MOST: Final = 0.995
"""Nothing is certain."""
_SPREAD: Final = 5
"""Steps are smoothed by a bell curve of this deviation,"""
_REACH: Final = 12
"""cut off so far from its middle; both in 255ths."""


class Tables(NamedTuple):
    """Permille by a topic's share in 255ths; neither falls as the share grows."""

    first: list[int]
    further: list[int]


def labels_of(matches: Sequence[str], labelled: Sequence[Labelled]) -> list[Labelled]:
    """The labels of headlines that were judged, one by one.

    Raises:
        UsageError: one has no label.
    """
    known = {label.match: label for label in reversed(labelled)}
    try:
        return [known[match] for match in matches]
    except KeyError as error:
        raise UsageError(
            f"headline {error} was judged, but has no label in this folder: run the command score with it again"
        ) from error


def tables(shares: Sequence[bytes], labelled: Sequence[Labelled]) -> Tables:
    """What shares mean, by what an editor says of the same headlines.

    Args:
        shares: of the topics of each headline, in the order of their codes.
        labelled: the headlines.
    """
    found = np.array([list(row) for row in shares])
    accepted = np.array([[label.accepts(topic) for topic in range(len(SLUGS))] for label in labelled])
    rows, best = np.arange(len(found)), found.argmax(axis=1)
    others = np.ones(found.shape, bool)
    others[rows, best] = False
    return Tables(_table(found[rows, best], accepted[rows, best]), _table(found[others], accepted[others]))


def save(measured: Tables, encoder: str, path: Path) -> None:
    """Writes the file, for the encoder of a digest."""
    path.write_text(json.dumps({"encoder": encoder, **measured._asdict()}) + "\n", "utf-8")


def _table(shares: NDArray[np.int64], right: NDArray[np.bool_]) -> list[int]:
    """Between the shares that were seen it is interpolated; below and above all of them nothing changes."""
    fitted = IsotonicRegression(y_min=0, y_max=_MOST, out_of_bounds="clip").fit(shares, right)
    steps = np.pad(fitted.predict(np.arange(SHARES)), _REACH, mode="edge")
    bell = np.exp(-0.5 * (np.arange(-_REACH, _REACH + 1) / _SPREAD) ** 2)
    smooth = np.convolve(steps, bell / bell.sum(), "valid")
    table: list[int] = np.maximum.accumulate(np.rint(1000 * smooth).astype(int)).tolist()
    return table
