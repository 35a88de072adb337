"""A deployment of newswire on a live Apache Kafka: workers as processes, confluent-kafka to feed and to read.

Nothing of newswire's own clients is used to look at it: what a test sees is what another program would see.
"""

import dataclasses
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from functools import cached_property

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from prometheus_client.parser import text_string_to_metric_families
from worker.broker import LocalBroker
from worker.broker.probe import free_ports

DEADLINE_S = 90
POLL_S = 0.05

# A member that was killed holds its partitions until its session is over: 30 s by default.
SHORT_SESSIONS = {"NEWSWIRE_KAFKA__SESSION_TIMEOUT_S": "6", "NEWSWIRE_KAFKA__HEARTBEAT_INTERVAL_S": "1"}


def until(condition, what, deadline_s=DEADLINE_S):
    """Wait until `condition()` is true, and return what it gave."""
    deadline = time.monotonic() + deadline_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {deadline_s} s: {what}"
        time.sleep(POLL_S)
    return found


@dataclasses.dataclass(frozen=True)
class Raw:
    """A record for the raw topic."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple = ()


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


class Newsroom:
    """Headlines without end: the same for a number in every run, and no two of them say the same."""

    SUBJECTS = ("bank", "bishop", "coach", "council", "court", "hospital", "minister", "museum", "school")
    VERBS = ("approves", "bans", "closes", "delays", "opens", "praises", "rejects", "sues", "visits")
    OBJECTS = ("bridge", "budget", "election", "festival", "glacier", "stadium", "strike", "telescope")
    SYLLABLES = tuple(map("".join, itertools.product("bdfgklmnprstvz", "aeiou", "lnrs")))

    def headline(self, number):
        draw = random.Random(number).choice
        names = ["".join(draw(self.SYLLABLES) for _ in range(2)) for _ in range(4)]
        town, thing, one, other = names
        return (
            f"{town.title()} {draw(self.SUBJECTS)} {draw(self.VERBS)} {thing} {draw(self.OBJECTS)}"
            f" as {one.title()} meets {other.title()}"
        )

    def event(self, number, **fields):
        """The value of a raw record; `fields` win."""
        event = {"id": f"n-{number}", "source": "newsroom", "headline": self.headline(number)}
        return json.dumps(event | fields).encode()

    def copy(self, number):
        """The value of another feed's record of the same headline, written otherwise."""
        return self.event(number, id=f"c-{number}", headline=self.headline(number).upper() + " - Reuters")


@pytest.fixture
def newsroom():
    return Newsroom()


class Worker:
    """A worker process."""

    def __init__(self, environment, log_path):
        self.port = int(environment["NEWSWIRE_HTTP__PORT"])
        self._log_path = log_path
        with log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "worker", "worker"],
                env={**os.environ, **environment},
                stderr=log,
                stdout=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def log(self):
        """What it has logged, line by line; a line that is no JSON as the message itself."""
        lines = self._log_path.read_text().splitlines()
        return [json.loads(line) if line.startswith("{") else {"event": line} for line in lines]

    def logged(self, message):
        """The lines whose message holds a text."""
        return [line for line in self.log if message in line["event"]]

    def wait_for_log(self, message, deadline_s=DEADLINE_S):
        """Wait until it has logged a line with a text."""
        until(lambda: self.logged(message) or self._gone(), f"the worker logs {message!r}", deadline_s)
        assert self.logged(message), f"the worker has ended without logging {message!r}: {self.log[-5:]}"
        return self

    def get(self, path):
        """Status and body of a page; 0 and nothing when nobody listens yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metrics(self):
        """Every sample: value by name, or by name and label values where it has labels."""
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return {
            (sample.name, *sample.labels.values()) if sample.labels else sample.name: sample.value
            for family in families
            for sample in family.samples
        }

    def outcomes(self):
        """Records counted, by outcome, without those that are zero."""
        return {
            name[1]: int(value)
            for name, value in self.metrics().items()
            if name[0] == "newswire_records_total" and value
        }

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self

    def kill(self):
        self.process.kill()
        return self

    def wait(self, deadline_s=DEADLINE_S):
        """Wait until it has ended; the exit code."""
        return self.process.wait(deadline_s)

    def stop(self):
        """End it as a supervisor would."""
        assert self.terminate().wait() == 0, self.log[-5:]

    def _gone(self):
        return self.process.poll() is not None


class Deployment:
    """Topics of its own, workers on them, and an independent client that feeds and reads."""

    def __init__(self, environment, folder):
        self.environment = {"NEWSWIRE_LOG__FORMAT": "json", **SHORT_SESSIONS, **environment}
        self.raw = environment["NEWSWIRE_TOPICS__RAW"]
        self.prefix = self.raw.removesuffix("headlines.raw")
        self.workers = []
        self._folder = folder
        self._client = {
            "bootstrap.servers": environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"],
            "log_level": 0,
            "reconnect.backoff.max.ms": 500,
        }
        self._producer = None
        self._reader = None
        self._outputs = []

    def newswire(self, *arguments):
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "worker", *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=DEADLINE_S,
        )

    def apply_topics(self):
        done = self.newswire("topics", "apply")
        assert done.returncode == 0, done.stderr
        return self

    def start(self, *, working=True, **settings):
        """Start a worker, with settings of its own; by default wait until it works."""
        environment = {**self.environment, "NEWSWIRE_HTTP__PORT": str(free_ports(1)[0]), **settings}
        worker = Worker(environment, self._folder / f"worker-{len(self.workers)}.log")
        self.workers.append(worker)
        return worker.wait_for_log("working") if working else worker

    # -- the raw topic

    def feed(self, records, partition=None):
        """Produce raw records, and wait for the confirmations; the position that each one got, in order.

        `partition` is one for all, or a function of the index of a record.
        """
        if self._producer is None:
            self._producer = Producer(
                {**self._client, "enable.idempotence": True, "linger.ms": 5, "message.max.bytes": 4_000_000}
            )
        records = [record if isinstance(record, Raw) else Raw(record) for record in records]
        positions = [None] * len(records)

        def confirmed(index):
            def note(error, message):
                positions[index] = error or (message.partition(), message.offset())

            return note

        for index, record in enumerate(records):
            where = partition(index) if callable(partition) else partition
            self._producer.poll(0)
            self._producer.produce(
                self.raw,
                record.value,
                record.key,
                -1 if where is None else where,
                confirmed(index),
                headers=list(record.headers),
            )
        assert self._producer.flush(DEADLINE_S) == 0
        refused = [position for position in positions if not isinstance(position, tuple)]
        assert not refused, refused[:3]
        return positions

    def raw_ends(self):
        """The next offset of each partition of the raw topic."""
        return self.ends([self.raw])

    def ends(self, topics):
        """The next offset of each partition of topics, by topic and partition, or by partition for one."""
        found = self.cluster.list_offsets({tp: OffsetSpec.latest() for tp in self._partitions(topics)})
        ends = {(tp.topic, tp.partition): future.result().offset for tp, future in found.items()}
        return ends if len(topics) > 1 else {partition: end for (_, partition), end in ends.items()}

    def committed(self):
        """What the group has committed, by partition of the raw topic."""
        consumer = Consumer({**self._client, "group.id": self.environment["NEWSWIRE_KAFKA__GROUP"]})
        try:
            offsets = consumer.committed(self._partitions([self.raw]), timeout=DEADLINE_S)
            return {tp.partition: tp.offset for tp in offsets if tp.offset >= 0}
        finally:
            consumer.close()

    def wait_until_committed(self):
        """Wait until the group has committed all that is in the raw topic."""
        ends = {partition: end for partition, end in self.raw_ends().items() if end}
        until(lambda: ends.items() <= self.committed().items(), f"the group commits {ends}")

    @cached_property
    def cluster(self):
        """The admin client. Kept, since its answers never come once it is gone."""
        return AdminClient(self._client)

    def _partitions(self, topics):
        known = self.cluster.list_topics(timeout=DEADLINE_S).topics
        return [TopicPartition(topic, partition) for topic in topics for partition in known[topic].partitions]

    # -- what came out

    def read(self):
        """Everything that has come out until now: streams, duplicates and dead letters."""
        ends = self.ends(self.output_topics)
        if self._reader is None:
            self._reader = self._consumer([TopicPartition(*tp, OFFSET_BEGINNING) for tp in ends])
            self._read = dict.fromkeys(ends, 0)
        behind = lambda: [tp for tp, end in ends.items() if self._read[tp] < end]  # noqa: E731
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


@pytest.fixture
def deploy(environment, tmp_path):
    """Makes deployments: `deploy()` on the shared broker, `deploy(own_broker)` on another, with settings."""
    made = []

    def make(broker=None, **settings):
        address = {} if broker is None else {"NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers}
        folder = tmp_path / f"deployment-{len(made)}"
        folder.mkdir()
        made.append(Deployment({**environment, **address, **settings}, folder))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def deployment(deploy):
    """A deployment on the shared broker, with its topics made."""
    return deploy().apply_topics()


@pytest.fixture
def own_broker():
    """A broker of the test's own, to stop and kill."""
    with LocalBroker() as broker:
        yield broker


@pytest.fixture
def raw():
    """Makes a record for the raw topic: `raw(value, key, headers)`."""
    return Raw


@pytest.fixture
def said_once_or_the_same():
    """Checks outputs of which some came twice, and gives them by position."""

    def check(outputs):
        by_position = {}
        for output in outputs:
            first = by_position.setdefault(output.position, output)
            # All of it: stream, partition, key, value, headers. At-least-once delivery repeats, it never differs.
            assert output == first
        return by_position

    return check


@pytest.fixture
def wait_until():
    """Waits for a condition: `wait_until(condition, what)`."""
    return until
