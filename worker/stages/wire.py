"""How the worker and its helper talk: frames over a socket, each a length, a kind and a body, answered in order."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import msgspec

from worker import errors
from worker.stages.messages import Decided, Opened, Raw, Read, Written

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER: Final = struct.Struct("<IB")
"""The length of the body, and the kind."""


class Ask(IntEnum):
    """What the worker says."""

    LOAD = 0
    """What to compute by: pickled `Settings`; answered with `Opened` when all is loaded."""
    BEGIN = 1
    """The number of partitions of each output topic; goes before what follows."""
    READ = 2
    WRITE = 3


class Answer(IntEnum):
    """What the helper says."""

    DONE = 0
    FAILED = 1
    """With the traceback; the helper ends."""
    REFUSED = 2
    """With a `UsageError` about what is to be loaded, by its class and its text; the helper ends."""


_encode: Final = msgspec.msgpack.Encoder().encode
decode_opened: Final = msgspec.msgpack.Decoder(Opened).decode
decode_partitions: Final = msgspec.msgpack.Decoder(dict[str, int]).decode
decode_read: Final = msgspec.msgpack.Decoder(tuple[int, list[Raw]]).decode
decode_write: Final = msgspec.msgpack.Decoder(tuple[int, list[Decided]]).decode
decode_nothing: Final = msgspec.msgpack.Decoder(None).decode
decode_reads: Final = msgspec.msgpack.Decoder(list[Read]).decode
decode_written: Final = msgspec.msgpack.Decoder(Written).decode


def frame(kind: int, body: bytes) -> bytes:
    """A frame of a body that is encoded already."""
    return HEADER.pack(len(body), kind) + body


def packed(kind: int, body: object) -> bytes:
    """A frame of a body of these messages."""
    return frame(kind, _encode(body))


def refused(error: errors.UsageError) -> bytes:
    """A frame of an error about what is to be loaded."""
    return packed(Answer.REFUSED, (type(error).__name__, str(error)))


def decode_refused(body: bytes) -> errors.UsageError:
    """The error, as it was raised."""
    name, text = msgspec.msgpack.decode(body, type=tuple[str, str])
    error: errors.UsageError = getattr(errors, name, errors.UsageError)(text)
    return error


def read_request(fetch: int, parts: Sequence[Raw]) -> bytes:
    """A request of `Stages.read`."""
    return packed(Ask.READ, (fetch, parts))


def write_request(fetch: int, decided: Sequence[Decided]) -> bytes:
    """A request of `Stages.write`."""
    return packed(Ask.WRITE, (fetch, decided))
