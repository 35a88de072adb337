"""Records as the Kafka clients give them, decoded into events and checked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, TypeAlias, cast

from msgspec import DecodeError
from msgspec.json import Decoder

from worker.errors import UnknownVersionError, UnreadableRecordError
from worker.reader.events import DuplicateHeadline, RoutedHeadline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.reader.events import Event


class AttributeRecord(Protocol):
    """A record as aiokafka and kafka-python give it."""

    @property
    def topic(self) -> str:
        """The topic."""

    @property
    def partition(self) -> int:
        """The partition."""

    @property
    def offset(self) -> int:
        """The offset."""

    @property
    def value(self) -> bytes | None:
        """The value."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """The headers."""


class MethodRecord(Protocol):
    """A record as confluent-kafka gives it."""

    def topic(self) -> str | None:
        """The topic."""

    def partition(self) -> int | None:
        """The partition."""

    def offset(self) -> int | None:
        """The offset."""

    def value(self) -> bytes | None:
        """The value."""

    def headers(self) -> dict[str, str | bytes | None] | list[tuple[str, str | bytes | None]] | None:
        """The headers."""

    def error(self) -> object | None:
        """What went wrong, where this is no record."""


Record: TypeAlias = AttributeRecord | MethodRecord


def decode(record: Record) -> Event:
    """The event in a record of `news.*` or `headlines.duplicates`.

    Raises:
        UnknownVersionError: the event is of a version that this release does not read.
        UnreadableRecordError: the record holds no event of these streams, or none that fits its schema.
    """
    return event_of(opened(record))


class Opened(NamedTuple):
    """A record of either client."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    headers: Mapping[str, object]

    def __str__(self) -> str:
        return f"the record at {self.topic}[{self.partition}] offset {self.offset}"


def opened(record: Record) -> Opened:
    """What a record holds, whichever client it is of.

    Raises:
        UnreadableRecordError: it is an error that confluent-kafka reports in place of a record.
    """
    if not callable(record.topic):
        return Opened(record.topic, record.partition, record.offset, record.value, dict(record.headers))
    if (error := record.error()) is not None:
        raise UnreadableRecordError(f"{error}; look at message.error() before a message is read")
    return Opened(
        record.topic() or "",
        cast("int", record.partition()),
        cast("int", record.offset()),
        record.value(),
        dict(record.headers() or ()),
    )


def event_of(record: Opened) -> Event:
    """What `decode` gives."""
    kind = record.headers.get("ce_type")
    form = _FORMS.get(kind)
    if form is None:
        raise _foreign(record, kind)
    schema = record.headers.get("ce_dataschema")
    if schema is not None and not form.is_schema(schema):
        raise UnknownVersionError(
            f"{record} is of the schema {_shown(schema)}, which does not go with its type {_shown(kind)};"
            f" this release reads {_shown(form.schema)}"
        )
    try:
        return form.decoder.decode(record.value or b"")
    except (DecodeError, UnicodeDecodeError) as error:
        raise UnreadableRecordError(
            f"{record} is no {_shown(kind)}: {error}; whoever wrote it does not keep to the schema"
        ) from error


class _Form(NamedTuple):
    """An event that can be read."""

    schema: bytes
    decoder: Decoder[RoutedHeadline] | Decoder[DuplicateHeadline]

    def is_schema(self, name: object) -> bool:
        """Whether a `ce_dataschema` is of this form: `…:v1`, or `…:v1.2`, which only adds to it."""
        if not isinstance(name, bytes) or not name.startswith(self.schema):
            return False
        minor = name.removeprefix(self.schema)
        return not minor or (minor.startswith(b".") and minor[1:].isdigit())


_FORMS: Final[dict[object, _Form]] = {
    b"newswire.headline.routed.v1": _Form(b"urn:newswire:headline.routed:v1", Decoder(RoutedHeadline)),
    b"newswire.headline.duplicate.v1": _Form(
        b"urn:newswire:headline.duplicate:v1", Decoder(DuplicateHeadline)
    ),
}
"""By `ce_type`."""

_OURS: Final = re.compile(rb"newswire\.headline\.(?:routed|duplicate)\.v[0-9.]+")


def _foreign(record: Opened, kind: object) -> UnreadableRecordError:
    read = ", ".join(map(_shown, _FORMS))
    if isinstance(kind, bytes) and _OURS.fullmatch(kind):
        return UnknownVersionError(
            f"{record} is of the type {_shown(kind)}; this release reads {read}. Install a newer one to read it"
        )
    found = "has no header ce_type" if kind is None else f"is of the type {_shown(kind)}"
    return UnreadableRecordError(f"{record} {found}; the streams hold {read}")


def _shown(text: object) -> str:
    return text.decode(errors="backslashreplace") if isinstance(text, bytes) else str(text)
