"""What encoders said of the topics of headlines, kept in a file for a later command."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from worker.errors import UsageError
from worker.mediatopics import SLUGS
from worker.route.train.labels import Targets

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

TAUGHT: Final = "taught.npz"
"""The file of what the teacher said,"""
HELD_OUT: Final = "held_out.npz"
"""and of what was said of labelled headlines by encoders that had not learned from them."""


class Answers(NamedTuple):
    """Match forms, and the logits of their topics (n, 17)."""

    matches: Sequence[str]
    logits: NDArray[np.float32]

    def save(self, path: Path) -> None:
        """Writes the file."""
        np.savez_compressed(path, matches=np.array(self.matches, np.str_), logits=self.logits)

    @classmethod
    def load(cls, path: Path, command: str) -> Answers:
        """What a command has left in a file.

        Raises:
            UsageError: it is not there, or is not such a file.
        """
        try:
            with np.load(path) as file:
                matches, logits = file["matches"].tolist(), file["logits"]
        except (OSError, ValueError, KeyError, AttributeError, zipfile.BadZipFile) as error:
            raise UsageError(
                f"{path}: cannot be read ({error}); run the command {command} for this folder first"
            ) from error
        if logits.shape != (len(matches), len(SLUGS)):
            raise UsageError(
                f"{path}: is damaged: {len(matches)} headlines, and logits of the shape {logits.shape}; run the command"
                f" {command} again"
            )
        return cls(matches, logits)

    def blended(self, others: Targets) -> Targets:
        """As probabilities: the mean with those of another model, where it knows the headline."""
        parts = np.exp(self.logits - self.logits.max(axis=1, keepdims=True))
        probabilities = parts / parts.sum(axis=1, keepdims=True)
        known = dict(zip(others.matches, others.probabilities, strict=True))
        for at, match in enumerate(self.matches):
            if match in known:
                probabilities[at] = (probabilities[at] + known[match]) / 2
        return Targets(list(self.matches), probabilities, np.ones(len(probabilities), np.float32))
