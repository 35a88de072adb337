"""`newswire deadletters show`."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click
import orjson
from msgspec import Struct
from msgspec.structs import replace

from worker.cli.deadletters.listing import as_json
from worker.cli.options import settings_options
from worker.deadletters.choice import parse_address
from worker.deadletters.counts import moment
from worker.deadletters.plan import MAX_ATTEMPTS
from worker.deadletters.view import AROUND, marked, text
from worker.errors import UsageError
from worker.events import Headline, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.config import Settings
    from worker.deadletters.letter import Address, Letter
    from worker.deadletters.status import Status
    from worker.events import Rejection

HISTORY_SHOWN: Final = 100
"""So many deaths of one record are shown, the newest ones."""


_OF_A_DEATH: Final = frozenset(
    {"address", "died", "state", "reason", "message", "attempt", "version", "source", "first", "status"}
)


class Death(NamedTuple):
    """One death of a record, its value left out, and what became of it."""

    letter: Letter
    status: Status | None


class Found(Struct, frozen=True):
    """A letter with all that is known of it; `whole` is None where its record is gone from the raw topic."""

    letter: Letter
    status: Status | None
    whole: Letter | None
    history: list[Death]


@click.command(short_help="Show one: cause, bytes, history, what the rule says now.")
@click.argument("address")
@click.option("--json", "as_object", is_flag=True, help="Print one JSON object.")
@click.option("--value", "value_alone", is_flag=True, help="Print the bytes of the value and nothing else.")
@click.option("--all", "all_bytes", is_flag=True, help="Show all of a long value.")
@settings_options
def show(settings: Settings, *, address: str, as_object: bool, value_alone: bool, all_bytes: bool) -> None:
    """Show one dead letter: cause, headers, bytes, history, and what the rule says of it now.

    ADDRESS is its offset, as `list` shows it. What the rule says now is reckoned here, by this release and
    these settings.
    """
    at = parse_address(address)
    if at is None:
        raise click.BadParameter(f"{address}: an address is an offset, such as 17; 1:17 in partition 1")
    if as_object and value_alone:
        raise click.UsageError("--json and --value name two forms; give one of them")
    found = asyncio.run(_find(settings, at))
    if value_alone:
        _print_value(found)
        return
    verdict = _judged(found, settings)
    if as_object:
        sys.stdout.write(orjson.dumps(_object(found, verdict), option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    for line in _lines(found, verdict, all_bytes=all_bytes):
        click.echo(line)


async def _find(settings: Settings, address: Address) -> Found:
    from worker.deadletters.desk import open_desk
    from worker.rights import of_dead_records

    async with open_desk(settings, of_dead_records(settings.topics)) as desk:
        letter = await desk.letter(address)
        status = desk.statuses.of(letter)
        history = deque([Death(letter, status)], maxlen=HISTORY_SHOWN)
        if letter.origin is not None:
            history.clear()
            async for other in desk.letters(desk.kept):
                if other.origin == letter.origin:
                    history.append(Death(replace(other, value=None), desk.statuses.of(other)))
        return Found(letter, status, await desk.whole(letter), list(history))


def _print_value(found: Found) -> None:
    """The bytes alone.

    Raises:
        UsageError: there are none.
    """
    if found.whole is None:
        raise UsageError(
            f"the value of {found.letter.address} was too large for a dead letter, and it is gone from the raw topic"
        )
    if found.whole.value is None:
        raise UsageError(f"{found.letter.address} has no value: it came as a tombstone")
    sys.stdout.buffer.write(found.whole.value)
    sys.stdout.buffer.flush()


def _judged(found: Found, settings: Settings) -> Headline | Rejection | None:
    """What the rule says of the value now; None where there is none to ask about."""
    from worker.normalize import normalize

    return None if found.whole is None else normalize(found.whole.value, settings.normalize.limits())


def _object(found: Found, verdict: Headline | Rejection | None) -> dict[str, Any]:
    now: dict[str, Any] | None = None
    if isinstance(verdict, Headline):
        now = {"passes": True, "headline": verdict.display, "id": verdict.id}
    elif verdict is not None:
        now = {
            "passes": False,
            "reason": verdict.reason,
            "message": verdict.message,
            "field": verdict.field,
        }
    return {
        **as_json(found.whole or found.letter, found.status),
        "cause": dict(found.letter.cause),
        "now": now,
        "history": [_death(*death) for death in found.history],
    }


def _death(letter: Letter, status: Status | None) -> dict[str, Any]:
    return {name: said for name, said in as_json(letter, status).items() if name in _OF_A_DEATH}


def _lines(found: Found, verdict: Headline | Rejection | None, *, all_bytes: bool) -> Iterator[str]:
    letter = found.letter
    yield f"dead letter {letter.address}, died {moment(letter.time_ms)}, key {_quoted(letter.key)}"
    yield from _cause(letter)
    yield ""
    yield "headers"
    for name, value in (found.whole or letter).headers:
        yield f"  {_printable(name)}: {_quoted(value)}"
    for name, said in letter.cause.items():
        yield f"  {_printable(name)}: {_printable(said)}"
    yield ""
    yield from _value(found, all_bytes=all_bytes)
    yield ""
    yield "history"
    for other, status in found.history:
        where = f"{other.source}" if other.source else "no source"
        fate = "open" if status is None else _fate(status)
        yield f"  try {other.attempt}: {where} died {moment(other.time_ms)} of {other.reason or '-'}; {fate}"
    yield ""
    yield from _now(found, verdict)


def _cause(letter: Letter) -> Iterator[str]:
    if not letter.reason:
        yield "no cause: newswire did not write it"
        return
    yield f"{letter.reason}: {_printable(letter.message)}"
    if letter.reason in set(Reason):
        yield f"  {Reason(letter.reason).explanation}"


def _value(found: Found, *, all_bytes: bool) -> Iterator[str]:
    whole = found.whole
    if whole is None:
        yield "value: too large for a dead letter, and gone from the raw topic; it cannot be redriven as it was"
    elif whole.value is None:
        yield "value: none (a tombstone)"
    else:
        origin = ", read in the raw topic" if found.letter.omitted else ""
        yield f"value: {len(whole.value):,} bytes{origin}"
        yield from ("  " + row for row in marked(whole, around=None if all_bytes else AROUND))


def _fate(status: Status) -> str:
    by = f"{status.state} {status.at} by {status.by}"
    if status.target is not None:
        offset = "?" if status.target.offset is None else status.target.offset
        by += f" to {status.target.topic}/{status.target.partition}/{offset}"
    return by + (", with other bytes" if status.mended else "") + (f": {status.note}" if status.note else "")


def _now(found: Found, verdict: Headline | Rejection | None) -> Iterator[str]:
    if verdict is None:
        yield "now: nothing can be said, the value is gone"
    elif not isinstance(verdict, Headline):
        yield f"now: would fail again, {verdict.reason}: {verdict.message}"
    else:
        yield f"now: would pass as: {verdict.display}"
    status = found.status
    if status is not None:
        yield f"     {status.state} already"
    elif found.letter.attempt >= MAX_ATTEMPTS:
        yield f"     tried {found.letter.attempt} times: redrive needs --force"


def _quoted(value: bytes | None) -> str:
    return "none" if value is None else repr(_printable(text(value) or ""))


def _printable(said: str) -> str:
    return "".join(c if c.isprintable() else " " for c in said)
