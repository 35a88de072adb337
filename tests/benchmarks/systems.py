"""The systems that `make bench` knows."""

from __future__ import annotations

import sys

from tests.benchmarks.system import ROOT, System

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
FAUST = System(
    "Faust as documented",
    [
        sys.executable,
        str(ROOT / "tests/benchmarks/plain_faust.py"),
        "worker",
        "-l",
        "warn",
        "--without-web",
    ],
    guarantees="none: a delivery that fails is only logged; exact duplicates of one partition, in memory",
    load=1 / 12,
)
SYSTEMS = (NEWSWIRE, DEEP, FAUST)
"""All of them, newswire first: the others are compared with it. A further one is added here."""


def chosen(names: str) -> list[System]:
    """The systems of a list of names with commas between, in its order.

    Raises:
        ValueError: no system has that name.
    """
    known = {system.name: system for system in SYSTEMS}
    found = []
    for name in map(str.strip, names.split(",")):
        if name not in known:
            raise ValueError(f"no system is called {name!r}; there are {', '.join(known)}")
        found.append(known[name])
    return found
