"""The transformer: a cross-encoder of two headlines, and a classifier of one, in one graph.

`encoder.onnx` takes `ids`, `segments` and `mask` (int64, rows x pieces) and gives `pair` (float32, rows x 3: logits of
duplicate, same_story, different) and `topics` (float32, rows x 17); only what is asked for is computed. Its weights are
int8.
"""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from worker.deduplicate.evidence import TOPICS
from worker.deep import quantise
from worker.deep.wordpiece import Row, Vocabulary
from worker.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from worker.deduplicate.evidence import Scores

FOLDER: Final = Path(__file__).parent
INSTALL: Final = "pip install 'newswire[deep]'"

_GRAPH, _VOCABULARY = "encoder.onnx", "vocab.txt"
_PAIR_CLASSES: Final = 3
_TRIAL: Final = (8, 24)  # rows and pieces
_TRIALS: Final = 3
_FATAL_ONLY: Final = 4


def digest(folder: Path = FOLDER) -> str:
    """What the files of an encoder are recognised by: 128 bits of BLAKE2b in hex.

    Raises:
        UsageError: a file cannot be read.
    """
    content = hashlib.blake2b(digest_size=16)
    for name in (_GRAPH, _VOCABULARY):
        try:
            content.update((folder / name).read_bytes())
        except OSError as error:
            raise UsageError(
                f"encoder {folder / name}: cannot be read ({error}); install newswire anew"
            ) from error
    return content.hexdigest()


class Encoder:
    """Scores rows of word pieces. For one thread at a time.

    Args:
        session: an `onnxruntime.InferenceSession` of the graph.
        vocabulary: whose numbers it takes.
    """

    def __init__(self, session: Any, vocabulary: Vocabulary) -> None:  # noqa: ANN401 - onnxruntime has no types
        self._session = session
        self.vocabulary: Final = vocabulary

    @classmethod
    def load(cls, threads: int, expected: str, folder: Path = FOLDER) -> Encoder:
        """The encoder of a folder, by default that of the package.

        Args:
            threads: that one computation is spread over.
            expected: its digest, so that nothing is asked of a damaged one.
            folder: of `encoder.onnx` and `vocab.txt`.

        Raises:
            SettingsError: onnxruntime is not installed.
            UsageError: a file is missing or damaged, or another one than expected.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise SettingsError(
                f"deep.mode=on needs onnxruntime ({error}): {INSTALL}, or set deep.mode=off; verdicts that others have"
                " asked a model for are the same without it"
            ) from error
        path = folder / _GRAPH
        found = digest(folder)
        if found != expected:
            raise UsageError(
                f"encoder {path}: it and its vocabulary have the digest {found} where {expected} is due: a file is"
                " damaged, or of another release; install newswire anew"
            )
        vocabulary = Vocabulary.load(folder / _VOCABULARY)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _FATAL_ONLY
        # A thread that waits for more to do would keep a core busy that others need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            encoder = cls(session, vocabulary)
            encoder.measure()
        except Exception as error:  # onnxruntime raises whatever it likes
            raise UsageError(
                f"encoder {path}: cannot be used with its vocabulary ({error}); install newswire anew"
            ) from error
        return encoder

    def pairs(self, rows: Sequence[Row]) -> list[Scores]:
        """The scores of pairs."""
        return quantise.scores(self._logits("pair", rows))

    def topics(self, rows: Sequence[Row]) -> list[bytes]:
        """The probabilities of the topics of headlines, 17 bytes each."""
        return quantise.topics(self._logits("topics", rows))

    def measure(self) -> float:
        """Seconds that one piece takes.

        Raises:
            ValueError: the outputs are not those of such a graph.
        """
        rows, pieces = _TRIAL
        trial = [Row([len(self.vocabulary) - 1] * pieces, pieces // 2)] * rows
        for name, classes in (("topics", TOPICS), ("pair", _PAIR_CLASSES)):
            logits = self._logits(name, trial)
            if logits.shape != (rows, classes) or not np.isfinite(logits).all():
                raise ValueError(
                    f"{name}: {classes} finite numbers a row expected, shape {logits.shape} found"
                )
        took = []
        for _ in range(_TRIALS):
            began = time.perf_counter()
            self._logits("pair", trial)
            took.append(time.perf_counter() - began)
        return min(took) / (rows * pieces)

    def _logits(self, output: str, rows: Sequence[Row]) -> NDArray[np.float32]:
        (logits,) = self._session.run([output], inputs(rows))
        found: NDArray[np.float32] = logits
        return found


def inputs(rows: Sequence[Row]) -> dict[str, NDArray[np.int64]]:
    """What the graph takes: arrays by their names, each rows x pieces of the longest."""
    lengths = np.array([len(row.ids) for row in rows])
    places = np.arange(lengths.max())
    mask = places < lengths[:, np.newaxis]
    ids = np.zeros(mask.shape, np.int64)
    ids[mask] = [number for row in rows for number in row.ids]
    second = places >= np.array([row.first for row in rows])[:, np.newaxis]
    return {"ids": ids, "segments": (second & mask).astype(np.int64), "mask": mask.astype(np.int64)}
