"""What is measured: a program that takes raw headlines from Kafka and gives routed ones back."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parent.parent.parent
"""The repository; every system is started there."""


@dataclass(frozen=True)
class System:
    """A program under test.

    It finds its broker in BENCH_BROKER and its topics by BENCH_PREFIX: it reads `{prefix}headlines.raw` from the
    earliest offset, and every raw record ends as one record in `{prefix}news.{slug}`, `{prefix}headlines.duplicates`
    or `{prefix}headlines.deadletter`, its value made by `worker.route.envelope`. All these topics exist when it is
    started. It runs until SIGTERM, with its child processes if it has any.
    """

    name: str
    """As it stands in tables and in `--systems`."""
    command: Sequence[str]
    """What is run, in the repository's folder."""
    guarantees: str
    """What it promises of delivery and duplicates, in one sentence; a table has it beside the figures."""
    load: float = 1.0
    """Share of a round's headlines that it is given, so that its round lasts about as long as the others'."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Of its environment, beside BENCH_*, NEWSWIRE_TOPICS__* and the broker's address."""
    has_http: bool = False
    """Whether it serves /readyz and /metrics as newswire does, at NEWSWIRE_HTTP__PORT."""
