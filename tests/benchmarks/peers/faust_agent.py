"""Faust: an agent over `stream.events()`, a Table, `topic.send`, one event at a time, as its documentation shows.

With BENCH_TAKE=1000 it takes a thousand events at once, or what came in a tenth of a second: `stream.take_events`. A
Table can not be changed from there, since each change belongs to the event at hand: a dict stands for it.

    python -m tests.benchmarks.peers.faust_agent worker -l warn --without-web
"""

from __future__ import annotations

import os

import faust
from tests.benchmarks.peers import job
from worker.events import Rejection
from worker.normalize import normalize
from worker.route.envelope import Origin

TAKE = int(os.environ.get("BENCH_TAKE", "1"))
WITHIN_S = 0.1

app = faust.App(
    f"{job.PREFIX}faust",
    broker=f"kafka://{job.BROKER}",
    store="memory://",
    datadir=str(job.state_folder()),
    topic_partitions=6,
    topic_replication_factor=1,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    broker_session_timeout=10.0,
    broker_heartbeat_interval=1.0,
)
raw = app.topic(job.RAW, value_type=bytes, value_serializer="raw", key_serializer="raw")
topics = {name: app.topic(name, value_serializer="raw", key_serializer="raw") for name in job.OUTPUTS}
seen = app.Table(f"{job.PREFIX}seen", default=str, partitions=6)


async def one_by_one(stream):
    async for event in stream.events():
        await send(decide(record_of(event)))


async def many_at_once(stream):
    known: dict[str, str] = {}
    async for events in stream.take_events(TAKE, within=WITHIN_S):
        for output in job.outputs(map(record_of, events), known):
            await send(output)


def record_of(event) -> job.Record:
    at = event.message
    origin = Origin(at.topic, at.partition, at.offset, round(at.timestamp * 1000))
    return job.Record(event.key, event.value, origin)


def decide(record: job.Record) -> job.Output:
    headline = normalize(record.value)
    if isinstance(headline, Rejection):
        return job.refused(record, headline)
    first = seen[headline.match]
    if not first:
        seen[headline.match] = headline.id
    elif first != headline.id and job.may_be_suppressed(headline):
        return job.suppressed(headline, record.origin, first)
    return job.originals_of([(headline, record.origin)])[0]


async def send(output: job.Output) -> None:
    await topics[output.topic].send(key=output.key, value=output.value, headers=dict(output.headers))


app.agent(raw)(many_at_once if TAKE > 1 else one_by_one)

if __name__ == "__main__":
    app.main()
