"""Takes out of the image's packages what no program imports; run by the Dockerfile, in the environment to prune.

These are tests, headers and static libraries to build against, Cython's sources, and stubs for type checkers. Code
that can be imported stays, even where newswire does not import it: that it is missing would be found out by whoever
needs it first.
"""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path

FOLDERS = {"tests", "include"}
SUFFIXES = {".a", ".c", ".h", ".hpp", ".pxd", ".pxi", ".pyi", ".pyx"}


def main() -> None:
    """Prune the packages of the interpreter that runs this."""
    packages = Path(sysconfig.get_path("purelib"))
    for found in sorted(packages.rglob("*")):
        if found.is_dir() and found.name in FOLDERS:
            shutil.rmtree(found)
        elif found.suffix in SUFFIXES and found.is_file():
            found.unlink()


if __name__ == "__main__":
    main()
