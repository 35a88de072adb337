"""`make schemas`: whether all that is released stays as it was, and whether what is new fits to it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .versions import SCHEMAS, problems, release, released, versions


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    parser = argparse.ArgumentParser(prog="make schemas", description=__doc__)
    parser.add_argument("--release", action="store_true", help="write down as released what is not yet")
    parser.add_argument("--folder", type=Path, default=SCHEMAS, help="the folder of the schemas")
    chosen = parser.parse_args()
    try:
        found = problems(chosen.folder)
    except ValueError as error:
        found = [str(error)]
    if found:
        print("\n\n".join(found), file=sys.stderr)
        print(f"\n{len(found)} wrong with the schemas; the rules: schemas/README.md", file=sys.stderr)
        return 1
    if chosen.release:
        for name in release(chosen.folder):
            print(f"released: schemas/{name}")
    frozen = released(chosen.folder)
    for version in versions(chosen.folder):
        print(f"schemas/{version.name}: {'as released' if version.name in frozen else 'not released yet'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
