"""`newswire rules`: whether an editor's rules can be used, and which headlines each of them hits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from worker.cli.columns import Column, Columns
from worker.cli.inputs import Inputs, input_options
from worker.cli.options import json_lines_option, settings_options_without_kafka
from worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.config import Settings
    from worker.events import Headline
    from worker.route.rules import Rule, Rules


@click.command()
@input_options
@click.option(
    "--rules", "path", metavar="FILE", type=click.Path(path_type=Path), help="The file of rules; route.rules."
)
@json_lines_option
@settings_options_without_kafka
def command(settings: Settings, *, inputs: Inputs, path: Path | None, as_json_lines: bool) -> None:
    """Check a file of rules; with FILEs, show the headlines that the rules hit.

    Without a FILE every rule is listed as it was understood. A FILE is whatever `newswire replay` takes, - standard
    input; those of its headlines are shown that a rule decides on, and then how many each rule has. What is wrong
    with the rules is told by line, and ends the command with exit 2.
    """
    from worker.route.rules import load

    if path is None:
        if settings.route.rules is None:
            raise UsageError("no rules are named: give --rules FILE, or set route.rules")
        path = Path(settings.route.rules)
    rules = load(path)
    if inputs.files:
        _print_hits(rules, _headlines(inputs, settings), as_json_lines=as_json_lines)
    else:
        _print_rules(path, rules, as_json_lines=as_json_lines)


def _print_rules(path: Path, rules: Rules, *, as_json_lines: bool) -> None:
    if as_json_lines:
        for rule in rules:
            click.echo(orjson.dumps(rule._asdict()).decode())
        return
    columns = Columns(
        Column("line", 5, right=True), Column("rule", 24), Column("topic", 28), Column("asks for", None)
    )
    click.echo(columns.header())
    for rule in rules:
        topics = ", ".join((rule.topic, *rule.also))
        click.echo(columns.row([str(rule.line), rule.name, topics, "; and ".join(_conditions(rule))]))
    click.echo(f"{len(rules):,} rules in {path}, version {rules.version}: in order")


def _conditions(rule: Rule) -> Iterator[str]:
    yield from (" or ".join(terms) for terms in rule.needed)
    if rule.unwanted:
        yield f"not {' nor '.join(rule.unwanted)}"
    if rule.sources:
        yield f"source {' or '.join(rule.sources)}"
    if rule.languages:
        yield f"language {' or '.join(rule.languages)}"


def _print_hits(rules: Rules, headlines: Iterator[Headline], *, as_json_lines: bool) -> None:
    columns = Columns(Column("rule", 24), Column("topic", 14), Column("headline", None))
    hits = Counter({rule.name: 0 for rule in rules})
    seen = 0
    if not as_json_lines:
        click.echo(columns.header())
    for headline in headlines:
        seen += 1
        rule = rules.decide(headline.match, headline.source, headline.language)
        if rule is None:
            continue
        hits[rule.name] += 1
        if as_json_lines:
            hit = {
                "rule": rule.name,
                "topic": rule.topic,
                "source": headline.source,
                "headline": headline.display,
            }
            click.echo(orjson.dumps(hit).decode())
        else:
            click.echo(columns.row([rule.name, rule.topic, headline.display]))
    if not as_json_lines:
        click.echo()
        for name, count in hits.items():
            click.echo(f"{count:>9,}  {name}")
        click.echo(f"{hits.total():>9,}  of {seen:,} headlines")


def _headlines(inputs: Inputs, settings: Settings) -> Iterator[Headline]:
    """What would become a headline; what would be rejected is passed over, and told where nothing else is there."""
    from worker.events import Headline
    from worker.normalize import normalize
    from worker.replay.misses import Misses
    from worker.replay.plan import readings

    misses = Misses()
    limits = settings.normalize.limits()
    for reading in misses.watched(readings(inputs.plan(settings))):
        outcome = normalize(reading.event.value, limits) if reading.event else None
        if isinstance(outcome, Headline):
            yield outcome
    misses.refuse()
