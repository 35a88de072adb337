"""The Python that the peers' libraries are installed in: `.cache/peers`, made when it is first needed.

It is apart from the project's: the libraries hold back packages that newswire has newer, and not all of them have
wheels for every Python that newswire runs on.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.system import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.benchmarks.system import System

LOCK = Path(__file__).with_name("requirements.lock")
FOLDER = ROOT / ".cache/peers"
LIBRARIES = ("quixstreams", "faststream", "bytewax", "aiokafka", "confluent-kafka")
FITTING = ((3, 11), (3, 12))
"""The versions of Python that all libraries of the lock have wheels for."""
CANDIDATES = (sys.executable, "python3.12", "python3.11", "python3")


class PeersError(Exception):
    """The peers' libraries can not be had; the message says why, and what to do."""


def python(folder: Path = FOLDER, lock: Path = LOCK) -> Path:
    """The interpreter that has what the lock says; made anew where the lock has changed since.

    Raises:
        PeersError: there is no fitting Python, or the packages can not be installed.
    """
    interpreter = folder / "bin/python"
    stamp = folder / "installed"
    wanted = sha256(lock.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted and interpreter.exists():
        return interpreter
    base = _fitting(CANDIDATES)
    print(f"Making {folder} with {base}, for what newswire is measured beside", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    _run([base, "-m", "venv", str(folder)])
    _run([str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes",
          "--only-binary", ":all:", "-r", str(lock)])  # fmt: skip
    stamp.write_text(wanted)
    return interpreter


def versions(systems: Iterable[System], folder: Path = FOLDER, lock: Path = LOCK) -> dict[str, str]:
    """The versions of the peers' libraries, where one of the systems runs on them."""
    if not any(system.command[0].startswith(str(folder)) for system in systems):
        return {}
    pinned = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", lock.read_text()))
    return {f"peers' {name}": pinned[name] for name in LIBRARIES}


def _fitting(candidates: tuple[str, ...]) -> str:
    for candidate in candidates:
        if _version(candidate) in FITTING:
            return candidate
    versions = " or ".join(f"{major}.{minor}" for major, minor in FITTING)
    raise PeersError(
        f"the peers' libraries need Python {versions} with its modules venv and ensurepip, and none of"
        f" {', '.join(candidates)} is one: install it, or leave --peers out"
    )


def _version(candidate: str) -> tuple[int, int] | None:
    """The version of an interpreter that can make environments; None for any other, or where there is none."""
    program = "import sys, venv, ensurepip; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([candidate, "-c", program], capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    major, minor = answer.stdout.split()
    return int(major), int(minor)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise PeersError(
            f"the peers' libraries can not be installed: {' '.join(command)} failed:\n{said}\n"
            "See to it that pip reaches its package index, or leave --peers out"
        )
