"""Routes of headlines whose topics a costly model was asked for; the fingerprint log holds what it said.

Every worker routes by it alike, with the model or without: what the model said is in the log, and how far it can be
trusted in `evidence.json`, which belongs to that model.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from worker.errors import UsageError
from worker.events import Further, Route
from worker.mediatopics import CODES, SLUGS, UNSORTED

CONFIDENCES: Final = Path(__file__).with_name("evidence.json")
FORMAT: Final = 1
SHARES: Final = 256
"""What a share can be, in 255ths."""

MAX_FURTHER: Final = 2
_PERMILLE: Final = 1000


class Confidences(NamedTuple):
    """In permille, by a topic's share in 255ths: how likely an editor accepts it; neither falls as the share grows.

    `first` is for the best topic of a headline, `further` for the others. `encoder` is the digest of the model that
    they were measured with (`worker.deep.encoder.digest`), `version` names all of it: `deep-<format>.<hash>`.
    """

    first: tuple[int, ...]
    further: tuple[int, ...]
    encoder: str
    version: str

    @classmethod
    def load(cls, path: Path = CONFIDENCES) -> Confidences:
        """Those of a file.

        Raises:
            UsageError: the file cannot be read, or holds something else.
        """
        try:
            document = json.loads(path.read_bytes())
            first, further = _table(document, "first"), _table(document, "further")
            encoder = str(document["encoder"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"confidences {path}: {error!r}; restore the file or calibrate again") from error
        content = json.dumps([first, further, encoder]).encode()
        version = f"deep-{FORMAT}.{hashlib.blake2b(content, digest_size=4).hexdigest()}"
        return cls(first, further, encoder, version)

    def route(self, shares: bytes, *, threshold: float, also_threshold: float) -> Route:
        """The route of a headline.

        Args:
            shares: of the 17 topics, in the order of their codes.
            threshold: a best topic of less confidence goes to `unsorted`.
            also_threshold: the least confidence of a further topic.
        """
        best = shares.index(max(shares))
        slug = SLUGS[best]
        confidence = self.first[shares[best]] / _PERMILLE
        if confidence < threshold:
            return Route(UNSORTED, slug, CODES[slug], confidence)
        others = sorted(
            (topic for topic in range(len(SLUGS)) if topic != best), key=lambda each: -shares[each]
        )
        also = tuple(
            Further(SLUGS[topic], CODES[SLUGS[topic]], self.further[shares[topic]] / _PERMILLE)
            for topic in others[:MAX_FURTHER]
            if self.further[shares[topic]] / _PERMILLE >= also_threshold
        )
        return Route(slug, slug, CODES[slug], confidence, also)


def _table(document: dict[str, Any], name: str) -> tuple[int, ...]:
    table = document[name]
    if (
        len(table) != SHARES
        or not all(type(each) is int and 0 <= each <= _PERMILLE for each in table)
        or sorted(table) != table
    ):
        raise ValueError(
            f"{name}: {SHARES} whole numbers from 0 to {_PERMILLE} are needed, none below the one before"
        )
    return tuple(table)
