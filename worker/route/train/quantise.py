"""From a fit to the tables that routing uses: small integers, and the exponential by steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from worker.mediatopics import SLUGS
from worker.route.features import GRAM_SHARE_BITS, gram_buckets, gram_share
from worker.route.model import PERMILLE, WEIGHT_LIMIT, Model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from worker.route.train.fit import Fitted

STEPS: Final = 64
"""Integer steps of one natural unit of log-odds."""

_EXPONENTIAL_ONE: Final = 1 << 20


def quantised(fitted: Fitted) -> Model:
    """The model of a fit. Its confidences are the bare shares of the softmax until they are calibrated."""
    letters = np.stack([_letters(word, fitted.grams) for word in fitted.vocabulary.words])
    edge = np.zeros((1, len(SLUGS)), np.float32)
    reach = int(STEPS * np.log(4 * _EXPONENTIAL_ONE))
    bare = np.arange(PERMILLE, dtype=np.int16)
    return Model(
        words=fitted.vocabulary.words,
        word_weights=_steps(np.concatenate((edge, fitted.words + letters))),
        gram_weights=_steps(fitted.grams),
        pair_rows=fitted.vocabulary.pairs,
        pair_weights=_steps(fitted.pairs),
        bias=np.rint(fitted.bias * STEPS).astype(np.int32),
        exponential=np.rint(_EXPONENTIAL_ONE * np.exp(-np.arange(reach) / STEPS)).astype(np.int64),
        first=bare,
        further=bare,
    )


def _letters(word: str, grams: NDArray[np.float32]) -> NDArray[np.float32]:
    buckets = gram_buckets(word)
    if not buckets:
        return np.zeros(len(SLUGS), np.float32)
    summed: NDArray[np.float32] = grams[buckets].sum(axis=0)
    return summed * np.float32(gram_share(len(buckets)) / (1 << GRAM_SHARE_BITS))


def _steps(weights: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.clip(np.rint(weights * STEPS), -WEIGHT_LIMIT, WEIGHT_LIMIT).astype(np.int16)
