"""Everything that a run of `make bench` found, as its JSON file holds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.benchmarks.burst import Burst
    from tests.benchmarks.latency import Latency
    from tests.benchmarks.start import Start
    from tests.benchmarks.sustained import Sustained
    from tests.benchmarks.throughput import Round


@dataclass
class Results:
    """Raw figures, round by round; the tables are taken from them."""

    began: str
    """RFC 3339."""
    machine: Mapping[str, object]
    versions: Mapping[str, str | None]
    settings: Mapping[str, object]
    """What was asked for: corpus, headlines, rounds, settings of newswire."""
    guarantees: Mapping[str, str]
    """By system, in the order of the tables."""
    rounds: list[Round] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    sustained: list[Sustained] = field(default_factory=list)
    bursts: list[Burst] = field(default_factory=list)
    took_s: float = 0.0

    def of(self, system: str) -> list[Round]:
        """A system's rounds, in order."""
        return [found for found in self.rounds if found.system == system]

    def write(self, file: Path) -> None:
        """Write the JSON file."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(orjson.dumps(self, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
