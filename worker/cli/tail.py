"""`newswire tail`: the output streams, live."""

from __future__ import annotations

import asyncio
import os
import select
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import click

from worker.cli import INTERRUPTED
from worker.cli.columns import Column, Columns
from worker.cli.moment import Moment
from worker.cli.options import json_lines_option, settings_options
from worker.errors import UsageError
from worker.events import Kind

VALUE_CHARS: Final = 200
"""So much of a value that is no event is shown in a row."""

if TYPE_CHECKING:
    from aiokafka.structs import ConsumerRecord

    from worker.config import Settings
    from worker.selection import Selection


@click.command()
@click.argument("topics", nargs=-1, metavar="[TOPIC]...")
@json_lines_option
@click.option("--from-beginning", is_flag=True, help="Begin with the oldest record that is kept.")
@click.option(
    "--since",
    type=Moment(),
    metavar="TIME",
    help="Begin at a time, by Kafka's clock: 2026-01-09T06:00:00Z, or how long ago: 90s, 30m, 2h, 7d.",
)
@click.option(
    "--last",
    type=click.IntRange(min=1),
    metavar="N",
    help="Begin with the newest N records, of all topics together. With a filter, all that is kept, or all since"
    " --since, is read to find them.",
)
@click.option(
    "--follow/--no-follow",
    default=True,
    help="Go on as records come (the default), or end at the records that are there now.",
)
@click.option("-n", "--limit", type=click.IntRange(min=1), metavar="N", help="End after so many records.")
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    metavar="X",
    help="Only what the router is at least so sure of, 0 to 1; a duplicate has no confidence.",
)
@click.option(
    "--verdict",
    "verdicts",
    type=click.Choice(list(map(str, Kind))),
    multiple=True,
    help="Only these verdicts; update is a story that has turned. May be given several times.",
)
@click.option(
    "--source", "sources", multiple=True, metavar="NAME", help="Only this feed. May be given several times."
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    metavar="TAG",
    help="Only this language; en takes en-GB too. May be given several times.",
)
@settings_options
def command(
    settings: Settings,
    *,
    topics: tuple[str, ...],
    as_json_lines: bool,
    from_beginning: bool,
    since: datetime | None,
    last: int | None,
    follow: bool,
    limit: int | None,
    min_confidence: float | None,
    verdicts: tuple[str, ...],
    sources: tuple[str, ...],
    languages: tuple[str, ...],
) -> int:
    """Show the output streams as they come.

    A TOPIC is a stream by its short name (sport, economy, unsorted), or duplicates, or deadletter; without
    one all 18 streams are shown. A dead letter is shown with its cause and the beginning of its value; its reason
    is explained where it first comes up. Nothing is committed: a tail takes nothing away from anybody.

    --min-confidence, --verdict, --source and --language are filters: an event is shown if it says what each of them
    asks for. A dead letter is no event and says none of it, so they do not go together with deadletter.
    """
    from worker.selection import Selection
    from worker.tail import resolve

    if from_beginning and (last, since) != (None, None):
        raise click.UsageError(
            f"--from-beginning and {'--last' if since is None else '--since'} name two beginnings; give one of them"
        )
    if not follow and not from_beginning and last is None and since is None:
        raise click.UsageError(
            "--no-follow ends at what is there now: add --from-beginning, --since TIME or --last N"
        )
    if since is not None and since > datetime.now(UTC):
        raise click.UsageError("--since lies in the future; without it a tail begins now")
    names = resolve(topics, settings.topics)
    selection = Selection(
        min_confidence=min_confidence,
        verdicts=[Kind(verdict) for verdict in verdicts],
        sources=sources,
        languages=languages,
    )
    if selection and settings.topics.deadletter in names:
        raise UsageError(
            "a dead letter has no confidence, verdict, source or language to filter by; leave out either the filters"
            " or deadletter"
        )
    printer = _JsonLines(settings) if as_json_lines else _Table(settings)
    beginning = _Beginning(from_beginning, since, last)
    return asyncio.run(_tail(settings, names, printer, selection, beginning, follow=follow, limit=limit))


class _Beginning(NamedTuple):
    """Where to begin; without any of them, where the streams end now."""

    oldest: bool
    since: datetime | None
    last: int | None


async def _tail(
    settings: Settings,
    topics: tuple[str, ...],
    printer: _Printer,
    selection: Selection,
    beginning: _Beginning,
    *,
    follow: bool,
    limit: int | None,
) -> int:
    from worker.cli.interrupt import Interrupts
    from worker.tail import in_time, open_tail

    def wanted(records: list[ConsumerRecord]) -> list[ConsumerRecord]:
        return [record for record in records if selection.takes(record.value)] if selection else records

    oldest, since, last = beginning
    # With a filter nobody knows how far back the newest that pass it stand.
    search = last is not None and bool(selection)
    ended = asyncio.Event()
    left = limit
    async with open_tail(
        settings,
        topics,
        from_beginning=oldest or search,
        since=since,
        last=None if search else last,
    ) as tail:
        with Interrupts(ended.set) as interrupts:
            if last is not None:
                newest: list[ConsumerRecord] = []
                while not (ended.is_set() or await tail.up_to_the_end()):
                    newest = in_time([*newest, *wanted(await tail.next())])[-last:]
                printer.show(newest[:left])
                left = None if left is None else left - len(newest[:left])
            while left != 0 and not ended.is_set() and not _reader_is_gone():
                if not follow and await tail.up_to_the_end():
                    break
                records = wanted(await tail.next())[:left]
                printer.show(records)
                left = None if left is None else left - len(records)
    return INTERRUPTED if interrupts.seen else 0


class _Printer(Protocol):
    def show(self, records: list[ConsumerRecord]) -> None:
        """Print records and flush."""


class _JsonLines:
    def __init__(self, settings: Settings) -> None:
        self._deadletter = settings.topics.deadletter

    def show(self, records: list[ConsumerRecord]) -> None:
        from worker.tail import as_json_line

        sys.stdout.buffer.write(b"".join(as_json_line(record, self._deadletter) for record in records))
        sys.stdout.buffer.flush()


class _Table:
    def __init__(self, settings: Settings) -> None:
        from worker.events import Reason
        from worker.tail import stream_names

        self._unexplained = {reason.value: reason.explanation for reason in Reason}
        self._short = {topic: name for name, topic in stream_names(settings.topics).items()}
        self._columns = Columns(
            Column("time", 8),
            Column("stream", 14),
            Column("sure", 4),
            Column("verdict", 9),
            Column("headline", None),
        )
        click.echo(self._columns.header())

    def show(self, records: list[ConsumerRecord]) -> None:
        for record in records:
            click.echo(self._columns.row(self._cells(record)))
            reason = _reason(record)
            if reason is not None and (explanation := self._unexplained.pop(reason, None)):
                click.echo(f"  {reason}: {explanation}")

    def _cells(self, record: ConsumerRecord) -> list[str]:
        from worker.tail import clock_time, event_of

        where = [clock_time(record.timestamp), self._short[record.topic]]
        reason = _reason(record)
        if reason is not None:
            return [*where, "", reason, f"{_message(record)}: {_excerpt(record.value)}"]
        event = event_of(record)
        if event is None:
            return [*where, "", "", _excerpt(record.value)]
        confidence = event.get("confidence")
        sure = f"{confidence:.2f}" if isinstance(confidence, float) else ""
        return [*where, sure, str(event.get("verdict", "")), str(event.get("headline", ""))]


def _reason(record: ConsumerRecord) -> str | None:
    """The class of causes that a record was dead-lettered for; None for one that was not."""
    return _header(record, "newswire.reason")


def _message(record: ConsumerRecord) -> str:
    """What was wrong with a dead letter, with the field at fault where the message does not name it."""
    message = _header(record, "newswire.message") or "no message"
    field = _header(record, "newswire.field")
    return message if field is None or message.startswith(field) else f"{field}: {message}"


def _header(record: ConsumerRecord, name: str) -> str | None:
    value: bytes | None = dict(record.headers).get(name)
    return None if value is None else value.decode(errors="backslashreplace")


def _excerpt(value: bytes | None) -> str:
    """A value as text, cut: one may be a megabyte, and --json has it whole."""
    text = (value or b"")[: 4 * VALUE_CHARS].decode(errors="backslashreplace")
    return text if len(text) <= VALUE_CHARS else text[: VALUE_CHARS - 1] + "…"


def _reader_is_gone() -> bool:
    """Whether the other end of a pipe on standard output is closed; a write would tell, but none is due."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    if any(events & select.POLLERR for _, events in poll.poll(0)):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False
