"""The sections of the settings: every name with its unit, bounds, default and meaning.

A name ends in its unit where it has one: `_s` seconds, `_ms` milliseconds, `_h` hours, `_bytes`, `_chars`,
`_records`.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)

from worker.config.tls import client_context
from worker.mediatopics import STREAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from worker.normalize import Limits

_ADDRESS = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]+\]|[^\s:,\[\]]+):(?P<port>\d{1,5})")


def _addresses(value: str) -> str:
    """`value` without white space, if it is `host:port` with commas between.

    Raises:
        ValueError: an address lacks its port, or the port is out of range.
    """
    addresses = [address.strip() for address in value.split(",")]
    for address in addresses:
        match = _ADDRESS.fullmatch(address)
        if match is None or not 0 < int(match["port"]) < 65536:
            raise ValueError(f"must be host:port, with commas between several; {address!r} is not")
    return ",".join(addresses)


Addresses = Annotated[str, AfterValidator(_addresses)]


def _installed(codec: str) -> str:
    """`codec`, if this installation can write it.

    Raises:
        ValueError: the library that it needs is not there.
    """
    if codec not in {"none", "gzip"} and find_spec("cramjam") is None:
        raise ValueError(f"{codec} needs the package cramjam: pip install cramjam")
    return codec


Compression = Annotated[Literal["none", "gzip", "snappy", "lz4", "zstd"], AfterValidator(_installed)]
TopicName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,200}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,200}$")]


class Section(BaseModel):
    """What the sections share: they are frozen, an unknown name is an error, defaults are checked too."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, use_attribute_docstrings=True
    )


class SecurityProtocol(StrEnum):
    """How a connection to Kafka is protected."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    """How a client proves who it is."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class KafkaSettings(Section):
    """The cluster, and how patient newswire is with it."""

    bootstrap_servers: Addresses = "127.0.0.1:9092"
    """Brokers to start from, host:port,host:port."""
    client_id: Name = "newswire"
    """Name of the clients in the broker's logs and quotas."""
    group: Name = "newswire"
    """Consumer group of the worker; its commits say what is done."""
    security_protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    """Protection of the connection; SASL_SSL in production."""
    sasl_mechanism: SaslMechanism = SaslMechanism.SCRAM_SHA_512
    """Used with the SASL protocols only."""
    sasl_username: str | None = None
    """User name, required by the SASL protocols."""
    sasl_password: SecretStr | None = None
    """Password, required by the SASL protocols."""
    ssl_cafile: str | None = None
    """PEM file of the authorities that may sign a broker; the system's when not set."""
    ssl_certfile: str | None = None
    """PEM file of the client's certificate, for mutual TLS."""
    ssl_keyfile: str | None = None
    """PEM file of the client's key, unless the certificate's file holds it."""
    ssl_key_password: SecretStr | None = None
    """Password of the client's key."""
    request_timeout_s: float = Field(default=40, gt=0, le=600)
    """How long one request may take."""
    session_timeout_s: float = Field(default=30, ge=1, le=300)
    """After so long without a heartbeat the group gives a worker's partitions away."""
    heartbeat_interval_s: float = Field(default=3, gt=0, le=100)
    """Time between heartbeats to the group."""
    connect_patience_s: float = Field(default=60, ge=0, le=86_400)
    """How long to wait for a broker at the start; then exit 4."""
    outage_patience_s: float = Field(default=120, ge=0, le=86_400)
    """How long the broker may be away while the worker runs; then exit 4."""
    isolation_level: Literal["read_committed", "read_uncommitted"] = "read_committed"
    """Whether records of open or aborted transactions are left out."""
    fetch_min_bytes: int = Field(default=262_144, ge=1, le=67_108_864)
    """How much of the raw topic a broker gathers before it answers a fetch, so that many headlines share its costs."""
    fetch_max_wait_ms: int = Field(default=50, ge=1, le=10_000)
    """How long a broker may gather when the worker is busy; 0.06 of it when it is not. Adds to the latency."""
    max_partition_fetch_bytes: int = Field(default=1_048_576, ge=1024, le=67_108_864)
    """Most of one partition that a fetch brings; bounds the batches."""
    compression: Compression = "none"
    """Compression of what is produced."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        problems = []
        if self.uses_sasl and not (self.sasl_username and self.sasl_password):
            problems.append(
                f"kafka.security_protocol={self.security_protocol} needs kafka.sasl_username"
                " and kafka.sasl_password"
            )
        if self.ssl_keyfile and not self.ssl_certfile:
            problems.append("kafka.ssl_keyfile is of no use without kafka.ssl_certfile")
        if self.session_timeout_s >= self.request_timeout_s:
            problems.append(
                f"kafka.session_timeout_s={self.session_timeout_s:g} must be below"
                f" kafka.request_timeout_s={self.request_timeout_s:g}, since a join may take a whole session"
            )
        if self.heartbeat_interval_s > self.session_timeout_s / 3:
            problems.append(
                f"kafka.heartbeat_interval_s={self.heartbeat_interval_s:g} must be at most a third of"
                f" kafka.session_timeout_s={self.session_timeout_s:g}, so that a lost heartbeat costs nothing"
            )
        raise_problems(problems)
        return self

    @property
    def uses_sasl(self) -> bool:
        """Whether the protocol asks for a user name and a password."""
        return self.security_protocol in {SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL}

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.security_protocol in {SecurityProtocol.SSL, SecurityProtocol.SASL_SSL}

    def client_kwargs(self) -> dict[str, Any]:
        """What every aiokafka client (consumer, producer, admin) needs to connect: addresses, TLS and SASL.

        Raises:
            SettingsError: a certificate or key file is missing or cannot be used.
        """
        kwargs: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers,
            "security_protocol": self.security_protocol.value,
        }
        if self.uses_tls:
            kwargs["ssl_context"] = client_context(
                cafile=self.ssl_cafile,
                certfile=self.ssl_certfile,
                keyfile=self.ssl_keyfile,
                password=self.ssl_key_password.get_secret_value() if self.ssl_key_password else None,
            )
        if self.uses_sasl and self.sasl_password:
            kwargs["sasl_mechanism"] = self.sasl_mechanism.value
            kwargs["sasl_plain_username"] = self.sasl_username
            kwargs["sasl_plain_password"] = self.sasl_password.get_secret_value()
        return kwargs


RECORD_BATCH_BYTES = 1_000_000
"""What every topic that the worker writes to must take: it fills record batches up to somewhat less, whatever is in
them, and the fingerprint of the longest headline that can be allowed fits in besides."""


class TopicSettings(Section):
    """Names, sizes and retention of the topics; `newswire topics` makes the cluster agree."""

    raw: TopicName = "headlines.raw"
    """Where raw headlines come in."""
    fingerprints: TopicName = "headlines.fingerprints"
    """The ordered log that verdicts are read off."""
    duplicates: TopicName = "headlines.duplicates"
    """What was suppressed, of which headline and why."""
    deadletter: TopicName = "headlines.deadletter"
    """Records that can never become a headline."""
    deadletter_status: TopicName = "headlines.deadletter.status"
    """What became of each dead letter."""
    output_prefix: TopicName = "news."
    """An output stream is this and the topic's slug."""
    raw_partitions: int = Field(default=6, ge=1, le=10_000)
    """Partitions of the raw topic: most workers that can share the work."""
    output_partitions: int = Field(default=3, ge=1, le=1_000)
    """Partitions of each output stream and of the duplicates."""
    replication_factor: int = Field(default=1, ge=1, le=32)
    """Copies of every partition; 3 in production."""
    min_insync_replicas: int = Field(default=1, ge=1, le=32)
    """Copies that must hold a record before it counts as written; 2 in production."""
    raw_retention_h: float = Field(default=168, ge=1, le=876_000)
    """How long raw headlines are kept."""
    output_retention_h: float = Field(default=168, ge=1, le=876_000)
    """How long output streams and duplicates are kept."""
    log_retention_h: float = Field(default=168, gt=0, le=876_000)
    """How long fingerprints are kept; raised to four windows by itself when they are longer."""
    deadletter_retention_h: float = Field(default=720, ge=1, le=876_000)
    """How long dead letters are kept."""
    raw_max_message_bytes: int = Field(default=1_048_576, ge=16_384, le=104_857_600)
    """Largest record batch that the raw topic takes."""
    output_max_message_bytes: int = Field(default=1_048_576, ge=RECORD_BATCH_BYTES, le=104_857_600)
    """Largest record batch of the output streams and duplicates."""
    log_max_message_bytes: int = Field(default=1_048_576, ge=RECORD_BATCH_BYTES, le=104_857_600)
    """Largest record batch of the log; frames are cut below it."""
    deadletter_max_message_bytes: int = Field(default=2_097_152, ge=RECORD_BATCH_BYTES, le=104_857_600)
    """Largest dead letter: a raw record and the cause in headers."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        problems = []
        if self.min_insync_replicas > self.replication_factor:
            problems.append(
                f"topics.min_insync_replicas={self.min_insync_replicas} must be at most"
                f" topics.replication_factor={self.replication_factor}, or nothing could ever be written"
            )
        if self.deadletter_max_message_bytes < self.raw_max_message_bytes + DEADLETTER_HEADROOM_BYTES:
            problems.append(
                f"topics.deadletter_max_message_bytes={self.deadletter_max_message_bytes} must be at least"
                f" topics.raw_max_message_bytes={self.raw_max_message_bytes} and {DEADLETTER_HEADROOM_BYTES}"
                " for the headers, or the largest raw records could not be dead-lettered"
            )
        raise_problems([*problems, *self._overlaps()])
        return self

    def _overlaps(self) -> Iterator[str]:
        """A problem for each name that two topics would share: a worker could read what it writes."""
        takers = defaultdict(list)
        for setting in ("raw", "fingerprints", "duplicates", "deadletter", "deadletter_status"):
            takers[getattr(self, setting)].append(f"topics.{setting}")
        for slug in STREAMS:
            stream = f"the output stream {slug} (topics.output_prefix={self.output_prefix})"
            takers[self.output_prefix + slug].append(stream)
        for name, sharing in takers.items():
            if len(sharing) > 1:
                yield (
                    f"{' and '.join(sharing)} must not share one topic, {name}:"
                    " set them so that each has a name of its own"
                )


class ReplaySettings(Section):
    """How `newswire replay` sends."""

    source: Name = "newswire-replay"
    """Source named in the events."""
    batch_records: int = Field(default=2_000, ge=1, le=100_000)
    """Most headlines in one record batch."""


class NormalizeSettings(Section):
    """What a raw headline may measure; anything larger is dead-lettered."""

    max_value_bytes: int = Field(default=262_144, ge=1_024, le=1_048_576)
    """Largest raw record value."""
    max_headline_chars: int = Field(default=2_000, ge=16, le=10_000)
    """Longest headline."""
    max_extra_bytes: int = Field(default=16_384, ge=1, le=131_072)
    """Most that unknown fields may take together."""

    def limits(self) -> Limits:
        """The same for the stage, which knows no settings."""
        from worker.normalize import Limits

        return Limits(**self.model_dump())


class Mode(StrEnum):
    """What happens to a duplicate."""

    SUPPRESS = "suppress"
    MARK = "mark"
    OFF = "off"


class DedupSettings(Section):
    """When two headlines are the same news."""

    mode: Mode = Mode.SUPPRESS
    """suppress: held back; mark: routed with their verdict; off: not looked for."""
    window_s: float = Field(default=21_600, ge=1, le=2_592_000)
    """How far apart a headline and its duplicate may lie; a minute at least, but for trials."""
    max_entries: int = Field(default=1_000_000, ge=1_000, le=100_000_000)
    """Most headlines compared with; bounds memory."""
    epoch: int = Field(default=1, ge=1, le=2_147_483_647)
    """Raise it to process history again on purpose; epochs do not see each other."""
    model: str | None = None
    """File of a matcher's model that newswire train wrote, the same for all workers; the package's when not set."""
    write_version: int = Field(default=0, ge=0, le=65_535)
    """Version of the log that is written; 0: the older of the two that a release reads, until all workers are new."""


class DeepMode(StrEnum):
    """Whether the costly model is asked."""

    OFF = "off"
    ON = "on"


class DeepSettings(Section):
    """What a small transformer may take to look at headlines that the cheap rules are not sure of."""

    mode: DeepMode = DeepMode.OFF
    """on: asked about doubtful pairs and topics, and its word is recorded; needs pip install 'newswire[deep]'."""
    threads: int = Field(default=1, ge=1, le=64)
    """Threads that one computation is spread over."""
    max_share: float = Field(default=0.5, gt=0, le=64)
    """Most of one core that it may use, averaged over 2 s; what goes beyond is left out."""
    max_delay_ms: int = Field(default=100, ge=5, le=10_000)
    """How long what a fetch brought may wait for it at most. Adds to the latency."""
    max_pairs: int = Field(default=4, ge=0, le=6)
    """Most pairs of one headline that are scored."""
    topics_below: float = Field(default=0.8, ge=0, le=1)
    """The topics of a headline are scored where the router's confidence is below this."""


class RouteSettings(Section):
    """Who decides on topics, and how sure the router must be."""

    rules: str | None = None
    """File of an editor's rules, which are asked before the model; none when not set."""
    model: str | None = None
    """File of a topic model that newswire train wrote; the package's own when not set."""

    threshold: float = Field(default=0.6, ge=0, le=1)
    """Confidence below which a headline is unsorted."""
    deep_threshold: float = Field(default=0.87, ge=0, le=1)
    """The same where the costly model was asked for the topics, which is sure of more."""
    also_threshold: float = Field(default=0.55, ge=0, le=1)
    """Confidence from which a further topic is named too."""


class HelperMode(StrEnum):
    """Whether the worker has a process beside it."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"

    def is_on(self) -> bool:
        """Whether there is to be one: by itself where the worker may use more than one processor."""
        return self is HelperMode.ON or (self is HelperMode.AUTO and processors() > 1)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkerSettings(Section):
    """How much the worker takes on at once, and when it gives up."""

    helper: HelperMode = HelperMode.AUTO
    """Whether a second process reads headlines and writes events; auto: where there is more than one processor."""
    batch_records: int = Field(default=2_000, ge=1, le=100_000)
    """Most records that one fetch brings, of all partitions together; they are handled as one."""
    in_flight_batches: int = Field(default=4, ge=1, le=1_000)
    """Most fetches under way at once, each with up to batch_records records; bounds memory and latency."""
    drain_deadline_s: float = Field(default=30, ge=0, le=3_600)
    """Time to finish what is under way after SIGTERM; then exit 5."""
    watchdog_s: float = Field(default=120, ge=1, le=86_400)
    """Lag without progress for so long ends the worker; exit 7."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        most = self.batch_records * self.in_flight_batches
        if most > MOST_IN_FLIGHT:
            problem = (
                f"worker.in_flight_batches={self.in_flight_batches} times worker.batch_records={self.batch_records} is"
                f" {most}, and at most {MOST_IN_FLIGHT} headlines may be under way at once: lower either"
            )
            raise_problems([problem])
        return self


class HttpSettings(Section):
    """Where /metrics, /livez and /readyz are served."""

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on; 0.0.0.0 in a container."""
    port: int = Field(default=9464, ge=0, le=65_535)
    """Port to listen on; 0 picks a free one."""


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severity that is logged."""
    format: Literal["auto", "console", "json"] = "auto"
    """console for people, json for machines; auto: console on a terminal."""


MOST_IN_FLIGHT = 1_048_576
"""Headlines of a worker: half of what may be appended to the log while one of its frames is on its way there."""

DEADLETTER_HEADROOM_BYTES = 16_384
"""What the headers of a dead letter, which name the cause, may take beside the raw record."""


def raise_problems(problems: list[str]) -> None:
    """One error that lists every problem, a line each, if there is any."""
    if problems:
        raise ValueError("\n".join(problems))
