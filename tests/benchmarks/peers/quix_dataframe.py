"""Quix Streams: a StreamingDataFrame, grouped by match form, its state in RocksDB with a changelog topic.

As Quix Streams' documentation shows it: state is of a message's key alone, so `group_by` sends each headline through a
repartition topic by its match form. With BENCH_STATE=memory a dict stands for state and regrouping.
"""

from __future__ import annotations

import logging
from typing import Any

from msgspec import convert, to_builtins
from quixstreams import Application, State, message_context
from quixstreams.models import Serializer
from tests.benchmarks.peers import job
from worker.events import Headline, Rejection
from worker.normalize import normalize
from worker.route.envelope import Origin


class ValueSerializer(Serializer):
    """Takes an output's value: its topic, key and headers are read off it beforehand."""

    def __call__(self, value: job.Output, ctx: object) -> bytes | None:
        return value.value


def record_of(value: bytes, key: bytes, timestamp: int) -> job.Record:
    at = message_context()
    return job.Record(key, value, Origin(at.topic, at.partition, at.offset, timestamp))


def read(value: bytes, key: bytes, timestamp: int, _headers: object) -> dict[str, Any] | job.Output:
    """A headline and where it stands, as what JSON knows: the repartition topic holds it."""
    record = record_of(value, key, timestamp)
    headline = normalize(value)
    if isinstance(headline, Rejection):
        return job.refused(record, headline)
    return {"headline": to_builtins(headline), "origin": to_builtins(record.origin)}


def decide(value: dict[str, Any], state: State) -> job.Output:
    headline, origin = convert(value["headline"], Headline), convert(value["origin"], Origin)
    first = state.get("first")
    if first is None:
        state.set("first", headline.id)
    elif first != headline.id and job.may_be_suppressed(headline):
        return job.suppressed(headline, origin, first)
    return job.originals_of([(headline, origin)])[0]


def is_output(value: object) -> bool:
    return isinstance(value, job.Output)


def main() -> None:
    app = Application(
        job.BROKER,
        consumer_group=job.GROUP,
        auto_offset_reset="earliest",
        state_dir=job.state_folder(),
        loglevel=logging.WARNING,
    )
    raw = app.topic(job.RAW, key_deserializer="bytes", value_deserializer="bytes")
    topics = {
        name: app.topic(name, key_serializer="bytes", value_serializer=ValueSerializer())
        for name in job.OUTPUTS
    }

    def send(frame: Any) -> None:
        frame = frame.set_headers(lambda output, *_: output.headers)
        frame.to_topic(lambda output, *_: topics[output.topic], key=lambda output: output.key)

    frame = app.dataframe(raw)
    if job.IN_MEMORY:
        seen: dict[str, str] = {}

        def whole(value: bytes, key: bytes, timestamp: int, _headers: object) -> job.Output:
            return job.outputs([record_of(value, key, timestamp)], seen)[0]

        send(frame.apply(whole, metadata=True))
    else:
        frame = frame.apply(read, metadata=True)
        send(frame.filter(is_output))
        headlines = frame.filter(lambda value: not is_output(value))
        by_match = headlines.group_by(lambda value: value["headline"]["match"], name="match")
        send(by_match.apply(decide, stateful=True))
    app.run()


if __name__ == "__main__":
    main()
