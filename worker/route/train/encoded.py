"""Percents of topics by the deep tier's encoder: the fast model learns from the slow one. Needs onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from worker.deep.encoder import Encoder
from worker.mediatopics import SLUGS
from worker.route.evidence import Confidences
from worker.route.train.labels import Targets, joined, match_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

_AT_ONCE: Final = 32


def with_encoder(taught: Targets, further: Iterable[str], threads: int = 2) -> Targets:
    """The targets with the encoder's probabilities averaged in, and further headlines with the encoder's alone.

    Args:
        taught: what another teacher says.
        further: headlines as they stand in a file.
        threads: that a computation is spread over.

    Raises:
        SettingsError: onnxruntime is not installed.
        UsageError: the encoder's files are damaged.
    """
    encoder = Encoder.load(threads, Confidences.load().encoder)
    forms = [match_of(headline) for headline in further]
    own = _probabilities(encoder, taught.matches)
    averaged = Targets(taught.matches, (taught.probabilities + own) / np.float32(2), taught.weights)
    others = Targets(forms, _probabilities(encoder, forms), np.ones(len(forms), np.float32))
    return joined(averaged, others)


def _probabilities(encoder: Encoder, forms: Sequence[str]) -> NDArray[np.float32]:
    """(n, 17), in the order of the topics' codes."""
    found = np.zeros((len(forms), len(SLUGS)), np.float32)
    rows = [encoder.vocabulary.single(form) for form in forms]
    # Rows of like length together, since the shorter are filled up.
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    for begin in range(0, len(order), _AT_ONCE):
        places = order[begin : begin + _AT_ONCE]
        shares = encoder.topics([rows[at] for at in places])
        found[places] = np.array([list(row) for row in shares], np.float32)
    sums: NDArray[np.float32] = np.maximum(found.sum(axis=1, keepdims=True), 1)
    return found / sums
