"""A replay as it was asked for: which documents, how they become events, how often and how many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from worker.replay.document import Document, read_document
from worker.replay.entry import Entry, Fault, fault
from worker.replay.event import EventEncoder, RawEvent, Schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from worker.replay.fields import FieldMap
    from worker.replay.formats import Format

RECORD_OVERHEAD_BYTES = 128
"""What a record batch with one record holds beside its key and value, at most."""


class Plan(Struct, frozen=True):
    """What to replay.

    `repeat` rounds send the very same events each time, as a second replay would. `limit` is the most events
    in all rounds together. An event whose record would be larger than `max_record_bytes` is a fault.
    """

    documents: tuple[Document, ...]
    source: str
    fields: FieldMap
    form: Format | None = None
    schedule: Schedule | None = None
    repeat: int = 1
    limit: int | None = None
    max_record_bytes: int = 1_048_576

    @property
    def waits(self) -> bool:
        """Whether reading may have to wait for somebody who writes."""
        return any(document.waits for document in self.documents)


class Reading(Struct, frozen=True, gc=False):
    """What stands at one place of a document; `event` is None where it is a fault."""

    document: Document
    found: Entry | Fault
    event: RawEvent | None


def readings(plan: Plan, before_read: Callable[[], None] = lambda: None) -> Iterator[Reading]:
    """Everything that a replay meets, in order. Faults are told in the first round only.

    Raises:
        UsageError: a document cannot be read.
    """
    left = plan.limit
    for number in range(plan.repeat):
        for reading in _round(plan, before_read, with_faults=number == 0):
            yield reading
            if left is not None and reading.event is not None:
                left -= 1
                if not left:
                    return


def _round(plan: Plan, before_read: Callable[[], None], *, with_faults: bool) -> Iterator[Reading]:
    index = 0
    for document in plan.documents:
        encoder = EventEncoder(document.name, plan.source, plan.schedule)
        for found in read_document(document, plan.form, plan.fields, before_read):
            if isinstance(found, Entry):
                event = encoder.encode(found, index)
                index += 1
                size = len(event.key) + len(event.value) + RECORD_OVERHEAD_BYTES
                if size <= plan.max_record_bytes:
                    yield Reading(document, found, event)
                elif with_faults:
                    message = f"too large: a record of {size} bytes, of at most {plan.max_record_bytes}"
                    yield Reading(document, fault(found.line, message, found.headline), None)
            elif with_faults:
                yield Reading(document, found, None)
