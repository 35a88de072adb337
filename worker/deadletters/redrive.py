"""Going through chosen letters: a chunk is looked up again, sent, confirmed and then marked, before the next begins.

A crash between the confirmation and the mark leaves at most one chunk that was sent and counts as open. Sent again, its
records have the same bytes, and so the same ids: the worker judges the second ones duplicates of the first, and where
it suppresses nothing (a correction, `dedup.mode=off`), consumers see a repeat of an id. So it is with two operators
whose chunks overlap; each looks for the other's marks right before it sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from worker.deadletters.plan import redriven_headers
from worker.deadletters.sending import Addressed, send
from worker.deadletters.status import State, Target, encode
from worker.errors import BrokerUnavailableError, DeliveryError, NewswireError
from worker.outbox import Outgoing
from worker.replay.send import Tally

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from worker.deadletters.desk import Desk
    from worker.deadletters.letter import Letter
    from worker.deadletters.sending import Carrier, Sent
    from worker.deadletters.status import Hand, Status

    Mend = Callable[[Letter, Letter | None], Letter | None]
    """What is sent for a letter as it was read and as it is whole, which is None where its record is gone."""

CHUNK_LETTERS: Final = 500
CHUNK_BYTES: Final = 8 * 1024 * 1024
"""Bounds of a chunk: of what is in memory, and of what a crash sends again."""

_PACES_PER_S: Final = 4
"""So many chunks a second at a rate; each costs some round trips to Kafka."""


class Topic:
    """A topic to write to: its name and its number of partitions."""

    def __init__(self, name: str, partitions: int) -> None:
        self.name = name
        self.partitions = partitions


class Round:
    """One command's way through the letters that it has chosen.

    `tally.sent` counts letters that were taken up, `tally.confirmed` those that are done: confirmed and marked. `taken`
    counts those that had got another state meanwhile, from another operator or as a copy of one just done; `gone` those
    that have aged out since they were chosen: the letter, or the raw record that fitted no letter.
    """

    def __init__(
        self,
        desk: Desk,
        carrier: Carrier,
        status: Topic,
        hand: Hand,
        *,
        states: frozenset[State],
        rate: float | None = None,
    ) -> None:
        """Take where to read and write; a letter may still be in one of `states`, `rate` is letters a second."""
        self.tally = Tally()
        self.taken = 0
        self.gone = 0
        self._desk = desk
        self._carrier = carrier
        self._status = status
        self._hand = hand
        self._states = states
        self._rate = rate
        self._most = CHUNK_LETTERS if rate is None else max(1, min(CHUNK_LETTERS, int(rate / _PACES_PER_S)))
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Begin no further chunk."""
        self._stopped.set()

    async def redrive(
        self,
        offsets: Mapping[int, Sequence[int]],
        raw: Topic,
        mend: Mend = lambda _, whole: whole,
    ) -> None:
        """Send letters to the raw topic and mark them; `mend` may put other bytes in place of their own.

        Raises:
            DeliveryError: not everything could be sent, or marked; the message says what that means.
        """
        async for chunk in self._chunks(offsets):
            found = [mend(letter, await self._desk.whole(letter)) for letter in chunk]
            letters = [letter for letter in found if letter is not None]
            self.gone += len(found) - len(letters)
            self.tally.sent += len(letters)
            sent = await self._send(raw, letters)
            done = [
                (letter, self._hand.redriven(letter, _now(), Target(raw.name, *place)))
                for letter, place in zip(letters, sent.places, strict=True)
                if place is not None
            ]
            await self._mark(done)
            if sent.failure is not None:
                what = (
                    f"{len(letters) - len(done)} records are not confirmed, and their dead letters stay open;"
                    " should some have arrived, those of the next redrive are duplicates"
                )
                raise _failed(what, sent.failure) from sent.failure

    async def discard(self, offsets: Mapping[int, Sequence[int]], note: str) -> None:
        """Mark letters as ones that nobody has to look at any more.

        Raises:
            DeliveryError: not everything could be marked.
        """
        async for letters in self._chunks(offsets):
            self.tally.sent += len(letters)
            await self._mark([(letter, self._hand.discarded(letter, _now(), note)) for letter in letters])

    async def _send(self, raw: Topic, letters: list[Letter]) -> Sent:
        records = [
            Addressed(
                Outgoing(letter.key, letter.value, redriven_headers(letter)),
                letter.source.partition if letter.source is not None else 0,
            )
            for letter in letters
        ]
        return await send(self._carrier, raw.name, raw.partitions, records)

    async def _mark(self, marks: list[tuple[Letter, Status]]) -> None:
        records = [Addressed(Outgoing(letter.status_key, encode(status), [])) for letter, status in marks]
        sent = await send(self._carrier, self._status.name, self._status.partitions, records)
        self.tally.confirmed += sum(place is not None for place in sent.places)
        if sent.failure is not None:
            unmarked = sum(place is None for place in sent.places)
            redriven = any(status.state is State.REDRIVEN for _, status in marks)
            meaning = (
                "their records were sent: the next redrive sends them again, as duplicates"
                if redriven
                else "they stay as they were"
            )
            what = f"{unmarked} dead letters could not be marked; {meaning}"
            raise _failed(what, sent.failure) from sent.failure

    async def _chunks(self, offsets: Mapping[int, Sequence[int]]) -> AsyncIterator[list[Letter]]:
        """The letters that are still to be done, some at a time, at the rate."""
        started = time.monotonic()
        async for chunk in self._read(offsets):
            if self._stopped.is_set():
                return
            await self._desk.refresh()
            left = {
                letter.status_key: letter
                for letter in reversed(chunk)
                if self._desk.statuses.state(letter) in self._states
            }
            self.taken += len(chunk) - len(left)
            if left:
                yield list(reversed(left.values()))
            if self._rate is not None:
                due = started + self.tally.sent / self._rate
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._stopped.wait(), max(0.0, due - time.monotonic()))

    async def _read(self, offsets: Mapping[int, Sequence[int]]) -> AsyncIterator[list[Letter]]:
        chunk: list[Letter] = []
        size = 0
        for partition, chosen in offsets.items():
            wanted = iter(chosen)
            next_offset = next(wanted, None)
            async for letter in self._desk.letters({partition: (chosen[0], chosen[-1] + 1)}):
                while next_offset is not None and next_offset < letter.address.offset:
                    self.gone += 1
                    next_offset = next(wanted, None)
                if next_offset != letter.address.offset:
                    continue
                next_offset = next(wanted, None)
                chunk.append(letter)
                size += len(letter.value or b"")
                if len(chunk) >= self._most or size >= CHUNK_BYTES:
                    yield chunk
                    chunk, size = [], 0
            self.gone += (next_offset is not None) + sum(1 for _ in wanted)
        if chunk:
            yield chunk


def _failed(what: str, failure: Exception) -> NewswireError:
    """The error of a delivery that failed; what an outbox says of commits is about workers."""
    cause = str(failure).partition("; nothing of it is committed")[0]
    if isinstance(failure, BrokerUnavailableError):
        return BrokerUnavailableError(f"{what}: {cause}; once Kafka is back, give the command again")
    return DeliveryError(f"{what}: {cause}")


def _now() -> datetime:
    return datetime.now(UTC)
