"""How the worker and its helper talk: frames over a socket, each a length, a kind and a body, answered in order."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import msgspec

from worker.stages.messages import Decided, Raw, Read, Written

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER: Final = struct.Struct("<IB")
"""The length of the body, and the kind."""


class Ask(IntEnum):
    """What the worker says."""

    SETUP = 0
    """How to compute: a pickled `helper.Setup`; answered when all is loaded."""
    READ = 1
    WRITE = 2


class Answer(IntEnum):
    """What the helper says."""

    DONE = 0
    FAILED = 1
    """With the traceback; the helper ends."""


_encode: Final = msgspec.msgpack.Encoder().encode
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


def read_request(fetch: int, parts: Sequence[Raw]) -> bytes:
    """A request of `Stages.read`."""
    return packed(Ask.READ, (fetch, parts))


def write_request(fetch: int, decided: Sequence[Decided]) -> bytes:
    """A request of `Stages.write`."""
    return packed(Ask.WRITE, (fetch, decided))
