"""What is fed: headlines of which it is known beforehand what has to become of them.

Whether two of a group match must not hang on the matcher: its members are one sentence in writings that say nothing
else (letter case, a source's name behind it, tags). No two groups, singles or updates have words in common.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tests.integration.newsroom import Newsroom

from .verifier import TRUTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PARTITIONS = 6

POISON: tuple[tuple[bytes | None, str], ...] = (
    (None, "null"),
    (b"", "not_json"),
    (b'{"id":"p","source":"s","headline":"caf\xe9"}', "not_utf8"),
    (b'{"id":"p","source":"s","headline":"cut', "not_json"),
    (b'["id"]', "schema"),
    (b'{"id":"p","source":"s"}', "schema"),
    (b'{"id":"p","source":"s","headline":" "}', "empty"),
    (b'{"id":"p","source":"s","headline":"h","published_at":"yesterday"}', "timestamp"),
    (b'{"id":"p","source":"s","headline":"h","schema_version":9}', "version"),
    (b'{"id":"p","source":"s","headline":"' + b"long " * 1000 + b'"}', "too_large"),
)
"""Values that can never be a headline, with the reason that their dead letter has to give."""

WRITINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda sentence: f"{sentence.upper()} - Reuters",
    lambda sentence: f"<b>{sentence}</b>",
    lambda sentence: f"  {sentence.lower()}\u200b ",
)


class Item(NamedTuple):
    """A raw record to be."""

    partition: int
    truth: str
    value: bytes | None
    key: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()


@dataclass(frozen=True)
class Load:
    """How many records of which kind; `make` draws them.

    Attributes:
        singles: that say what nothing else says.
        groups: of two to four that say the same.
        updates: that say what another says but for a number, which is a single.
        poison: that can never be headlines.
    """

    singles: int = 2_500
    groups: int = 600
    updates: int = 150
    poison: int = 60

    def make(self, seed: int) -> list[Item]:
        """The records in the order in which they are fed, spread over the partitions; the same for a seed."""
        draw = random.Random(seed)
        made = list(self._made(draw))
        draw.shuffle(made)
        return [
            Item(draw.randrange(PARTITIONS), truth, value, b"%d" % number)
            for number, (truth, value) in enumerate(made)
        ]

    def _made(self, draw: random.Random) -> Iterator[tuple[str, bytes | None]]:
        # Of two loads with different seeds no headline is in both.
        first = draw.randrange(10**9) * 10**6
        numbers = iter(range(first, first + 10**6))
        newsroom = Newsroom()

        def event(headline: str) -> bytes:
            identity = f"load-{draw.getrandbits(64):016x}"
            return json.dumps({"id": identity, "source": "reliability", "headline": headline}).encode()

        for _ in range(self.singles):
            yield "single", event(newsroom.headline(next(numbers)))
        for _ in range(self.groups):
            number = next(numbers)
            sentence = newsroom.headline(number)
            for writing in draw.sample(WRITINGS, draw.choice((2, 2, 3, 4))):
                yield f"group {number}", event(writing(sentence))
        for _ in range(self.updates):
            number = next(numbers)
            sentence = newsroom.headline(number)
            dead = draw.randrange(3, 900)
            yield f"single {number}", event(f"{sentence}, {dead} dead")
            yield f"update {number}", event(f"{sentence}, {dead + 2} dead")
        for _ in range(self.poison):
            value, reason = draw.choice(POISON)
            yield f"poison {reason}", value


def headers(item: Item) -> tuple[tuple[str, bytes | None], ...]:
    """The headers of a record: its own, and its truth."""
    return (*item.headers, (TRUTH, item.truth.encode()))
