"""Who gives the commands of `newswire deadletters`, and looks at what they did with another client."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from functools import cached_property
from unittest.mock import patch

import jsonschema_rs
from confluent_kafka import OFFSET_BEGINNING, Producer, TopicPartition
from tests.wait import DEADLINE_S, POLL_S, until
from worker.cli import run
from worker.deadletter import FIRST_OFFSET, headers
from worker.normalize import Limits, normalize
from worker.normalize.schema import load

BURIED_MS = 1_767_942_001_250


class Clerk:
    """Gives commands about the dead letters of a deployment, in this process: a second less for each."""

    def __init__(self, deployment):
        self._deployment = deployment
        self._environment = {**os.environ, **deployment.environment}

    def __call__(self, verb, *arguments, code=0):
        """What a command prints, or the error that it ends with."""
        said, told = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
        with (
            patch.dict(os.environ, self._deployment.environment),
            redirect_stdout(said),
            redirect_stderr(told),
        ):
            ended = run(["deadletters", verb, *arguments])
        out, error = (stream.buffer.getvalue().decode() for stream in (said, told))
        assert ended == code, (verb, arguments, ended, out, error)
        return error if code else out

    def lines(self, verb, *arguments):
        """The objects that it prints, a line each."""
        return [json.loads(line) for line in self(verb, *arguments, "--json").splitlines()]

    def object(self, verb, *arguments):
        """The one object that it prints."""
        return json.loads(self(verb, *arguments, "--json"))

    def start(self, *arguments, program=("-m", "worker")):
        """A command as a process; `program` is what runs newswire."""
        return subprocess.Popen(
            [sys.executable, *program, "deadletters", *arguments],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
        )

    def bury(self, values):
        """Write dead letters as a worker does to which these values are too long."""
        producer = Producer({"bootstrap.servers": self._environment["NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS"]})
        for offset, value in enumerate(values):
            cause = headers(
                normalize(value, Limits(max_headline_chars=100)),
                topic=self._deployment.raw,
                partition=0,
                offset=offset,
                timestamp=BURIED_MS,
                original=(),
            )
            producer.produce(self._letter_topic, value, b"%d" % offset, headers=cause)
        assert producer.flush(DEADLINE_S) == 0

    def wait_for_letters(self, count):
        """Wait until there are so many dead letters."""
        until(
            lambda: sum(self._deployment.ends([self._letter_topic]).values()) >= count,
            f"{count} dead letters",
        )

    def redriven(self):
        """The raw records that a redrive has sent."""
        return [
            record
            for record in self._read(self._deployment.raw)
            if FIRST_OFFSET in dict(record.headers() or ())
        ]

    def statuses(self):
        """The newest statuses by key, each as its schema says."""
        newest = {record.key(): json.loads(record.value()) for record in self._read(self._status_topic)}
        for status in newest.values():
            self._schema.validate(status)
        return newest

    def marked(self):
        """How many marks there are, copies included."""
        return sum(self._deployment.ends([self._status_topic]).values())

    @property
    def _letter_topic(self):
        return self._environment["NEWSWIRE_TOPICS__DEADLETTER"]

    @property
    def _status_topic(self):
        return self._environment["NEWSWIRE_TOPICS__DEADLETTER_STATUS"]

    @cached_property
    def _schema(self):
        return jsonschema_rs.Draft202012Validator(load("deadletter.status"))

    def _read(self, topic):
        ends = self._deployment.ends([topic])
        consumer = self._deployment._consumer([TopicPartition(topic, p, OFFSET_BEGINNING) for p in ends])
        count = sum(ends.values())
        try:
            records = []
            until(
                lambda: records.extend(consumer.consume(5000, timeout=POLL_S)) or len(records) >= count,
                f"{count} records of {topic}",
            )
            return records
        finally:
            consumer.close()
