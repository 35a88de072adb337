"""`newswire replay`: headlines of files to Kafka, as raw events."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import click
import msgspec

from worker.cli import INTERRUPTED
from worker.cli.inputs import Inputs, input_options
from worker.cli.options import settings_options
from worker.errors import DeliveryError, UsageError
from worker.normalize.timestamp import FIRST_YEAR, LAST_YEAR, canonical
from worker.replay.event import Schedule
from worker.replay.fields import rfc3339

if TYPE_CHECKING:
    from worker.config import Settings
    from worker.replay.plan import Plan, Reading

LEAST_RATE: Final = 1e-6
MOST_RATE: Final = 1e9
"""Headlines a second: what is slower or faster nobody means, and times cannot be reckoned with."""


def checked_rate(_ctx: click.Context, _parameter: click.Parameter, rate: float | None) -> float | None:
    """The rate, if it is within its bounds; `nan` is within none."""
    if rate is None or LEAST_RATE <= rate <= MOST_RATE:
        return rate
    raise click.BadParameter(f"{rate:g}: give from {LEAST_RATE:f} to {MOST_RATE:.0f} headlines a second")


@click.command()
@input_options
@click.option(
    "--rate",
    type=float,
    callback=checked_rate,
    metavar="N",
    help="Headlines a second; as fast as it goes when not given.",
)
@click.option(
    "--repeat",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Send everything so many times, with the same ids each time.",
)
@click.option(
    "--start-time",
    metavar="TIME",
    help="When the first headline was published: ISO 8601, or now; each further one 1/rate later, or 1 s.",
)
@click.option("--strict", is_flag=True, help="Stop at the first line that cannot be an event; exit 2.")
@click.option("--topic", metavar="NAME", help="Where to send to; topics.raw.")
@settings_options
def command(
    settings: Settings,
    *,
    inputs: Inputs,
    rate: float | None,
    repeat: int,
    start_time: str | None,
    strict: bool,
    topic: str | None,
) -> int:
    """Send headlines of files to Kafka as raw events.

    A FILE is a seed document, plain lines, JSON Lines, CSV, TSV, or a feed (RSS, Atom, JSON Feed), each plain or
    as .gz; - is standard input. Without one the seed headlines of the package are sent. An event's id comes from
    source, file name and line, or is the record's own, a feed's guid: a replay repeated gives the same ids. Where
    lines are met and none of them holds a headline, it ends with exit 1.
    """
    topic = topic or settings.topics.raw
    _refuse_output(topic, settings)
    plan = inputs.plan(settings, schedule=_schedule(start_time, rate), repeat=repeat)
    if repeat > 1 and plan.waits:
        raise UsageError("--repeat: standard input and pipes can be read once; save them to a file first")
    return asyncio.run(_replay(plan, settings, topic, rate=rate, strict=strict))


def _refuse_output(topic: str, settings: Settings) -> None:
    """Refuse a topic that only newswire itself writes to.

    Raises:
        UsageError: raw events there would be taken for what newswire has made of them.
    """
    from worker.topics.declaration import Role, declaration

    if any(spec.name == topic and spec.role is not Role.RAW for spec in declaration(settings)):
        raise UsageError(
            f"--topic {topic}: what newswire itself writes is there; raw events go to {settings.topics.raw} "
            "(topics.raw), or to a topic of your own"
        )


async def _replay(plan: Plan, settings: Settings, topic: str, *, rate: float | None, strict: bool) -> int:
    from worker.cli.interrupt import Interrupts
    from worker.outbox import Outbox
    from worker.replay.display import Display, located
    from worker.replay.misses import Misses
    from worker.replay.send import Replay
    from worker.replay.target import find_target, open_producer

    target = await find_target(settings.kafka, topic)
    display = Display(plan, topic)
    misses = Misses()

    def on_fault(reading: Reading) -> None:
        if strict:
            raise UsageError(f"{located(reading)}; nothing from there on was sent")
        display.fault(reading)
        misses.add(reading)

    replay = Replay(
        msgspec.structs.replace(plan, max_record_bytes=target.max_record_bytes),
        topic=topic,
        partitions=target.partitions,
        chunk_records=settings.replay.batch_records,
        rate=rate,
        on_fault=on_fault,
    )
    async with open_producer(settings.kafka, target) as producer:
        outbox = Outbox(
            producer,
            patience_s=settings.kafka.outage_patience_s,
            on_failure=replay.fail,
            packing=target.packing(settings.kafka),
        )
        interrupts = Interrupts(replay.stop, display.stopping)
        try:
            async with display.following(replay.tally):
                with interrupts:
                    await replay.run(outbox)
        finally:
            await outbox.stop()
            display.summary(replay.tally, interrupted=interrupts.seen)
    if replay.tally.unconfirmed:
        raise DeliveryError(f"interrupted before {replay.tally.unconfirmed:,} headlines were confirmed")
    if interrupts.seen:
        return INTERRUPTED
    if not replay.tally.sent:
        misses.refuse()
    return 0


def _schedule(start_time: str | None, rate: float | None) -> Schedule | None:
    """When headlines count as published; None leaves the records their own times."""
    if start_time is None:
        return None
    spacing = timedelta(seconds=1 / rate if rate else 1)
    if start_time == "now":
        return Schedule(datetime.now(UTC).replace(microsecond=0), spacing)
    start = canonical(rfc3339(start_time) or "")
    if start is None:
        raise UsageError(
            f"--start-time {start_time}: give an ISO 8601 time (2026-01-09T06:00:00Z) of the years"
            f" {FIRST_YEAR} to {LAST_YEAR}, or now"
        )
    return Schedule(datetime.fromisoformat(start), spacing)
