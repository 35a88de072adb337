"""`newswire deadletters discard`."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from worker.cli import INTERRUPTED
from worker.cli.deadletters.options import choice_options, dead_letters, hand_of
from worker.cli.options import settings_options
from worker.deadletters.status import State
from worker.errors import NewswireError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from worker.config import Settings
    from worker.deadletters.choice import Choice
    from worker.deadletters.desk import Desk


@click.command(short_help="Mark dead letters as done with.")
@choice_options(State.OPEN.value)
@click.option("--note", required=True, metavar="TEXT", help="Why nobody has to look at them any more.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@settings_options
def discard(settings: Settings, *, choice: Choice, note: str, yes: bool) -> int:
    """Mark open dead letters as ones that nobody has to look at any more. They stay where they are.

    On a terminal it says how many are chosen, and asks.
    """
    if not note.strip():
        raise click.BadParameter("say why, in a few words", param_hint="--note")
    if not yes and not sys.stdin.isatty():
        raise UsageError("discard asks before it marks, and there is no terminal: add --yes")
    return asyncio.run(_discard(settings, choice, note.strip(), yes=yes))


async def _discard(settings: Settings, choice: Choice, note: str, *, yes: bool) -> int:
    from worker.deadletters.desk import open_desk
    from worker.rights import of_discard

    async with open_desk(settings, of_discard(settings.topics)) as desk:
        offsets: dict[int, list[int]] = {}
        async for letter in desk.chosen(choice):
            offsets.setdefault(letter.address.partition, []).append(letter.address.offset)
        count = sum(map(len, offsets.values()))
        if not count:
            click.echo("no dead letters are chosen")
            return 0
        if not yes and not click.confirm(f"discard {dead_letters(count)}?"):
            click.echo("nothing was marked")
            return 0
        return await _mark(settings, desk, offsets, note)


async def _mark(settings: Settings, desk: Desk, offsets: Mapping[int, Sequence[int]], note: str) -> int:
    from worker.cli.interrupt import Interrupts
    from worker.deadletters.redrive import Round, Topic
    from worker.outbox import Outbox
    from worker.replay.target import Target, open_producer

    topics, kafka = settings.topics, settings.kafka
    target = Target(1, _MARK_BATCH_BYTES)
    async with open_producer(kafka, target, name="discard") as producer:
        outbox = Outbox(producer, patience_s=kafka.outage_patience_s, on_failure=lambda _: None)
        status = Topic(topics.deadletter_status, await outbox.partitions(topics.deadletter_status))
        round_ = Round(desk, outbox, status, hand_of(kafka), states=frozenset({State.OPEN}))
        interrupts = Interrupts(round_.stop)
        try:
            with interrupts:
                await round_.discard(offsets, note)
        finally:
            await outbox.stop()
            click.echo(f"{dead_letters(round_.tally.confirmed)} discarded")
            if round_.taken:
                click.echo(
                    f"  {round_.taken:,} had been redriven or discarded meanwhile, or were copies of these"
                )
    if round_.tally.unconfirmed:
        raise NewswireError(
            f"interrupted with {dead_letters(round_.tally.unconfirmed)} under way; `newswire deadletters list` shows"
            " those that are open"
        )
    return INTERRUPTED if interrupts.seen else 0


_MARK_BATCH_BYTES = 512 * 1024
