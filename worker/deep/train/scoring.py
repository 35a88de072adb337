"""What encoders say of what they have not learned from: pairs, for `labels.tsv.gz`, and topics, to calibrate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from worker.deduplicate.evidence import Scores
from worker.deep import quantise
from worker.deep.train.answers import Answers
from worker.deep.train.fitting import SOFT, Effort, Lessons, fit
from worker.deep.train.network import logits
from worker.deep.train.parting import FOLDS, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from worker.deduplicate.match.hashed import Key
    from worker.deep.train.alterations import Alterations
    from worker.deep.train.examples import KnownPair
    from worker.deep.train.network import Network
    from worker.deep.train.parting import Material
    from worker.deep.train.pretrained import Pretrained
    from worker.deep.wordpiece import Vocabulary


def judged(
    material: Material,
    base: Pretrained,
    vocabulary: Vocabulary,
    altered: Callable[[int], Alterations],
    effort: Effort,
) -> tuple[dict[Key, Scores], Answers]:
    """The scores of the pairs, and what is said of the topics, fold by fold.

    Args:
        material: what is parted; the unread pairs are judged by the encoders of all folds.
        base: what the encoders start from.
        vocabulary: of the encoders.
        altered: makes up pairs, by a seed.
        effort: of each fold.
    """
    unread = material.unread
    scores: dict[Key, Scores] = {}
    of_unread = []
    matches: list[str] = []
    topics = []
    for number, part in enumerate(parts(material)):
        effort.say(f"fold {number + 1} of {FOLDS}")
        seed = effort.seed + number
        lessons = Lessons(
            part.examples,
            altered(seed),
            labelled=part.labelled,
            soft=part.soft,
            soft_drawn=SOFT // FOLDS,
        )
        network = fit(base, vocabulary, lessons, effort._replace(seed=seed))
        scores |= _by_key(part.pairs, _scores(network, vocabulary, part.pairs))
        of_unread.append(_scores(network, vocabulary, unread))
        matches += part.headlines
        topics.append(logits(network, [vocabulary.single(match) for match in part.headlines])[1])
    scores |= _by_key(unread, np.rint(np.mean(of_unread, axis=0)).astype(np.int64))
    return scores, Answers(matches, np.concatenate(topics))


def _scores(network: Network, vocabulary: Vocabulary, pairs: Sequence[KnownPair]) -> NDArray[np.int64]:
    """Same and story (n, 2), of the pairs as the deep tier asks for them."""
    relations, _ = logits(network, [vocabulary.pair(pair.one, pair.other) for pair in pairs])
    return np.array(quantise.scores(relations), np.int64).reshape(-1, 2)


def _by_key(pairs: Sequence[KnownPair], scores: NDArray[np.int64]) -> dict[Key, Scores]:
    return {pair.key: Scores(*row) for pair, row in zip(pairs, scores.tolist(), strict=True)}
