"""`newswire status`: a running deployment on one screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click
import msgspec
import orjson
from rich.table import Table

from worker.cli.options import settings_options, worker_urls, workers_option
from worker.console import open_console
from worker.errors import BrokerUnavailableError, NewswireError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from worker.config import Settings
    from worker.status import Deployment, KafkaStatus, WorkerStatus

MIB = 1024 * 1024


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
@workers_option
@settings_options
def command(settings: Settings, *, as_json: bool, urls: tuple[str, ...]) -> int:
    """Show a running deployment: topics, the group's lag, and what its workers say.

    What could not be reached is named. Exits 4 when that is Kafka, 1 when it is a worker named by --url.
    """
    from worker.status import observe

    found = asyncio.run(observe(settings, worker_urls(settings, urls)))
    if as_json:
        click.echo(orjson.dumps(_as_json(found), option=orjson.OPT_INDENT_2))
    else:
        _print(found, settings.topics.raw)
    if found.kafka is None:
        return BrokerUnavailableError.exit_code
    return NewswireError.exit_code if urls and found.unreached else 0


def _as_json(found: Deployment) -> dict[str, object]:
    shown: dict[str, object] = msgspec.to_builtins(found)
    if found.kafka is not None:
        lags = [{**msgspec.to_builtins(lag), "lag": lag.records} for lag in found.kafka.lags]
        shown["kafka"] = {**msgspec.to_builtins(found.kafka), "lags": lags, "lag": found.kafka.lag}
    return shown


def _print(found: Deployment, raw: str) -> None:
    console = open_console(highlight=False, soft_wrap=True)
    if found.kafka is not None:
        _print_kafka(found.kafka, raw, console)
    for worker in found.workers:
        _print_worker(worker, console)
    for name, why in found.unreached.items():
        console.print(f"not reached: {name}: {why}", style="red", markup=False)


def _print_kafka(kafka: KafkaStatus, raw: str, console: Console) -> None:
    table = _table("topic", "partitions", "kept", "end")
    for topic in kafka.topics:
        table.add_row(topic.name, str(topic.partitions), f"{topic.kept:,}", f"{topic.end:,}")
    console.print(table)
    for name in kafka.missing:
        console.print(f"missing: {name}; run `newswire topics apply`", style="red", markup=False)
    table = _table(f"{raw} for group {kafka.group}", "committed", "end", "lag")
    for lag in kafka.lags:
        committed = "never" if lag.committed is None else f"{lag.committed:,}"
        table.add_row(f"partition {lag.partition}", committed, f"{lag.end:,}", f"{lag.records:,}")
    table.add_row("all", "", "", f"{kafka.lag:,}")
    console.print(table)


def _print_worker(worker: WorkerStatus, console: Console) -> None:
    table = _table(f"worker {worker.version or ''} at {worker.url}", "")
    waits = "; ".join(f"{name}: {why}" for name, why in worker.unready.items())
    table.add_row("ready", f"no: {waits}" if waits else "yes")
    table.add_row("outcomes", _counts(worker.outcomes))
    table.add_row("verdicts", _counts(worker.verdicts))
    table.add_row("dead letters", _counts(worker.dead_letters))
    table.add_row("routed", _counts(worker.routed))
    gauges = worker.gauges
    if "log_lag" in gauges:
        table.add_row("log replica", f"{gauges['log_lag']:,.0f} frames behind")
    if "index_entries" in gauges and "index_bytes" in gauges:
        table.add_row(
            "index", f"{gauges['index_entries']:,.0f} entries, {gauges['index_bytes'] / MIB:,.1f} MiB"
        )
    if "in_flight_batches" in gauges:
        table.add_row("in flight", f"{gauges['in_flight_batches']:,.0f} batches")
    console.print(table)


def _counts(counts: Mapping[str, int]) -> str:
    shown = {name: count for name, count in counts.items() if count}
    return ", ".join(f"{name} {count:,}" for name, count in shown.items()) or "none"


def _table(*titles: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for number, title in enumerate(titles):
        table.add_column(title, justify="right" if number and title else "left", overflow="fold")
    return table
