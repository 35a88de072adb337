"""`newswire deadletters redrive`."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson
from msgspec.structs import replace

from worker.cli import INTERRUPTED
from worker.cli.deadletters.options import choice_options, dead_letters, hand_of
from worker.cli.options import settings_options
from worker.cli.replay import checked_rate
from worker.deadletters.choice import Sample
from worker.deadletters.plan import MAX_ATTEMPTS, Hindrance, Plan, Terms
from worker.deadletters.status import State
from worker.errors import NewswireError, UsageError

if TYPE_CHECKING:
    from worker.config import Settings
    from worker.deadletters.choice import Choice
    from worker.deadletters.desk import Desk
    from worker.deadletters.letter import Letter
    from worker.deadletters.redrive import Round
    from worker.replay.target import Target


class Orders:
    """What the options ask for, beside the choice of letters."""

    def __init__(
        self,
        *,
        sample: int | None,
        seed: int | None,
        failing: bool,
        force: bool,
        value: bytes | None,
        rate: float | None,
    ) -> None:
        self.seed = random.SystemRandom().randrange(2**32) if seed is None else seed
        self.sample = None if sample is None else Sample(sample, self.seed)
        self.failing = failing
        self.force = force
        self.value = value
        self.rate = rate

    def mend(self, letter: Letter, whole: Letter | None) -> Letter | None:
        """What to send: the record, or the bytes that were given, which need none; None where there is neither."""
        return whole if self.value is None else replace(whole or letter, value=self.value, mended=True)


@click.command(short_help="Send dead letters to the raw topic again.")
@choice_options(State.OPEN.value, State.DISCARDED.value)
@click.option(
    "--sample", type=click.IntRange(min=1), metavar="N", help="N of those that would be sent, by chance."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0, max=2**64 - 1),
    metavar="N",
    help="Which sample; by default a new one each time, and told.",
)
@click.option("--dry-run", is_flag=True, help="Send nothing: say what would be sent, and why not the others.")
@click.option("--even-failing", "failing", is_flag=True, help="Send those too that would fail again.")
@click.option("--force", is_flag=True, help=f"Send those too that died {MAX_ATTEMPTS} times.")
@click.option(
    "--value-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Send the bytes of this file in place of the one letter's own.",
)
@click.option(
    "--rate",
    type=float,
    callback=checked_rate,
    metavar="N",
    help="Records a second; as fast as it goes when not given.",
)
@click.option("--json", "as_object", is_flag=True, help="Print the result as one line of JSON.")
@settings_options
def redrive(
    settings: Settings,
    *,
    choice: Choice,
    sample: int | None,
    seed: int | None,
    dry_run: bool,
    failing: bool,
    force: bool,
    value_file: Path | None,
    rate: float | None,
    as_object: bool,
) -> int:
    """Send dead letters again, to the raw topic: those of the chosen that would pass now.

    Whether one would pass is reckoned here, by this release and these settings. A record keeps its key, its
    headers and its bytes. Each is marked once it is confirmed, so a redrive that was interrupted is taken up by
    giving the command again.
    """
    if seed is not None and sample is None:
        raise click.UsageError("--seed chooses a sample: add --sample N")
    value = None if value_file is None else value_file.read_bytes()
    if value is not None and sample is not None:
        raise click.UsageError("--value-file is for one letter, --sample for several")
    orders = Orders(sample=sample, seed=seed, failing=failing, force=force, value=value, rate=rate)
    return asyncio.run(_redrive(settings, choice, orders, dry_run=dry_run, as_object=as_object))


async def _redrive(
    settings: Settings, choice: Choice, orders: Orders, *, dry_run: bool, as_object: bool
) -> int:
    from worker.deadletters.desk import open_desk
    from worker.replay.target import find_target
    from worker.rights import of_dead_records, of_redrive

    topics = settings.topics
    rights = of_dead_records(topics) if dry_run else of_redrive(topics)
    async with open_desk(settings, rights) as desk:
        # What the topic really takes may only be asked by who may write to it.
        target = None if dry_run else await find_target(settings.kafka, topics.raw)
        most = topics.raw_max_message_bytes if target is None else target.max_record_bytes
        terms = Terms(settings.normalize.limits(), most, failing=orders.failing, force=orders.force)
        plan = Plan(terms, orders.sample)
        await _consider(desk, choice, orders, plan)
        if target is None or not plan.to_send:
            began = f"would send {plan.to_send:,} of {dead_letters(plan.chosen)} to {topics.raw}"
            _tell(plan, orders, began if dry_run else "nothing to send", None, as_object=as_object)
            return 0
        return await _send(settings, desk, choice, orders, plan, target, as_object=as_object)


async def _consider(desk: Desk, choice: Choice, orders: Orders, plan: Plan) -> None:
    """Judge every chosen letter.

    Raises:
        UsageError: there are bytes for one letter, and not just one is chosen, or they would fail.
    """
    async for letter in desk.chosen(choice):
        mended = orders.mend(letter, await desk.whole(letter))
        plan.consider(mended or letter, lost=mended is None)
        if orders.value is not None and plan.chosen > 1:
            raise UsageError("--value-file mends one dead letter, and more are chosen: name it by --offsets")
    if orders.value is None:
        return
    if not plan.chosen:
        raise UsageError(
            "--value-file mends one dead letter, and none is chosen; see: newswire deadletters list"
        )
    if not plan.to_send:
        (group,) = plan.groups
        way = " --even-failing sends it all the same" if group.hindrance is Hindrance.FAILS else ""
        why = f"{group.cause}: {group.message}" if group.cause else group.message
        raise UsageError(
            f"with the bytes of --value-file: {group.hindrance.value}: {why};{way} nothing was sent"
        )


async def _send(
    settings: Settings,
    desk: Desk,
    choice: Choice,
    orders: Orders,
    plan: Plan,
    target: Target,
    *,
    as_object: bool,
) -> int:
    from worker.cli.interrupt import Interrupts
    from worker.deadletters.redrive import Round, Topic
    from worker.outbox import Outbox
    from worker.replay.display import Meter
    from worker.replay.target import open_producer

    topics, kafka = settings.topics, settings.kafka
    async with open_producer(kafka, target, name="redrive") as producer:
        outbox = Outbox(producer, patience_s=kafka.outage_patience_s, on_failure=lambda _: None)
        status = Topic(topics.deadletter_status, await outbox.partitions(topics.deadletter_status))
        round_ = Round(desk, outbox, status, hand_of(kafka), states=choice.states, rate=orders.rate)
        meter = Meter("redrive")
        interrupts = Interrupts(round_.stop, meter.stopping)
        try:
            async with meter.following(round_.tally, lambda: plan.to_send):
                with interrupts:
                    raw = Topic(topics.raw, target.partitions)
                    await round_.redrive(plan.addresses(), raw, orders.mend)
        finally:
            await outbox.stop()
            began = "interrupted: " if interrupts.seen else ""
            began += f"{dead_letters(round_.tally.confirmed)} redriven to {topics.raw}"
            _tell(plan, orders, began, round_, as_object=as_object)
    if round_.tally.unconfirmed:
        raise NewswireError(
            f"interrupted with {dead_letters(round_.tally.unconfirmed)} under way; give the command again: what is"
            " sent twice is a duplicate"
        )
    return INTERRUPTED if interrupts.seen else 0


def _tell(plan: Plan, orders: Orders, began: str, round_: Round | None, *, as_object: bool) -> None:
    """Say what was done, or would be, in a line that is given; and what not, and why."""
    if as_object:
        sys.stdout.write(orjson.dumps(_object(plan, orders, round_)).decode() + "\n")
        return
    if not plan.chosen:
        click.echo("no dead letters are chosen")
        return
    click.echo(began)
    if round_ is not None and round_.taken:
        click.echo(f"  {round_.taken:,} had been redriven or discarded meanwhile, or were copies of these")
    if round_ is not None and round_.gone:
        click.echo(f"  {round_.gone:,} have aged out meanwhile, they or their raw records, and were not sent")
    click.echo(f"  {plan.passing:,} of the {plan.chosen:,} chosen would pass now")
    if plan.failing:
        click.echo(f"  {plan.failing:,} would fail again, and are sent all the same")
    if orders.sample is not None:
        click.echo(f"  a sample of {plan.to_send:,}, by --seed {orders.seed}")
    for group in plan.groups:
        cause = f"{group.cause}: " if group.cause else ""
        click.echo(
            f"  {group.count:,} not sent, {group.hindrance.value}: {cause}{group.message} (such as {group.example})"
        )


def _object(plan: Plan, orders: Orders, round_: Round | None) -> dict[str, Any]:
    return {
        "chosen": plan.chosen,
        "passing": plan.passing,
        "failing": plan.failing,
        "to_send": plan.to_send,
        "sent": None if round_ is None else round_.tally.confirmed,
        "taken": None if round_ is None else round_.taken,
        "gone": None if round_ is None else round_.gone,
        "seed": None if orders.sample is None else orders.seed,
        "not_sent": [
            {
                "why": group.hindrance.value,
                "cause": group.cause or None,
                "message": group.message,
                "count": group.count,
                "example": str(group.example),
            }
            for group in plan.groups
        ],
    }
