"""The same job the way Faust's documentation shows it: one event at a time, `topic.send`, a Table.

It calls the same pure stages, so what differs is how records are moved. It finds exact duplicates only. No
promise is kept: a delivery that fails is only logged.
"""

from __future__ import annotations

import os
import tempfile

import faust
from worker.events import Headline, Kind, Verdict
from worker.mediatopics import STREAMS
from worker.normalize import normalize
from worker.route.envelope import Labels, Origin, duplicate, routed
from worker.route.router import Router

PREFIX = os.environ["BENCH_PREFIX"]

app = faust.App(
    f"{PREFIX}faust",
    broker=f"kafka://{os.environ['BENCH_BROKER']}",
    store="memory://",
    datadir=tempfile.mkdtemp(prefix="newswire-bench-"),
    topic_partitions=6,
    topic_replication_factor=1,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    broker_session_timeout=10.0,
    broker_heartbeat_interval=1.0,
)
raw = app.topic(f"{PREFIX}headlines.raw", value_type=bytes, value_serializer="raw", key_serializer="raw")
outputs = {
    slug: app.topic(f"{PREFIX}news.{slug}", value_serializer="raw", key_serializer="raw") for slug in STREAMS
}
duplicates = app.topic(f"{PREFIX}headlines.duplicates", value_serializer="raw", key_serializer="raw")
deadletter = app.topic(f"{PREFIX}headlines.deadletter", value_serializer="raw", key_serializer="raw")
seen = app.Table(f"{PREFIX}seen", default=str, partitions=6)
router = Router.load()
labels = Labels("exact", router.version, router.deep_version)


@app.agent(raw)
async def process(stream):
    async for event in stream.events():
        headline = normalize(event.value)
        if not isinstance(headline, Headline):
            await deadletter.send(key=event.key, value=event.value)
            continue
        message = event.message
        origin = Origin(message.topic, message.partition, message.offset, round(message.timestamp * 1000))
        earlier = seen[headline.match]
        if earlier:
            value, headers = duplicate(
                headline, Verdict(Kind.DUPLICATE, "exact", earlier, 1.0), origin, labels
            )
            await duplicates.send(key=headline.id.encode(), value=value, headers=dict(headers))
            continue
        seen[headline.match] = headline.id
        (route,) = router.route([headline.match], threshold=0.35, also_threshold=0.25)
        value, headers = routed(headline, Verdict(Kind.ORIGINAL, "new"), route, origin, labels)
        await outputs[route.topic].send(key=headline.id.encode(), value=value, headers=dict(headers))


if __name__ == "__main__":
    app.main()
