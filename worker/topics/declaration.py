"""What the topics should be: one declaration, made from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from worker.config.settings import LOG_WINDOWS
from worker.mediatopics import STREAMS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from worker.config import Settings, TopicSettings

HOUR_MS: Final = 3_600_000


class Role(StrEnum):
    """What a topic is for; it decides which differences break a promise."""

    RAW = "raw"
    LOG = "log"
    OUTPUT = "output"
    DUPLICATES = "duplicates"
    DEADLETTER = "deadletter"
    STATUS = "status"


class Config(StrEnum):
    """The topic configurations that newswire declares, by Kafka's names."""

    CLEANUP = "cleanup.policy"
    RETENTION_MS = "retention.ms"
    RETENTION_BYTES = "retention.bytes"
    TIMESTAMP = "message.timestamp.type"
    MAX_BYTES = "max.message.bytes"
    MIN_ISR = "min.insync.replicas"
    UNCLEAN = "unclean.leader.election.enable"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic as it should be.

    `configs` are Kafka's names and values as text. `min_retention_ms` is the retention below which a promise
    breaks, where there is one.
    """

    name: str
    role: Role
    partitions: int
    replication_factor: int
    configs: Mapping[Config, str]
    min_retention_ms: int | None = None


def declaration(settings: Settings) -> tuple[TopicSpec, ...]:
    """Every topic of newswire: raw, log, 18 output streams, duplicates, dead letters and their status."""
    topics = settings.topics
    window_ms = round(settings.dedup.window_s * 1000)
    raw = _spec(
        topics,
        topics.raw,
        Role.RAW,
        topics.raw_partitions,
        _kept(topics.raw_retention_h) | _at_most(topics.raw_max_message_bytes) | _BY_APPEND_TIME,
    )
    log = _spec(
        topics,
        topics.fingerprints,
        Role.LOG,
        1,
        _kept(topics.log_retention_h)
        | _at_most(topics.log_max_message_bytes)
        | _BY_APPEND_TIME
        | _NO_BYTE_LIMIT,
        min_retention_ms=LOG_WINDOWS * window_ms,
    )
    output = _kept(topics.output_retention_h) | _at_most(topics.output_max_message_bytes)
    streams = [
        _spec(topics, name, Role.OUTPUT, topics.output_partitions, output) for name in output_topics(topics)
    ]
    duplicates = _spec(topics, topics.duplicates, Role.DUPLICATES, topics.output_partitions, output)
    deadletter = _spec(
        topics,
        topics.deadletter,
        Role.DEADLETTER,
        1,
        _kept(topics.deadletter_retention_h) | _at_most(topics.deadletter_max_message_bytes),
    )
    status = _spec(topics, topics.deadletter_status, Role.STATUS, 1, {Config.CLEANUP: "compact"})
    return (raw, log, *streams, duplicates, deadletter, status)


def output_topics(topics: TopicSettings) -> tuple[str, ...]:
    """The names of the 18 output streams, in the order of the media topics, `unsorted` last."""
    return tuple(topics.output_prefix + slug for slug in STREAMS)


_BY_APPEND_TIME: Final = {Config.TIMESTAMP: "LogAppendTime"}
_NO_BYTE_LIMIT: Final = {Config.RETENTION_BYTES: "-1"}


def _spec(
    topics: TopicSettings,
    name: str,
    role: Role,
    partitions: int,
    configs: Mapping[Config, str],
    min_retention_ms: int | None = None,
) -> TopicSpec:
    safety = {Config.MIN_ISR: str(topics.min_insync_replicas), Config.UNCLEAN: "false"}
    return TopicSpec(
        name, role, partitions, topics.replication_factor, {**configs, **safety}, min_retention_ms
    )


def _kept(hours: float) -> dict[Config, str]:
    return {Config.CLEANUP: "delete", Config.RETENTION_MS: str(round(hours * HOUR_MS))}


def _at_most(size_bytes: int) -> dict[Config, str]:
    return {Config.MAX_BYTES: str(size_bytes)}
