"""Costly evidence: what a model too slow for every headline has said of an entry, as the log records it.

The writer asks the model and puts its answers into the entry, as small integers. Verdicts read the log, so a replica
needs no model, and one whose numbers differ in the last bit does no harm. What is not there is not held against
anybody: such a pair is judged, such a headline routed, by what is cheap.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from itertools import chain
from operator import lt
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from msgspec import Struct

from worker.deduplicate.rule import MOST_JUDGED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")

TOPICS = 17
"""Probabilities of a headline, one for each topic in the order of its code."""
MOST_LOG_ODDS = 127

_COUNT = struct.Struct("<I")
_PAIR_BYTES = 8 + 1 + 1
_HASH_BYTES = 8


class Scores(NamedTuple):
    """What a model says of two headlines: log-odds in eighths, from -127 to 127.

    `same` is of "they say the same" against all else, `story` of "one story, and something new" against all else.
    """

    same: int
    story: int


class Pair(NamedTuple):
    """The scores of an entry and an earlier form, of which `form` is the hash."""

    form: int
    scores: Scores


class Evidence(Struct, frozen=True, gc=False):
    """What is known of one entry.

    `pairs` are at most `MOST_JUDGED`; where two have one hash, the first counts. `topics` is empty, or a byte for each
    of the `TOPICS`: its probability in 255ths.
    """

    pairs: tuple[Pair, ...] = ()
    topics: bytes = b""


NO_EVIDENCE = Evidence()

PairsByRow = dict[int, tuple[Pair, ...]]
TopicsByRow = dict[int, bytes]


def form_hash(form: bytes) -> int:
    """What a match form in UTF-8 is named by: 64 bits of BLAKE2b, the same on every machine."""
    return int.from_bytes(blake2b(form, digest_size=_HASH_BYTES).digest(), "little")


def scores_of(pairs: Sequence[Pair], form: bytes) -> Scores | None:
    """The scores of a form among an entry's, or None."""
    wanted = form_hash(form)
    for each, scores in pairs:
        if each == wanted:
            return scores
    return None


def size(evidence: Evidence) -> int:
    """The bytes that an entry's evidence takes in a frame."""
    pairs = _COUNT.size + 1 + _PAIR_BYTES * len(evidence.pairs) if evidence.pairs else 0
    return pairs + (_COUNT.size + TOPICS if evidence.topics else 0)


NOTHING_BYTES = 2 * _COUNT.size
"""What a frame without any evidence spends on saying so."""


def encode(evidence: Sequence[Evidence]) -> bytes:
    """The evidence of a frame's entries as bytes; those without any take none."""
    pairs = {row: each.pairs for row, each in enumerate(evidence) if each.pairs}
    topics = {row: each.topics for row, each in enumerate(evidence) if each.topics}
    return b"".join(
        (
            _encoded_rows(pairs),
            bytes(map(len, pairs.values())),
            *map(_encoded_pairs, pairs.values()),
            _encoded_rows(topics),
            *topics.values(),
        )
    )


def decode(value: bytes, entries: int) -> tuple[PairsByRow, TopicsByRow] | None:
    """The evidence by the entry's place in its frame, pairs and topics; None for what `encode` does not write.

    Args:
        value: the bytes, and nothing behind them.
        entries: how many the frame has.

    Raises:
        struct.error: the bytes are cut short.
    """
    rows, at = _decoded_rows(value, 0)
    counts = struct.unpack_from(f"<{len(rows)}B", value, at)
    at += len(rows)
    if not _fit(rows, entries) or not all(1 <= count <= MOST_JUDGED for count in counts):
        return None
    pairs: PairsByRow = {}
    for row, count in zip(rows, counts, strict=True):
        numbers = struct.unpack_from(f"<{count}Q{2 * count}b", value, at)
        at += _PAIR_BYTES * count
        if min(numbers[count:]) < -MOST_LOG_ODDS:
            return None
        columns = zip(numbers[:count], numbers[count : 2 * count], numbers[2 * count :], strict=True)
        pairs[row] = tuple(Pair(form, Scores(same, story)) for form, same, story in columns)
    topical, at = _decoded_rows(value, at)
    if not _fit(topical, entries) or at + TOPICS * len(topical) != len(value):
        return None
    starts = range(at, len(value), TOPICS)
    return pairs, {row: value[start : start + TOPICS] for row, start in zip(topical, starts, strict=True)}


def of_rows(by_row: Mapping[int, T], rows: Sequence[int]) -> dict[int, T]:
    """The same by the new places, when only these rows, which ascend, are left of a frame."""
    return {place: by_row[row] for place, row in enumerate(rows) if row in by_row}


def _encoded_rows(rows: Mapping[int, object]) -> bytes:
    return struct.pack(f"<I{len(rows)}I", len(rows), *rows)


def _decoded_rows(value: bytes, at: int) -> tuple[tuple[int, ...], int]:
    (count,) = _COUNT.unpack_from(value, at)
    at += _COUNT.size
    if count * _COUNT.size > len(value) - at:
        raise struct.error("cut short")
    return struct.unpack_from(f"<{count}I", value, at), at + count * _COUNT.size


def _fit(rows: Sequence[int], entries: int) -> bool:
    return all(map(lt, rows, (*rows[1:], entries)))


def _encoded_pairs(pairs: Sequence[Pair]) -> bytes:
    count = len(pairs)
    same = [each.scores.same for each in pairs]
    story = [each.scores.story for each in pairs]
    return struct.pack(f"<{count}Q{2 * count}b", *[each.form for each in pairs], *chain(same, story))
