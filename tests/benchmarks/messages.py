"""One fetch on its way through the stages, and what the worker and its helper tell each other about it.

As they do it, but for the socket between: a message is encoded, copied once, and decoded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from worker.stages import wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.stages import Raw, Read, Written
    from worker.stages.messages import Decided


@dataclass(frozen=True)
class Fetch:
    """What one fetch brought and what the stages made of it, partition by partition."""

    number: int
    parts: Sequence[Raw]
    reads: Sequence[Read]
    frames: Sequence[bytes]
    """Of the log, those of all partitions in their order."""
    decided: Sequence[Decided]
    written: Written


def all_messages(fetch: Fetch) -> None:
    """Encode and decode what the two processes tell each other about a fetch."""
    asked_to_read(fetch.number, fetch.parts)
    answered_reads(fetch.reads)
    asked_to_write(fetch.number, fetch.decided)
    answered_written(fetch.written)


def asked_to_read(number: int, parts: Sequence[Raw]) -> tuple[int, list[Raw]]:
    """The request as the helper has it."""
    return wire.decode_read(_received(wire.read_request(number, parts)))


def answered_reads(reads: Sequence[Read]) -> list[Read]:
    """The answer as the worker has it."""
    return wire.decode_reads(_received(wire.packed(wire.Answer.DONE, reads)))


def asked_to_write(number: int, decided: Sequence[Decided]) -> tuple[int, list[Decided]]:
    """The request as the helper has it."""
    return wire.decode_write(_received(wire.write_request(number, decided)))


def answered_written(written: Written) -> Written:
    """The answer as the worker has it."""
    return wire.decode_written(_received(wire.packed(wire.Answer.DONE, written)))


def _received(frame: bytes) -> bytes:
    """The body of a frame, which its receiver has a copy of."""
    return frame[wire.HEADER.size :]
