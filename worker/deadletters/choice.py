"""Which dead letters a command is about."""

from __future__ import annotations

import heapq
import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from worker.deadletters.letter import Address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.deadletters.letter import Letter
    from worker.deadletters.status import State

_SPAN: Final = re.compile(r"(?:(\d{1,10}):)?(\d{1,19})(-(\d{1,19})?)?", re.ASCII)


class Span(NamedTuple):
    """Offsets of the dead-letter topic, the last one included; None where it has no end."""

    partition: int
    first: int
    last: int | None

    def holds(self, address: Address) -> bool:
        """Whether an address lies within."""
        return (
            address.partition == self.partition
            and self.first <= address.offset
            and (self.last is None or address.offset <= self.last)
        )


class Choice(Struct, frozen=True):
    """What a dead letter has to be; an empty part asks nothing.

    `since_ms` and `until_ms` (exclusive) are about when it died, `partitions` about the raw topic's, `keys` about the
    whole key.
    """

    states: frozenset[State] = frozenset()
    reasons: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    versions: frozenset[str] = frozenset()
    partitions: frozenset[int] = frozenset()
    keys: frozenset[bytes] = frozenset()
    spans: tuple[Span, ...] = ()
    since_ms: int | None = None
    until_ms: int | None = None

    def takes(self, letter: Letter, state: State) -> bool:
        """Whether a letter, in this state, is among the chosen."""
        return (
            (not self.states or state in self.states)
            and (not self.reasons or letter.reason in self.reasons)
            and (not self.stages or letter.stage in self.stages)
            and (not self.versions or letter.version in self.versions)
            and (not self.partitions or (letter.source and letter.source.partition) in self.partitions)
            and (not self.keys or letter.key in self.keys)
            and (not self.spans or any(span.holds(letter.address) for span in self.spans))
            and (self.since_ms is None or letter.time_ms >= self.since_ms)
            and (self.until_ms is None or letter.time_ms < self.until_ms)
        )

    def within(self, bounds: Mapping[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
        """What of each partition, given as its first offset and its end, has to be read."""
        if not self.spans:
            return dict(bounds)
        reads = {}
        for partition, (begin, end) in bounds.items():
            spans = [span for span in self.spans if span.partition == partition]
            if spans:
                first = min(span.first for span in spans)
                past = max(end if span.last is None else span.last + 1 for span in spans)
                reads[partition] = max(begin, first), min(end, past)
        return reads


def parse_address(text: str) -> Address | None:
    """`17`, or `1:17` in another partition than the first; None where it is no address."""
    found = _SPAN.fullmatch(text)
    return Address(int(found[1] or 0), int(found[2])) if found and not found[3] else None


def parse_span(text: str) -> Span | None:
    """`17`, `17-40`, `17-` or `1:17-40`; None where it is none of them."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    partition, first, dash, last = int(found[1] or 0), int(found[2]), found[3], found[4]
    if not dash:
        return Span(partition, first, first)
    return None if last and int(last) < first else Span(partition, first, int(last) if last else None)


class Sample:
    """So many letters of all that are offered, by chance: those whose keys hash lowest under a seed.

    Which they are does not depend on the order of the offers, and memory on the size of the sample alone.
    """

    def __init__(self, size: int, seed: int) -> None:
        self._size = size
        self._seed = seed.to_bytes(8, "big")
        self._lowest: list[tuple[int, Address]] = []

    def offer(self, letter: Letter) -> None:
        """Take a letter in, if it is among the lowest as yet."""
        # Negated, so that the heap's first is the highest, which goes when a lower one comes.
        ranked = (-self._rank(letter), letter.address)
        if len(self._lowest) < self._size:
            heapq.heappush(self._lowest, ranked)
        else:
            heapq.heappushpop(self._lowest, ranked)

    def addresses(self) -> list[Address]:
        """The sample, in the order of its addresses."""
        return sorted(address for _, address in self._lowest)

    def _rank(self, letter: Letter) -> int:
        digest = blake2b(b"%d:%d" % letter.address, digest_size=8, key=self._seed).digest()
        return int.from_bytes(digest, "big")
