"""The systems that `make bench` knows."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.peers import environment
from tests.benchmarks.peers.systems import FAUST, peers
from tests.benchmarks.system import System

NEWSWIRE = System(
    "newswire",
    [sys.executable, "-m", "worker", "worker"],
    guarantees="no loss; no group of duplicates suppressed whole; the same verdict everywhere and after every crash; "
    "idempotent sends, committed once confirmed; near-duplicates",
    has_http=True,
)
DEEP = System(
    "newswire deep",
    NEWSWIRE.command,
    guarantees="those of newswire; a costly model reads what the cheap rules are unsure of, as far as there is time",
    settings={"NEWSWIRE_DEEP__MODE": "on"},
    has_http=True,
)
SYSTEMS = (NEWSWIRE, DEEP, FAUST)
"""All of them, newswire first: the others are compared with it. A further one is added here."""


def chosen(names: str) -> list[System]:
    """The systems of a list of names with commas between, in its order; peers too, whose libraries are installed first.

    Raises:
        ValueError: no system has that name.
        PeersError: the peers' libraries can not be had.
    """
    wanted = [name.strip() for name in names.split(",")]
    known = {system.name: system for system in SYSTEMS}
    others = [system.name for system in peers(Path()) if system.name not in known]
    if unknown := set(wanted) - {*known, *others}:
        raise ValueError(f"no system is called {min(unknown)!r}; there are {', '.join([*known, *others])}")
    if not known.keys() >= set(wanted):
        known |= {system.name: system for system in peers(environment.python())}
    return [known[name] for name in wanted]


def side_by_side() -> list[System]:
    """Newswire and all peers, whose libraries are installed first.

    Raises:
        PeersError: they can not be had.
    """
    return [NEWSWIRE, *peers(environment.python())]
