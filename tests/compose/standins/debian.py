"""Debian's packages: a root file system with Python, and the files of a package that is not installed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = "ca-certificates,netbase,python3,python3-venv,tzdata"
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"

# What Debian's own slim images leave out too.
UNUSED = (
    "usr/share/doc/*",
    "usr/share/locale/*",
    "usr/share/man/*",
    "usr/share/info/*",
    "var/cache/apt/*",
    "var/lib/apt/lists/*",
    "var/log/*",
)


def make_root(suite: str, archive: Path) -> None:
    """Write the tar of a small Debian with Python, in which pip reaches what pip reaches on this machine.

    Needs root and debootstrap; takes about a minute.
    """
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        run("debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, str(root))
        (root / "etc" / "pip.conf").write_text(_pip_configuration())
        authorities = Path("/", AUTHORITIES)
        if authorities.exists():
            (root / AUTHORITIES).write_bytes(authorities.read_bytes())
        unfinished = archive.with_suffix(".part")
        exclude = [f"--exclude=./{pattern}" for pattern in UNUSED]
        run("tar", "--create", *exclude, "--file", str(unfinished), "--directory", str(root), ".")
        unfinished.rename(archive)


@contextmanager
def package_files(name: str) -> Iterator[Path]:
    """The files of a package, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        # apt fetches as a user of its own.
        Path(folder).chmod(0o777)
        run("apt-get", "download", "--quiet", name, cwd=folder)
        (package,) = Path(folder).glob("*.deb")
        run("dpkg-deb", "--extract", str(package), f"{folder}/files")
        yield Path(folder, "files")


def run(*command: str, cwd: str | None = None) -> str:
    """What a command prints; what it complains of is part of the error.

    Raises:
        RuntimeError: it failed.
    """
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)}: {(ended.stderr or ended.stdout)[-2000:]}")
    return ended.stdout


def _pip_configuration() -> str:
    """This machine's settings of pip, from its files and its environment, but for folders of its own."""
    settings = {}
    for line in run(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = value.strip("'\"")
    kept = {name: value for name, value in settings.items() if not value.startswith("/")}
    if "cert" in settings:
        kept["cert"] = f"/{AUTHORITIES}"
    return "".join(["[global]\n", *(f"{name} = {value}\n" for name, value in sorted(kept.items()))])
