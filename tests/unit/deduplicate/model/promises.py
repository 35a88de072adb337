"""What a history may break, and the last look at it."""

from enum import StrEnum
from typing import NamedTuple

from tests.unit.deduplicate.model.record import Record
from worker.events import Kind, Verdict


class Promise(StrEnum):
    """The promises of the log."""

    LOST = "every record has an outcome"
    SUPPRESSED = "no group is suppressed whole"
    GUARDED = "a correction is never suppressed"
    UNSTABLE = "a record that is read again while its verdict is kept gets the same one"
    FIRST = "a new entry that is not late is the first of its record"
    DISAGREE = "no two replicas disagree"
    DIFFERENT = "every replica says what the whole log says"
    NEEDLESS = "a record is late only if it may have been appended before"
    ENDED = "no worker has a reason to end"


class Broken(NamedTuple):
    """A promise that a history has broken, and how."""

    promise: Promise
    how: str


def broken_by_outcomes(records: list[Record], by_id: dict[str, Record]) -> list[Broken]:
    """What is wrong with what came out.

    Args:
        records: those that could be read to the end.
        by_id: all that there ever were.
    """
    broken = []
    for record in records:
        if not record.verdicts:
            broken.append(Broken(Promise.LOST, f"{record}: nothing came out"))
        by_entry: dict[object, Verdict] = {}
        for verdict, entry in record.verdicts:
            if by_entry.setdefault(entry, verdict) != verdict:
                broken.append(Broken(Promise.UNSTABLE, f"{record}: two verdicts of one entry"))
            if verdict.kind is Kind.DUPLICATE and record.headline.guard is not None:
                broken.append(Broken(Promise.GUARDED, f"{record}: {verdict}"))
            if verdict.kind is Kind.DUPLICATE and not _ends_published(verdict, by_id):
                broken.append(Broken(Promise.SUPPRESSED, f"{record}: {verdict}, and nothing of it came out"))
    return broken


def _ends_published(verdict: Verdict, by_id: dict[str, Record]) -> bool:
    """Whether the chain of records that one was suppressed in favour of ends in one that came out.

    One whose partition was made anew before it was read could not come out.
    """
    seen: set[str] = set()
    while verdict.of is not None and verdict.of not in seen:
        seen.add(verdict.of)
        record = by_id[verdict.of]
        if record.published or record.gone:
            return True
        if not record.verdicts:
            return False
        verdict = record.verdicts[0][0]
    return False
