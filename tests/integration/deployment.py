"""A deployment of newswire on a live Apache Kafka: workers as processes, confluent-kafka to feed and to read.

Nothing of newswire's own clients is used to look at it: what a test sees is what another program would see.
"""

import asyncio
import dataclasses
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from functools import cached_property

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec
from tests.wait import DEADLINE_S, POLL_S, until
from worker.broker.probe import free_ports
from worker.config import load
from worker.topics import apply, open_cluster, plan

from .worker_process import Worker

PROMPT_S = 2
# What a broker answers of a partition while its leader changes, or just after the topic's creation.
NO_LEADER_YET = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
}

# A member that was killed holds its partitions until its session is over: 30 s by default.
SHORT_SESSIONS = {"NEWSWIRE_KAFKA__SESSION_TIMEOUT_S": "6", "NEWSWIRE_KAFKA__HEARTBEAT_INTERVAL_S": "1"}


@dataclasses.dataclass(frozen=True)
class Raw:
    """A record for the raw topic."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple = ()
    time_ms: int = 0  # by the producer's clock; 0 is now


@dataclasses.dataclass(frozen=True)
class Output:
    """A record that came out; `stream` is its topic without the test's prefix."""

    stream: str
    partition: int
    key: bytes
    value: bytes
    headers: tuple

    @property
    def outcome(self):
        return {"headlines.duplicates": "duplicate", "headlines.deadletter": "dead_letter"}.get(
            self.stream, "routed"
        )

    @cached_property
    def event(self):
        return json.loads(self.value)

    @cached_property
    def position(self):
        """Partition and offset of the raw record."""
        if self.outcome == "dead_letter":
            found = dict(self.headers)
            return int(found["newswire.partition"]), int(found["newswire.offset"])
        return self.event["position"]["partition"], self.event["position"]["offset"]

    @property
    def verdict(self):
        """All that was decided: equal for two records that say the same of a raw record."""
        if self.outcome == "dead_letter":
            return self.outcome, dict(self.headers)["newswire.reason"]
        return self.event["verdict"], self.event.get("duplicate_of"), self.event.get("update_of")


class Deployment:
    """Topics of its own, workers on them, and an independent client that feeds and reads.

    `client` holds settings of that client's own, in the words of confluent-kafka.
    """

    def __init__(self, environment, folder, client=None):
        self.environment = {"NEWSWIRE_LOG__FORMAT": "json", **SHORT_SESSIONS, **environment}
        self.raw = environment["NEWSWIRE_TOPICS__RAW"]
        self.prefix = self.raw.removesuffix("headlines.raw")
        self.workers = []
        self._folder = folder
        self._client = {
            "bootstrap.servers": environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"],
            "log_level": 0,
            "reconnect.backoff.max.ms": 500,
            **(client or {}),
        }
        self._producers = {}
        self._reader = None
        self._outputs = []

    def newswire(self, *arguments, **settings):
        """Run a command to its end, with settings of its own."""
        return subprocess.run(
            [sys.executable, "-m", "worker", *arguments],
            env={**os.environ, **self.environment, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )

    def apply_topics(self):
        """What `newswire topics apply` does, without a process for it."""
        given = {
            name.removeprefix("NEWSWIRE_").lower().replace("__", "."): value
            for name, value in self.environment.items()
        }
        asyncio.run(applied(load(given)))
        return self

    def make_raw_topic_of_any_timestamp(self):
        """Make the raw topic as one that keeps what producers say; `newswire topics apply` ends that."""
        any_distance = str(2**63 - 1)
        config = {
            "message.timestamp.type": "CreateTime",
            "message.timestamp.before.max.ms": any_distance,
            "message.timestamp.after.max.ms": any_distance,
        }
        for made in self.cluster.create_topics([NewTopic(self.raw, 6, 1, config=config)]).values():
            made.result(DEADLINE_S)

    def start(self, *, working=True, command=("-m", "worker"), **settings):
        """Start a worker, with settings of its own; by default wait until it works."""
        environment = {**self.environment, "NEWSWIRE_HTTP__PORT": str(free_ports(1)[0]), **settings}
        worker = Worker(environment, self._folder / f"worker-{len(self.workers)}.log", command)
        self.workers.append(worker)
        return worker.wait_for_log("working") if working else worker

    # -- the raw topic

    def feed(self, records, partition=None, compression="none"):
        """Produce raw records, and wait for the confirmations; the position that each one got, in order.

        `partition` is one for all, or a function of the index of a record.
        """
        if compression not in self._producers:
            self._producers[compression] = Producer(
                {
                    **self._client,
                    "enable.idempotence": True,
                    "linger.ms": 5,
                    "message.max.bytes": 40_000_000,
                    "compression.type": compression,
                }
            )
        producer = self._producers[compression]
        records = [record if isinstance(record, Raw) else Raw(record) for record in records]
        positions = [None] * len(records)

        def confirmed(index):
            def note(error, message):
                positions[index] = error or (message.partition(), message.offset())

            return note

        for index, record in enumerate(records):
            where = partition(index) if callable(partition) else partition
            producer.poll(0)
            producer.produce(
                self.raw,
                record.value,
                record.key,
                -1 if where is None else where,
                confirmed(index),
                timestamp=record.time_ms,
                headers=list(record.headers),
            )
        assert producer.flush(DEADLINE_S) == 0
        refused = [position for position in positions if not isinstance(position, tuple)]
        assert not refused, refused[:3]
        return positions

    def raw_ends(self):
        """The next offset of each partition of the raw topic."""
        return self.ends([self.raw])

    def ends(self, topics):
        """The next offset of each partition of topics, by topic and partition, or by partition for one."""
        ends = until(lambda: self._ends(topics), "every partition tells its end")
        return ends if len(topics) > 1 else {partition: end for (_, partition), end in ends.items()}

    def _ends(self, topics):
        """The ends by topic and partition, or None while a leader is not known, as just after a creation."""
        found = self.cluster.list_offsets({tp: OffsetSpec.latest() for tp in self._partitions(topics)})
        try:
            return {
                (tp.topic, tp.partition): future.result(DEADLINE_S).offset for tp, future in found.items()
            }
        except KafkaException as error:
            if error.args[0].code() not in NO_LEADER_YET:
                raise
            return None

    def ends_now(self, topics):
        """The next offset of those partitions whose leaders tell it at once, by topic and partition.

        Raises KafkaException where no broker answers.
        """
        found = self.cluster.list_offsets(
            {tp: OffsetSpec.latest() for tp in self._partitions(topics, PROMPT_S)}, request_timeout=PROMPT_S
        )
        ends = {}
        for tp, future in found.items():
            with suppress(KafkaException):
                ends[tp.topic, tp.partition] = future.result(DEADLINE_S).offset
        return ends

    def committed(self, timeout_s=DEADLINE_S):
        """What the group has committed, by partition of the raw topic.

        By a client of its own each time: one that is kept goes on asking a coordinator that has died.
        """
        consumer = Consumer({**self._client, "group.id": self.environment["NEWSWIRE_KAFKA__GROUP"]})
        try:
            offsets = consumer.committed(self._partitions([self.raw], timeout_s), timeout=timeout_s)
            return {tp.partition: tp.offset for tp in offsets if tp.offset >= 0}
        finally:
            consumer.close()

    def committed_now(self):
        """The same, where the coordinator tells it at once; raises KafkaException where it does not."""
        return self.committed(PROMPT_S)

    def wait_until_committed(self):
        """Wait until the group has committed all that is in the raw topic."""
        ends = {partition: end for partition, end in self.raw_ends().items() if end}
        until(lambda: ends.items() <= self.committed().items(), f"the group commits {ends}")

    @cached_property
    def cluster(self):
        """The admin client. Kept, since its answers never come once it is gone."""
        return AdminClient(self._client)

    def _partitions(self, topics, timeout_s=DEADLINE_S):
        known = self.cluster.list_topics(timeout=timeout_s).topics
        return [TopicPartition(topic, partition) for topic in topics for partition in known[topic].partitions]

    # -- what came out

    def read(self):
        """Everything that has come out until now: streams, duplicates and dead letters."""
        ends = self.ends(self.output_topics)
        if self._reader is None:
            self._reader = self._consumer([TopicPartition(*tp, OFFSET_BEGINNING) for tp in ends])
            self._read = dict.fromkeys(ends, 0)

        def behind():
            return [tp for tp, end in ends.items() if self._read[tp] < end]

        deadline = time.monotonic() + DEADLINE_S
        while behind():
            assert time.monotonic() < deadline, f"could not be read to the end: {behind()}"
            self._collect(self._reader.consume(5000, timeout=POLL_S))
        return list(self._outputs)

    def wait_until_accounted(self, count, deadline_s=DEADLINE_S):
        """Wait until so many source positions have come out, and return everything that has."""
        until(
            lambda: len({output.position for output in self.read()}) >= count,
            f"{count} source positions come out",
            deadline_s,
        )
        return self.read()

    def read_log(self):
        """The records of the fingerprint log: offset, append time and value each."""
        topic = self.environment["NEWSWIRE_TOPICS__FINGERPRINTS"]
        (end,) = self.ends([topic]).values()
        consumer = self._consumer([TopicPartition(topic, 0, OFFSET_BEGINNING)])
        try:
            records = []
            until(
                lambda: records.extend(consumer.consume(500, timeout=POLL_S)) or len(records) >= end,
                f"{end} records of the log",
            )
            return [(record.offset(), record.timestamp()[1], record.value()) for record in records]
        finally:
            consumer.close()

    def count(self):
        """How many records have come out, copies included; quicker than to read them."""
        return sum(self.ends(self.output_topics).values())

    def wait_until_count(self, count):
        """Wait until so many records have come out."""
        until(lambda: self.count() >= count, f"{count} records come out")

    @cached_property
    def output_topics(self):
        ours = [
            topic for topic in self.cluster.list_topics(timeout=DEADLINE_S).topics if self._is_output(topic)
        ]
        assert len(ours) == 20, ours
        return ours

    def _is_output(self, topic):
        settings = self.environment
        return topic in {
            settings["NEWSWIRE_TOPICS__DUPLICATES"],
            settings["NEWSWIRE_TOPICS__DEADLETTER"],
        } or topic.startswith(settings["NEWSWIRE_TOPICS__OUTPUT_PREFIX"])

    def _consumer(self, partitions):
        consumer = Consumer(
            {
                **self._client,
                "group.id": f"{self.prefix}reader",
                "enable.auto.commit": False,
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 20,
                "fetch.message.max.bytes": 4_000_000,
            }
        )
        consumer.assign(partitions)
        return consumer

    def _collect(self, messages):
        for message in messages:
            if message.error():
                raise KafkaException(message.error())
            self._read[message.topic(), message.partition()] = message.offset() + 1
            self._outputs.append(
                Output(
                    message.topic().removeprefix(self.prefix),
                    message.partition(),
                    message.key(),
                    message.value(),
                    tuple(message.headers() or ()),
                )
            )

    def close(self):
        for worker in self.workers:
            worker.kill().wait()
            print(f"-- {worker.process.args}: exit code {worker.process.returncode}, last lines of its log:")
            print(*(json.dumps(line) for line in worker.log[-30:]), sep="\n")
        if self._reader is not None:
            self._reader.close()


async def applied(settings):
    async with open_cluster(settings.kafka) as cluster:
        assert await apply(cluster, settings, await plan(cluster, settings)) == ()


def said_once_or_the_same(outputs):
    """Checks outputs of which some came twice, and gives them by position."""
    by_position = {}
    for output in outputs:
        first = by_position.setdefault(output.position, output)
        # All of it: stream, partition, key, value, headers. At-least-once delivery repeats, it never differs.
        assert output == first, f"{output} differs from {first}"
    return by_position


def disordered(outputs):
    """The first copies that come out of the order of their raw partition, within one output partition."""
    latest, seen, found = {}, set(), []
    for output in outputs:
        if output.position in seen:
            continue
        seen.add(output.position)
        raw_partition, offset = output.position
        way = (output.stream, output.partition, raw_partition)
        if offset < latest.get(way, -1):
            found.append((way, offset, latest[way]))
        latest[way] = max(offset, latest.get(way, -1))
    return found
