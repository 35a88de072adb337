"""The encoder's logits as the small integers that the log records."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from worker.deduplicate.evidence import MOST_LOG_ODDS, Scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 8
"""Of a natural unit of log-odds."""
_WHOLE = 255
"""Of a probability."""


def scores(logits: NDArray[np.float32]) -> list[Scores]:
    """Log-odds of `duplicate`, and of `same_story`, each against the other two.

    Args:
        logits: (n, 3), of duplicate, same_story and different.
    """
    wide = logits.astype(np.float64)
    duplicate, story, different = wide.T
    odds = np.stack(
        (duplicate - np.logaddexp(story, different), story - np.logaddexp(duplicate, different)), axis=1
    )
    steps = np.clip(np.rint(odds * STEPS), -MOST_LOG_ODDS, MOST_LOG_ODDS).astype(int)
    return [Scores(same, one_story) for same, one_story in steps.tolist()]


def topics(logits: NDArray[np.float32]) -> list[bytes]:
    """The softmax of each row in 255ths, a byte a topic.

    Args:
        logits: (n, 17), in the order of the topics' codes.
    """
    wide = logits.astype(np.float64)
    parts = np.exp(wide - wide.max(axis=1, keepdims=True))
    shares = np.rint(parts / parts.sum(axis=1, keepdims=True) * _WHOLE).astype(np.uint8)
    return [row.tobytes() for row in shares]
