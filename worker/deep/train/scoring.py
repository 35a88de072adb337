"""What encoders say of pairs that they have not learned from: the last columns of `labels.tsv.gz`.

The pairs that are read are parted into folds, no headline in two of them; each fold is scored by an encoder that has
learned from the others. A pair that nobody has read, and that shares no headline with these, is scored by all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from worker.deduplicate.evidence import Scores
from worker.deduplicate.match.folds import folds
from worker.deep import quantise
from worker.deep.train.fitting import Effort, Lessons, fit
from worker.deep.train.network import logits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from worker.deduplicate.match.hashed import Key
    from worker.deep.train.alterations import Alterations
    from worker.deep.train.examples import KnownPair
    from worker.deep.train.network import Network
    from worker.deep.wordpiece import Vocabulary

FOLDS: Final = 4


def scored(
    pairs: Sequence[KnownPair],
    vocabulary: Vocabulary,
    altered: Callable[[int], Alterations],
    held_out: frozenset[str],
    effort: Effort,
) -> dict[Key, Scores]:
    """The scores of the pairs.

    Args:
        pairs: read and unread; an unread one that shares a headline with a read one is left out.
        vocabulary: of the encoders.
        altered: makes up pairs, by a seed.
        held_out: match forms that none of them may learn from.
        effort: of each fold.
    """
    read = [pair for pair in pairs if pair.label]
    known_forms = {form for pair in read for form in (pair.one, pair.other)}
    unread = [pair for pair in pairs if not pair.label and known_forms.isdisjoint((pair.one, pair.other))]
    fold = folds([(pair.one, pair.other) for pair in read], FOLDS)
    result: dict[Key, Scores] = {}
    of_unread = []
    for held in range(FOLDS):
        effort.say(f"fold {held + 1} of {FOLDS}")
        learn = [
            pair.example
            for pair, where in zip(read, fold, strict=True)
            if where != held and held_out.isdisjoint((pair.one, pair.other))
        ]
        seeded = effort._replace(seed=effort.seed + held)
        network = fit(vocabulary, Lessons(learn, altered(seeded.seed)), seeded)
        mine = [pair for pair, where in zip(read, fold, strict=True) if where == held]
        for pair, (same, story) in zip(mine, _scores(network, vocabulary, mine).tolist(), strict=True):
            result[pair.key] = Scores(same, story)
        of_unread.append(_scores(network, vocabulary, unread))
    mean = np.rint(np.mean(of_unread, axis=0)).astype(int)
    for pair, (same, story) in zip(unread, mean.tolist(), strict=True):
        result[pair.key] = Scores(same, story)
    return result


def _scores(network: Network, vocabulary: Vocabulary, pairs: Sequence[KnownPair]) -> NDArray[np.int64]:
    """Same and story (n, 2), of the pairs as the deep tier asks for them."""
    relations, _ = logits(network, [vocabulary.pair(pair.one, pair.other) for pair in pairs])
    return np.array(quantise.scores(relations), np.int64).reshape(-1, 2)
