"""Bytewax: Kafka in, `stateful_map` by match form, Kafka out, with recovery on.

As Bytewax's documentation shows it: `kop.input`, operators that take a whole batch where a batch is worth it, keyed
state, `KafkaSink(topic=None)`. With BENCH_STATE=memory a dict stands for the keyed state.
"""

from __future__ import annotations

from datetime import timedelta

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.run import cli_main
from tests.benchmarks.peers import job
from worker.events import Headline, Rejection
from worker.normalize import normalize
from worker.route.envelope import Origin

SNAPSHOT = timedelta(seconds=10)
"""The default of `python -m bytewax.run --snapshot-interval`."""

Read = tuple[Headline, Origin]
Decided = tuple[Headline, Origin, str | None]
"""A headline, where it stands, and the id of the one that it repeats."""


def record_of(message: KafkaSourceMessage) -> job.Record:
    origin = Origin(message.topic, message.partition, message.offset, message.timestamp[1])
    return job.Record(message.key, message.value, origin)


def message_of(output: job.Output) -> KafkaSinkMessage:
    return KafkaSinkMessage(output.key, output.value, topic=output.topic, headers=output.headers)


def read(message: KafkaSourceMessage) -> Read | job.Output:
    record = record_of(message)
    headline = normalize(record.value)
    if isinstance(headline, Rejection):
        return job.refused(record, headline)
    return headline, record.origin


def decide(first: str | None, item: Read) -> tuple[str, Decided]:
    headline, origin = item
    first = first or headline.id
    repeats = first != headline.id and job.may_be_suppressed(headline)
    return first, (headline, origin, first if repeats else None)


def encode(decided: list[tuple[str, Decided]]) -> list[KafkaSinkMessage]:
    originals = iter(
        job.originals_of([(headline, origin) for _, (headline, origin, of) in decided if of is None])
    )
    return [
        message_of(next(originals) if of is None else job.suppressed(headline, origin, of))
        for _, (headline, origin, of) in decided
    ]


def with_state(messages: op.Stream) -> op.Stream:
    """The dataflow with Bytewax's own keyed state."""
    parted = op.branch(
        "read", op.map("normalize", messages, read), lambda item: not isinstance(item, job.Output)
    )
    keyed = op.key_on("by match form", parted.trues, lambda item: item[0].match)
    routed = op.flat_map_batch("route", op.stateful_map("duplicates", keyed, decide), encode)
    return op.merge("all", routed, op.map("dead letters", parted.falses, message_of))


def in_memory(messages: op.Stream) -> op.Stream:
    """The dataflow with a dict."""
    seen: dict[str, str] = {}

    def outputs(batch: list[KafkaSourceMessage]) -> list[KafkaSinkMessage]:
        return [message_of(output) for output in job.outputs(map(record_of, batch), seen)]

    return op.flat_map_batch("all", messages, outputs)


flow = Dataflow("newswire")
kafka = kop.input("raw", flow, brokers=[job.BROKER], topics=[job.RAW])
op.raises("errors", kafka.errs)
op.output(
    "out", in_memory(kafka.oks) if job.IN_MEMORY else with_state(kafka.oks), KafkaSink([job.BROKER], None)
)

if __name__ == "__main__":
    folder = job.state_folder()
    if not any(folder.iterdir()):
        init_db_dir(folder, 1)
    cli_main(flow, recovery_config=RecoveryConfig(folder), epoch_interval=SNAPSHOT)
