"""The training: pairs and topics at once, by AdamW (Loshchilov and Hutter, 2017, https://arxiv.org/abs/1711.05101)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

import numpy as np
import torch
from torch.nn import functional

from worker.deep.train.network import Network, tensors
from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from worker.deep.train.alterations import Alterations
    from worker.deep.train.examples import Example
    from worker.deep.train.pretrained import Pretrained
    from worker.deep.wordpiece import Row, Vocabulary
    from worker.route.train.labels import Targets

RATE: Final = 6e-5
HEADS_RATE: Final = 3e-4
"""Learning rates: the heads begin with nothing."""
DECAY: Final = 0.01
WARM_UP: Final = 0.08
"""The part of all steps in which the rates rise from zero; then they fall to zero."""
PAIRS_AT_ONCE: Final = 32
HEADLINES_AT_ONCE: Final = 64
CLIP: Final = 1.0
"""The longest gradient."""
ALTERED: Final = 1_500
"""Pairs made up for an epoch,"""
UNREAD: Final = 6_000
"""pairs drawn for it of which only encoders have said something,"""
SOFT: Final = 14_000
"""and headlines of whose topics only models have."""

_SORTED: Final = 20  # batches, among which rows of like length come together
_TOLD: Final = 100  # steps


class Lessons(NamedTuple):
    """What to learn; all of it may be empty.

    `altered` makes up further pairs. Of `unread` pairs UNREAD are drawn for each epoch, of `soft` headlines so many.
    """

    pairs: Sequence[Example] = ()
    altered: Alterations | None = None
    unread: Sequence[Example] = ()
    labelled: Targets | None = None
    soft: Targets | None = None
    soft_drawn: int = SOFT


class Effort(NamedTuple):
    """How long and how: `steps` ends it early, for a trial. `say` takes a line now and then."""

    epochs: int
    steps: int | None
    threads: int
    seed: int
    say: Callable[[str], None]


class _Pair(NamedTuple):
    """A row, and the probabilities of its relations."""

    row: Row
    target: Sequence[float]


class _Headline(NamedTuple):
    """A row, and the probabilities of its topics."""

    row: Row
    target: Sequence[float]


if TYPE_CHECKING:
    _Batch = Sequence[_Pair] | Sequence[_Headline]
    _Kind = TypeVar("_Kind", _Pair, _Headline)
    _Choice = TypeVar("_Choice")


def fit(base: Pretrained, vocabulary: Vocabulary, lessons: Lessons, effort: Effort) -> Network:
    """A network that has learned.

    Args:
        base: what it starts from.
        vocabulary: a part of the base's pieces.
        lessons: what it learns.
        effort: how long and how.

    Raises:
        UsageError: there is nothing to learn from, or the base does not have all pieces.
    """
    torch.set_num_threads(effort.threads)
    torch.manual_seed(effort.seed)
    batches = _Batches(vocabulary, lessons, effort.seed)
    total = effort.epochs * batches.an_epoch
    if not total:
        raise UsageError("there is nothing to learn from: label files without what is held out are empty")
    network = Network.pretrained(base, list(vocabulary))
    body, heads = network.parts()
    groups = [{"params": body, "lr": RATE}, {"params": heads, "lr": HEADS_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=DECAY, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _slope(step, total))
    began, step = time.monotonic(), 0
    network.train()
    for epoch in range(effort.epochs):
        for batch in batches.epoch():
            if step == effort.steps:
                return network
            loss = _loss(network, batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimizer.step()
            schedule.step()
            step += 1
            if step % _TOLD == 0:
                seconds = time.monotonic() - began
                effort.say(
                    f"epoch {epoch + 1}, step {step:,} of {total:,}, loss {loss.item():.3f}, {seconds:.0f} s"
                )
    return network


def _slope(step: int, total: int) -> float:
    return min(1.0, step / (WARM_UP * total)) * max(0.0, 1 - step / total)


def _loss(network: Network, batch: _Batch) -> torch.Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        relations, topics = network(*tensors([each.row for each in batch]))
        target = torch.tensor([each.target for each in batch])
        logits = relations if isinstance(batch[0], _Pair) else topics
        return functional.cross_entropy(logits.float(), target)


class _Batches:
    """The batches of an epoch, each of one kind, in random order; rows of like length together."""

    def __init__(self, vocabulary: Vocabulary, lessons: Lessons, seed: int) -> None:
        self._vocabulary = vocabulary
        self._lessons = lessons
        self._draw = np.random.default_rng(seed)
        self._labelled = self._headlines(lessons.labelled)
        self._soft = self._headlines(lessons.soft)
        self._soft_drawn = min(lessons.soft_drawn, len(self._soft))
        self._unread_drawn = min(UNREAD, len(lessons.unread))
        altered = ALTERED if lessons.altered else 0
        pairs = -(-(len(lessons.pairs) + altered + self._unread_drawn) // PAIRS_AT_ONCE)
        headlines = -(-(len(self._labelled) + self._soft_drawn) // HEADLINES_AT_ONCE)
        self.an_epoch: Final = pairs + headlines

    def epoch(self) -> Iterator[_Batch]:
        """Every labelled example once, and what is made up or drawn anew each time."""
        pairs = list(self._lessons.pairs)
        if self._lessons.altered:
            pairs += self._lessons.altered.draw(ALTERED)
        pairs += self._some(self._lessons.unread, self._unread_drawn)
        headlines = [*self._labelled, *self._some(self._soft, self._soft_drawn)]
        batches: list[_Batch] = [
            *self._cut([self._row(pair) for pair in pairs], PAIRS_AT_ONCE),
            *self._cut(headlines, HEADLINES_AT_ONCE),
        ]
        for at in self._draw.permutation(len(batches)):
            yield batches[at]

    def _some(self, choices: Sequence[_Choice], number: int) -> list[_Choice]:
        return [choices[at] for at in self._draw.permutation(len(choices))[:number]]

    def _row(self, pair: Example) -> _Pair:
        """Either headline may come first, so that what is said of a pair does not hang on the order."""
        forms = (pair.one, pair.other) if self._draw.integers(2) else (pair.other, pair.one)
        return _Pair(self._vocabulary.in_order(*forms), pair.shares)

    def _cut(self, rows: list[_Kind], size: int) -> Iterator[list[_Kind]]:
        shuffled = [rows[at] for at in self._draw.permutation(len(rows))]
        for begin in range(0, len(shuffled), size * _SORTED):
            chunk = sorted(shuffled[begin : begin + size * _SORTED], key=lambda each: len(each.row.ids))
            for at in range(0, len(chunk), size):
                yield chunk[at : at + size]

    def _headlines(self, targets: Targets | None) -> list[_Headline]:
        if targets is None:
            return []
        return [
            _Headline(self._vocabulary.single(match), probabilities)
            for match, probabilities in zip(targets.matches, targets.probabilities.tolist(), strict=True)
        ]
