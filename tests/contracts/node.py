"""Runs the programs of this folder on Node.js, with the packages that `make test-contracts` has installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = HERE.parents[1] / ".cache/contracts/node_modules"


def run_node(program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """What a program of this folder prints.

    Raises:
        FileNotFoundError: its packages are not installed.
    """
    if not PACKAGES.is_dir():
        raise FileNotFoundError(
            f"{PACKAGES} is not there: run these tests by make test-contracts, which installs it"
        )
    return subprocess.run(
        ["node", HERE / program, *arguments],
        input=stdin,
        env={**os.environ, "NODE_PATH": str(PACKAGES)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
