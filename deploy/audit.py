"""Looks the locked packages up in a checkout of https://github.com/pypa/advisory-database, without a network.

    python deploy/audit.py FOLDER LOCK...

What is found is as new as the checkout. Exits 1 if a locked version is known to be vulnerable, 2 if the folder holds
no advisories.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import Version

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[.*?\])?==(?P<version>[^\s;]+)", re.MULTILINE)


def main(folder: Path, locks: list[Path]) -> int:
    """Print each advisory that holds for a locked version; the exit code."""
    advisories = folder / "vulns"
    if not any(advisories.glob("*/*.yaml")):
        print(
            f"{advisories} holds no advisories; clone https://github.com/pypa/advisory-database",
            file=sys.stderr,
        )
        return 2
    pins = sorted({pin for lock in locks for pin in pinned(lock.read_text())})
    found = [each for name, version in pins for each in known(advisories, name, version)]
    print("\n".join([*found, f"{len(pins)} packages, {len(found)} advisories that hold for them"]))
    return 1 if found else 0


def pinned(lock: str) -> Iterator[tuple[str, str]]:
    """Every package of a lock, as name and version."""
    for pin in PIN.finditer(lock):
        yield canonicalize_name(pin["name"]), pin["version"]


def known(advisories: Path, name: str, version: str) -> Iterator[str]:
    """A line for each advisory that holds for a version of a package."""
    for file in sorted((advisories / name).glob("*.yaml")):
        advisory = yaml.safe_load(file.read_text())
        if "withdrawn" in advisory:
            continue
        if any(holds(affected, version) for affected in advisory.get("affected", ())):
            names = ", ".join([advisory["id"], *advisory.get("aliases", ())])
            yield f"{name} {version}: {names}; see {file}"


def holds(affected: dict[str, Any], version: str) -> bool:
    """Whether a version is one of those that an entry of OSV's field `affected` names, singly or by ranges."""
    if version in affected.get("versions", ()):
        return True
    at = Version(version)
    ranges = (each for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM")
    return any(within(each["events"], at) for each in ranges)


def within(events: list[dict[str, str]], at: Version) -> bool:
    """Whether a version lies in a range: events in any order, of which the last one up to it decides.

    As in https://ossf.github.io/osv-schema/#evaluation.
    """
    inside = False
    for kind, edge in sorted(
        ((kind, Version(at)) for event in events for kind, at in event.items()), key=_by_version
    ):
        if kind == "introduced" and at >= edge:
            inside = True
        elif (kind == "fixed" and at >= edge) or (kind == "last_affected" and at > edge):
            inside = False
    return inside


def _by_version(event: tuple[str, Version]) -> Version:
    return event[1]


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [Path(lock) for lock in sys.argv[2:]]))
