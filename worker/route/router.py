"""Routing: which of the 17 topics each headline of a batch belongs to, and how sure that is.

Everything from the words to the rounded confidence is integer arithmetic on tables, so the answer is the same
on every machine, and the same for a headline alone as within any batch.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.events import Further, Route
from worker.mediatopics import CODES, SLUGS, UNSORTED
from worker.route.counts import Words
from worker.route.evidence import Confidences
from worker.route.features import EDGE, PAIR_SLOTS, pair_slots
from worker.route.model import PERMILLE, Model, load
from worker.route.words import WordTable
from worker.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

WEIGHTS: Final = Path(__file__).with_name("topics.model")

MAX_TOKENS: Final = 16384
"""Tokens scored at once: a longer batch is cut in two, a longer headline is judged by its first ones."""

MAX_FURTHER: Final = 2
DEEP_THRESHOLD: Final = 0.87
"""The default of the setting route.deep_threshold."""


class Scores(NamedTuple):
    """What a batch of n headlines scores."""

    shares: NDArray[np.int64]
    """(n, 17): each topic's share of the softmax, in permille."""
    best: NDArray[np.intp]
    """(n,): the topic of the highest score; of equals, the first in the order of the codes."""
    known: NDArray[np.bool_]
    """(n,): whether the model knows at least half of the headline's words."""


class Router:
    """Routes headlines by their match form. For one thread at a time: it remembers words, up to a bound."""

    def __init__(self, model: Model, version: str, *, deep_threshold: float = DEEP_THRESHOLD) -> None:
        self._confidences = Confidences.load()
        self._deep_threshold = deep_threshold
        self.version: Final = version
        self.deep_version: Final = self._confidences.version
        self._model = model
        self._words = WordTable(model)
        self._pairs = _PairTable(model)
        self._plain = _PlainRoutes(model, threshold=0.0)
        self._further = _FurtherTopics(model)
        self.words = Words()
        """Of all headlines that were scored, but for foreign ones."""

    @classmethod
    def load(cls, path: Path = WEIGHTS, *, deep_threshold: float = DEEP_THRESHOLD) -> Router:
        """The router with the weights of a file, by default those of the package.

        Args:
            path: the file.
            deep_threshold: a best topic of less confidence goes to `unsorted` where there is evidence of the topics.

        Raises:
            UsageError: the file is no topic model of this release.
        """
        return cls(*load(path), deep_threshold=deep_threshold)

    def route(
        self,
        headlines: Sequence[str] | Tokens,
        *,
        threshold: float,
        also_threshold: float,
        evidence: Mapping[int, bytes] | None = None,
        foreign: Sequence[bool] | None = None,
    ) -> list[Route]:
        """A route for each headline, in order.

        A confidence is the probability, in thousandths, that an editor accepts the topic for the headline.

        Args:
            headlines: what `worker.normalize.match_form` makes of them, any other text does no harm; or the words of
                these.
            threshold: a best topic of less confidence goes to `unsorted`, as does a headline of
                which the model knows fewer than half the words (its confidence is 0).
            also_threshold: the least confidence of a further topic, of which at most two are given.
            evidence: by the place of a headline, what the log says of its topics, which goes before the words;
                it has a threshold of its own.
            foreign: which of them are in a language that the model was not trained for, if any: they go to
                `unsorted` with a confidence of 0, whatever the model makes of their words.
        """
        if threshold != self._plain.threshold:
            self._plain = _PlainRoutes(self._model, threshold)
        plain = self._plain
        least = int(np.searchsorted(self._model.further, round(also_threshold * 1000)))
        rows_of_batches = self._batches(headlines)
        unread = np.zeros(len(headlines), bool) if foreign is None else np.array(foreign, bool)
        routes: list[Route] = []
        for rows in rows_of_batches:
            scores = self._score(rows, unread[len(routes) :])
            top = scores.shares[np.arange(len(scores.best)), scores.best] * scores.known
            batch = [plain[key] for key in (scores.best * PERMILLE + top).tolist()]
            self._add_further(batch, scores, least)
            routes += batch
        for place, shares in (evidence or {}).items():
            routes[place] = self._confidences.route(
                shares, threshold=self._deep_threshold, also_threshold=also_threshold
            )
        return routes

    def score(self, matches: Sequence[str]) -> Scores:
        """The scores behind the routes, for training and explanation; matches of any number of tokens."""
        read = np.zeros(len(matches), bool)
        parts = [self._score(rows, read) for rows in self._batches(matches)]
        return Scores(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _batches(self, headlines: Sequence[str] | Tokens) -> Iterator[NDArray[np.int64]]:
        """The rows of the words of headlines, an edge before, between and after these, at most MAX_TOKENS at once."""
        if not isinstance(headlines, Tokens):
            return map(self._words.rows, _token_batches(headlines))
        if headlines.lengths.max(initial=0) > MAX_TOKENS - 2:
            texts = [" ".join(headlines.words(place)) for place in range(len(headlines))]
            return map(self._words.rows, _token_batches(texts))
        return map(self._words.rows_of, headlines.batches(MAX_TOKENS))

    def _score(self, rows: NDArray[np.int64], unread: NDArray[np.bool_]) -> Scores:
        """The scores of a batch; of the headlines of which `unread` says so, at the same place, no word is known."""
        starts = np.flatnonzero(rows == 0)[:-1]
        weights = self._words.weights.take(rows[:-1], axis=0)
        weights += self._pairs.weights_of(rows)
        sums = np.add.reduceat(weights, starts, axis=0, dtype=np.int32) + self._model.bias
        best = sums.argmax(axis=1)
        behind = sums.max(axis=1, keepdims=True) - sums
        exponential = self._model.exponential
        parts = exponential.take(np.minimum(behind, len(exponential) - 1))
        total = parts.sum(axis=1, keepdims=True)
        shares = (parts * 1000 + total // 2) // total
        return Scores(shares, best, self._known(rows, starts, unread[: len(starts)]))

    def _known(
        self, rows: NDArray[np.int64], starts: NDArray[np.intp], unread: NDArray[np.bool_]
    ) -> NDArray[np.bool_]:
        unknown = np.add.reduceat(rows > self._words.known, starts, dtype=np.int64)
        met = np.add.reduceat(rows > 0, starts, dtype=np.int64)
        met[unread] = unknown[unread] = 0
        known = met - unknown
        self.words = Words(self.words.met + int(met.sum()), self.words.unknown + int(unknown.sum()))
        return (known > 0) & (known >= unknown)

    def _add_further(self, batch: list[Route], scores: Scores, least: int) -> None:
        fits = scores.shares >= least
        fits[np.arange(len(batch)), scores.best] = False
        fits &= scores.known[:, np.newaxis]
        places, topics = fits.nonzero()
        shares = scores.shares[places, topics]
        order = np.lexsort((-shares, places))
        keys = (topics * PERMILLE + shares)[order].tolist()
        found: dict[int, list[Further]] = {}
        for place, key in zip(places[order].tolist(), keys, strict=True):
            found.setdefault(place, []).append(self._further[key])
        for place, further in found.items():
            route = batch[place]
            if route.topic != UNSORTED:
                also = tuple(further[:MAX_FURTHER])
                batch[place] = Route(route.topic, route.best, route.code, route.confidence, also)


class _PlainRoutes(dict[int, Route]):
    """Routes without further topics by topic * PERMILLE + share. Share 0 is a headline of unknown words."""

    def __init__(self, model: Model, threshold: float) -> None:
        super().__init__()
        self.threshold: Final = threshold
        self._confidences = model.first.tolist()

    def __missing__(self, key: int) -> Route:
        topic, share = divmod(key, PERMILLE)
        slug = SLUGS[topic]
        confidence = self._confidences[share] / 1000
        sure = share > 0 and confidence >= self.threshold
        route = self[key] = Route(slug if sure else UNSORTED, slug, CODES[slug], confidence)
        return route


class _FurtherTopics(dict[int, Further]):
    """Further topics by topic * PERMILLE + share."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self._confidences = model.further.tolist()

    def __missing__(self, key: int) -> Further:
        topic, share = divmod(key, PERMILLE)
        slug = SLUGS[topic]
        further = self[key] = Further(slug, CODES[slug], self._confidences[share] / 1000)
        return further


class _PairTable:
    """The pairs of neighbouring words that the model knows, found by one probe of a hash table each."""

    def __init__(self, model: Model) -> None:
        first, second = model.pair_rows.astype(np.int64).T
        self._keys = np.concatenate(([-1], _pair_keys(first, second)))
        self._at = np.zeros(PAIR_SLOTS, np.int32)
        self._at[pair_slots(first, second)] = np.arange(1, len(first) + 1)
        self._weights = np.concatenate((np.zeros((1, len(SLUGS)), np.int16), model.pair_weights))

    def weights_of(self, rows: NDArray[np.int64]) -> NDArray[np.int16]:
        """(m, 17) for m + 1 rows: what each row and the next add together, nought for an unknown pair."""
        first, second = rows[:-1], rows[1:]
        found = self._at.take(pair_slots(first, second))
        found *= self._keys.take(found) == _pair_keys(first, second)
        return self._weights.take(found, axis=0)


def _pair_keys(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    return first << 32 | second


def _token_batches(matches: Sequence[str]) -> Iterator[list[str]]:
    """The tokens of the matches, an EDGE before, between and after them, in lists of at most MAX_TOKENS."""
    if not matches:
        return
    boundary = f" {EDGE} "
    text = f"{EDGE} {boundary.join(matches)} {EDGE}"
    if text.count(EDGE) != len(matches) + 1:
        yield from _token_batches([match.replace(EDGE, " ") for match in matches])
        return
    tokens = text.split(" ")
    if len(tokens) <= MAX_TOKENS:
        yield tokens
    elif len(matches) > 1:
        half = len(matches) // 2
        yield from _token_batches(matches[:half])
        yield from _token_batches(matches[half:])
    else:
        yield [*tokens[: MAX_TOKENS - 1], EDGE]
