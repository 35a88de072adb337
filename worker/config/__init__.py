"""newswire's settings: one typed object, read from the environment and the command line.

    NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS=kafka-1:9092,kafka-2:9092     environment: NEWSWIRE_SECTION__NAME
    newswire worker --set kafka.bootstrap_servers=kafka-1:9092      command line, which wins

Only variables with a double underscore are settings: Kubernetes injects `NEWSWIRE_PORT` and the like for a
service of that name, and those are passed over. An empty variable counts as not set. `newswire config` shows
the effective values and where each came from.
"""

from __future__ import annotations

from worker.config.sections import (
    DedupSettings,
    DeepMode,
    DeepSettings,
    HttpSettings,
    KafkaSettings,
    LogSettings,
    Mode,
    NormalizeSettings,
    ReplaySettings,
    RouteSettings,
    TopicSettings,
    WorkerSettings,
)
from worker.config.settings import Settings
from worker.config.sources import Resolved, load, resolve

__all__ = [
    "DedupSettings",
    "DeepMode",
    "DeepSettings",
    "HttpSettings",
    "KafkaSettings",
    "LogSettings",
    "Mode",
    "NormalizeSettings",
    "ReplaySettings",
    "Resolved",
    "RouteSettings",
    "Settings",
    "TopicSettings",
    "WorkerSettings",
    "load",
    "resolve",
]
