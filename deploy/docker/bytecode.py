"""Compiles what newswire's commands import, and nothing else; run by the Dockerfile, in the environment to compile.

A container with a read-only file system can not keep the bytecode that Python makes, and would make it again at each
start. That of every module of every package is as much again as the code, and most of it is never loaded.
"""

from __future__ import annotations

import importlib
import pkgutil
import py_compile
import sys
from pathlib import Path

import worker

TRAINING = ("worker.route.train", "worker.deduplicate.match.train", "worker.train", "worker.deep.train")
"""Need packages that the image does not have."""


def main() -> None:
    """Import every module of newswire, then compile whatever came into memory from this environment."""
    for module in pkgutil.walk_packages(worker.__path__, "worker.", onerror=_fail):
        if not module.name.startswith(TRAINING) and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
    ours = Path(sys.prefix)
    for file in sorted(files):
        if file.endswith(".py") and Path(file).is_relative_to(ours):
            # Sources and bytecode lie in one layer of the image: they need not be compared at every start.
            py_compile.compile(
                file, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH
            )


def _fail(name: str) -> None:
    raise ImportError(f"{name} cannot be imported, so what it needs would not be compiled")


if __name__ == "__main__":
    main()
