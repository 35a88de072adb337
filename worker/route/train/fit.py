"""The fit: multinomial logistic regression on words, pairs and letters, towards probabilities.

A word's letters are a matrix of their own (words by buckets), so that each distinct word's are summed once:
scores = D (W w) + P p + b, with D headlines by words, W words by (words + buckets), P headlines by pairs.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from worker.mediatopics import SLUGS
from worker.route.features import (
    EDGE,
    GRAM_BUCKETS,
    GRAM_SHARE_BITS,
    gram_buckets,
    gram_share,
    pair_slots,
    shape,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from worker.route.train.labels import Targets

MIN_WORD_COUNT: Final = 2
MIN_PAIR_COUNT: Final = 3
RIDGE: Final = 1.0
ITERATIONS: Final = 200
_REMEMBERED_GRADIENTS: Final = 6
_TOPICS: Final = len(SLUGS)

Sparse = Any
"""A scipy CSR matrix of float32; scipy carries no types."""


class Vocabulary(NamedTuple):
    """The words with weights of their own, in order, and the pairs as rows of words (row 0 is the edge)."""

    words: tuple[str, ...]
    pairs: NDArray[np.int32]


class Fitted(NamedTuple):
    """The weights in natural units of log-odds, (…, 17) each."""

    vocabulary: Vocabulary
    words: NDArray[np.float32]
    """(V, 17): of the words themselves, without their letters."""
    grams: NDArray[np.float32]
    pairs: NDArray[np.float32]
    bias: NDArray[np.float32]


def fit(targets: Targets) -> Fitted:
    """The weights of least cross-entropy and ridge; no chance is involved, and it begins at nought."""
    headlines = [[shape(token) for token in match.split(" ")] for match in targets.matches]
    vocabulary = _vocabulary(headlines)
    buckets = sorted({bucket for word in _distinct(headlines) for bucket in gram_buckets(word)})
    documents, words, pairs = _matrices(headlines, vocabulary, buckets)
    documents_t, words_t, pairs_t = (matrix.T.tocsr() for matrix in (documents, words, pairs))
    weight = targets.weights[:, np.newaxis]
    wanted = targets.probabilities
    of_words, of_pairs = words.shape[1], pairs.shape[1]
    size = of_words + of_pairs

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        parameters = flat.astype(np.float32).reshape(size + 1, _TOPICS)
        weights, bias = parameters[:size], parameters[size]
        scores = documents @ (words @ weights[:of_words]) + pairs @ weights[of_words:] + bias
        scores -= scores.max(axis=1, keepdims=True)
        exponentials = np.exp(scores)
        totals = exponentials.sum(axis=1, keepdims=True)
        entropy = -float((weight * wanted * (scores - np.log(totals))).sum(dtype=np.float64))
        ridge = 0.5 * RIDGE * float(np.square(weights, dtype=np.float64).sum())
        slope = weight * (exponentials / totals - wanted)
        gradient = np.empty_like(parameters)
        gradient[:of_words] = words_t @ (documents_t @ slope)
        gradient[of_words:size] = pairs_t @ slope
        gradient[:size] += RIDGE * weights
        gradient[size] = slope.sum(axis=0)
        scale = float(targets.weights.sum(dtype=np.float64))
        return (entropy + ridge) / scale, gradient.ravel().astype(np.float64) / scale

    start = np.zeros((size + 1) * _TOPICS)
    options = {"maxiter": ITERATIONS, "maxcor": _REMEMBERED_GRADIENTS}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    parameters = found.x.astype(np.float32).reshape(size + 1, _TOPICS)
    known = len(vocabulary.words)
    grams = np.zeros((GRAM_BUCKETS, _TOPICS), np.float32)
    grams[buckets] = parameters[known:of_words]
    return Fitted(
        vocabulary,
        words=parameters[:known],
        grams=grams,
        pairs=parameters[of_words:size],
        bias=parameters[size],
    )


def _vocabulary(headlines: list[list[str]]) -> Vocabulary:
    word_counts = Counter(word for headline in headlines for word in set(headline))
    words = tuple(sorted(word for word, count in word_counts.items() if word and count >= MIN_WORD_COUNT))
    row_of = {EDGE: 0, **{word: row for row, word in enumerate(words, start=1)}}
    counts = Counter(
        (row_of[first], row_of[second])
        for headline in headlines
        for first, second in set(pairwise((EDGE, *headline, EDGE)))
        if first in row_of and second in row_of
    )
    frequent = sorted((-count, pair) for pair, count in counts.items() if count >= MIN_PAIR_COUNT)
    pairs = np.array([pair for _, pair in frequent], np.int32).reshape(-1, 2)
    slots = pair_slots(pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64))
    # One probe must find a pair, so of those that share a slot the most frequent stays.
    _, first_of_slot = np.unique(slots, return_index=True)
    kept = pairs[np.sort(first_of_slot)]
    return Vocabulary(words, kept[np.lexsort((kept[:, 1], kept[:, 0]))])


def _matrices(
    headlines: list[list[str]], vocabulary: Vocabulary, buckets: list[int]
) -> tuple[Sparse, Sparse, Sparse]:
    """D, W and P of the module's formula; W has columns only for the buckets that occur."""
    known = {word: column for column, word in enumerate(vocabulary.words)}
    distinct = _distinct(headlines)
    gram_column = {bucket: column for column, bucket in enumerate(buckets, start=len(known))}
    row_of = {EDGE: 0, **{word: row for row, word in enumerate(vocabulary.words, start=1)}}
    column_of = {(first, second): column for column, (first, second) in enumerate(vocabulary.pairs.tolist())}
    place = {word: row for row, word in enumerate(distinct)}

    def pairs_of(headline: list[str]) -> Iterable[int]:
        rows = [row_of.get(word, -1) for word in (EDGE, *headline, EDGE)]
        return (column_of[pair] for pair in pairwise(rows) if pair in column_of)

    documents = _csr([[(place[word], 1.0) for word in headline] for headline in headlines], len(distinct))
    pairs = _csr([[(column, 1.0) for column in pairs_of(headline)] for headline in headlines], len(column_of))
    words = _csr([_word_entries(word, known, gram_column) for word in distinct], len(known) + len(buckets))
    return documents, words, pairs


def _distinct(headlines: list[list[str]]) -> list[str]:
    return sorted({word for headline in headlines for word in headline})


def _word_entries(word: str, known: dict[str, int], gram_column: dict[int, int]) -> list[tuple[int, float]]:
    entries = [(known[word], 1.0)] if word in known else []
    buckets = gram_buckets(word)
    if buckets:
        share = gram_share(len(buckets)) / (1 << GRAM_SHARE_BITS)
        entries += [(gram_column[bucket], share) for bucket in buckets]
    return entries


def _csr(rows: list[list[tuple[int, float]]], columns: int) -> Sparse:
    indices = np.array([column for row in rows for column, _ in row], np.int32)
    values = np.array([value for row in rows for _, value in row], np.float32)
    ends = np.cumsum([0, *(len(row) for row in rows)])
    matrix = sparse.csr_matrix((values, indices, ends), shape=(len(rows), columns), dtype=np.float32)
    matrix.sum_duplicates()
    return matrix
