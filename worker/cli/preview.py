"""`newswire preview`: what the worker would make of headlines, without Kafka."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import click
import orjson

from worker.cli.columns import Column, Columns
from worker.cli.inputs import Inputs, input_options
from worker.cli.options import json_lines_option, settings_options_without_kafka
from worker.config import DeepMode, Mode
from worker.replay.plan import readings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from worker.config import Settings
    from worker.deduplicate import Replica, Writer
    from worker.deep.opening import Offline
    from worker.preview import Outcome, Preview
    from worker.route.router import Router


@click.command()
@input_options
@json_lines_option
@settings_options_without_kafka
def command(settings: Settings, *, inputs: Inputs, as_json_lines: bool) -> None:
    """Run the stages on files, without Kafka, and show what would become of each headline.

    A FILE is whatever `newswire replay` takes, - standard input; without one the seed headlines are shown. All
    headlines count as of one window. A line that would be rejected is shown with its reason. Where lines are met
    and none of them holds a headline, it ends with exit 1.
    """
    from worker.replay.misses import Misses

    misses = Misses()
    outcomes = make_preview(settings).outcomes(misses.watched(readings(inputs.plan(settings))))
    if as_json_lines:
        _print_json(outcomes)
    else:
        _print_table(outcomes, with_rules=settings.route.rules is not None)
    misses.refuse()


def _print_json(outcomes: Iterable[Outcome]) -> None:
    from worker.preview import as_json

    output = click.get_binary_stream("stdout")
    for outcome in outcomes:
        output.write(orjson.dumps(as_json(outcome), option=orjson.OPT_APPEND_NEWLINE))
    output.flush()


def _print_table(outcomes: Iterable[Outcome], *, with_rules: bool) -> None:
    tally: Counter[str] = Counter()
    columns = Columns(*(column for column in _COLUMNS if with_rules or column is not _RULE))
    click.echo(columns.header())
    for outcome in outcomes:
        tally[outcome.verdict.kind if outcome.verdict else "rejected"] += 1
        click.echo(columns.row(_cells(outcome, with_rules=with_rules)))
    click.echo("; ".join(f"{count:,} {name}" for name, count in sorted(tally.items())) or "no headlines")


def make_preview(settings: Settings) -> Preview:
    """A preview that decides as a worker with these settings would."""
    from worker.deduplicate.match.own import chosen
    from worker.preview import Policy, Preview
    from worker.route.rules import RuledRouter

    policy = Policy(
        limits=settings.normalize.limits(),
        max_entries=settings.dedup.max_entries,
        threshold=settings.route.threshold,
        also_threshold=settings.route.also_threshold,
        deduplicate=settings.dedup.mode is not Mode.OFF,
        mark_duplicates=settings.dedup.mode is Mode.MARK,
    )
    router = RuledRouter.load(
        settings.route.model, settings.route.rules, deep_threshold=settings.route.deep_threshold
    )
    return Preview(
        policy, chosen(settings.dedup.model).matcher, router, _deep(settings, router.without_rules)
    )


def _deep(settings: Settings, router: Router) -> Callable[[Replica, Writer], Offline] | None:
    """What makes the deep tier of a preview, if the settings ask for it."""
    if settings.deep.mode is DeepMode.OFF:
        return None
    from worker.deep.opening import Offline, load_encoder
    from worker.deep.scorer import Scorer

    return partial(Offline, settings, Scorer(load_encoder(settings)), router)


_RULE = Column("rule", 16)
_COLUMNS = (
    Column("#", 5, right=True),
    Column("verdict", 16),
    Column("score", 5),
    Column("topic", 14),
    Column("sure", 4),
    _RULE,
    Column("also", 20),
    Column("headline", None),
)


def _cells(outcome: Outcome, *, with_rules: bool) -> list[str]:
    from worker.preview import shown

    verdict, route = outcome.verdict, outcome.route
    if verdict is None or route is None:
        why = f"{shown(outcome)} ({outcome.message})"
        rule = [""] if with_rules else []
        return [str(outcome.position), "rejected", "", outcome.rejection or "", "", *rule, "", why]
    return [
        str(outcome.position),
        f"{verdict.kind} of {outcome.of}" if outcome.of else str(verdict.kind),
        "" if verdict.score is None else f"{verdict.score:.3f}",
        route.topic,
        f"{route.confidence:.2f}",
        *([route.rule or ""] if with_rules else []),
        ", ".join(further.topic for further in route.also),
        shown(outcome),
    ]
