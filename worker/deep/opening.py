"""The deep tier by the settings: what a worker and the offline commands open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from worker.deduplicate.doubts import Doubts
from worker.deep.encoder import Encoder
from worker.deep.questions import Answers, Curiosity, new_entries
from worker.route.evidence import Confidences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.config import Settings
    from worker.deduplicate import Batch, Replica, Writer
    from worker.deduplicate.evidence import Evidence
    from worker.deep.scorer import Scorer
    from worker.route.router import Router


def load_encoder(settings: Settings) -> Encoder:
    """The encoder of the package.

    Raises:
        SettingsError: what it needs is not installed.
        UsageError: its files are damaged.
    """
    return Encoder.load(settings.deep.threads, Confidences.load().encoder)


def curiosity(settings: Settings, router: Router, replica: Replica, writer: Writer) -> Curiosity:
    """What is worth asking by these settings."""
    return Curiosity(
        Doubts(replica, writer.matcher),
        router,
        threshold=settings.route.threshold,
        also_threshold=settings.route.also_threshold,
        most_pairs=settings.deep.max_pairs,
        topics_below=settings.deep.topics_below,
    )


class Offline:
    """Asks about everything that is worth it, however long that takes."""

    def __init__(
        self, settings: Settings, scorer: Scorer, router: Router, replica: Replica, writer: Writer
    ) -> None:
        self._curiosity = curiosity(settings, router, replica, writer)
        self._scorer = scorer
        self._writer = writer

    def gather(self, batch: Batch) -> Mapping[bytes, Evidence]:
        """The evidence for a batch, by the id of the headline."""
        answers = Answers(self._curiosity.about(*new_entries(self._writer, (batch,))).by_promise())
        self._scorer.answer(answers)
        return answers.evidence()
