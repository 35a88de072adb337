"""The peers as systems under test: how each is started, and what it guarantees, read off its code and documentation."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.benchmarks.system import ROOT, System

if TYPE_CHECKING:
    from pathlib import Path

IN_MEMORY = {"BENCH_STATE": "memory"}
_FAUST = ("worker", "-l", "warn", "--without-web")
_LOOP = (
    "at least once: commits once deliveries are confirmed; order of a partition; exact duplicates, forgotten at a "
    "restart"
)
_SNAPSHOTS = "at least once: snapshots once deliveries are over, but one that fails is not looked at; "
_UNCONFIRMED = "none: commits without waiting for deliveries, and one that fails is only logged; "


def _peer(
    name: str,
    python: Path | str,
    module: str,
    *arguments: str,
    guarantees: str,
    load: float = 1.0,
    settings: dict[str, str] | None = None,
) -> System:
    return System(
        name,
        [str(python), "-m", f"tests.benchmarks.peers.{module}", *arguments],
        guarantees=guarantees,
        load=load,
        # Packages that the project's own Python is given by PYTHONPATH are none of the peers'.
        settings={"PYTHONPATH": str(ROOT), **(settings or {})},
    )


FAUST = _peer(
    "Faust as documented",
    sys.executable,
    "faust_agent",
    *_FAUST,
    guarantees=_UNCONFIRMED + "order of a partition; exact duplicates that meet in one worker",
    load=1 / 12,
)


def peers(python: Path) -> tuple[System, ...]:
    """All of them: the loops and Faust on the project's own Python, the others on the one given.

    `python` has what requirements.lock says; `environment.python` makes it.
    """
    return (
        FAUST,
        _peer(
            "Faust (take)",
            sys.executable,
            "faust_agent",
            *_FAUST,
            guarantees=_UNCONFIRMED + "order of a partition; exact duplicates, forgotten at a restart",
            load=1 / 5,
            settings={"BENCH_TAKE": "1000"},
        ),
        _peer(
            "Quix Streams",
            python,
            "quix_dataframe",
            guarantees="at least once: commits once deliveries are confirmed, state too; order of a match form; exact "
            "duplicates across restarts",
            load=1 / 4,
        ),
        _peer(
            "Quix Streams (dict)",
            python,
            "quix_dataframe",
            guarantees=_LOOP,
            load=1 / 3,
            settings=IN_MEMORY,
        ),
        _peer("FastStream", python, "faststream_batch", guarantees=_LOOP, load=2 / 3),
        _peer(
            "Bytewax",
            python,
            "bytewax_flow",
            guarantees=_SNAPSHOTS + "order of a match form; exact duplicates across restarts",
        ),
        _peer(
            "Bytewax (dict)",
            python,
            "bytewax_flow",
            guarantees=_SNAPSHOTS + "order of a partition; exact duplicates, forgotten at a restart",
            settings=IN_MEMORY,
        ),
        _peer("aiokafka loop", sys.executable, "aiokafka_loop", guarantees=_LOOP),
        _peer(
            "aiokafka loop (batches)",
            sys.executable,
            "aiokafka_loop",
            guarantees=_LOOP,
            settings={"BENCH_SEND": "batches"},
        ),
        _peer("confluent-kafka loop", sys.executable, "confluent_loop", guarantees=_LOOP),
    )
