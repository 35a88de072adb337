"""The services of docker-compose.yml, really started, on stand-in images, and all of it taken down at the end.

Needs Docker, Compose (v2 or 1.29), debootstrap and root; what is missing is said, and nothing is installed. It is no
part of `make test`, but `make test-compose`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from uuid import uuid4

import pytest

from .project import FILE, REPOSITORY, WORKERS, Project, compose_commands, docker
from .standins import StandIns


def pytest_sessionstart():
    """Ends the session at once when something is missing, and says all that is."""
    missing = list(missing_tools())
    if missing:
        pytest.exit("\n".join(["make test-compose needs:", *(f"  {each}" for each in missing)]), returncode=1)


def missing_tools():
    if not shutil.which("docker"):
        yield "docker (Debian: docker.io)"
    elif subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        yield "a Docker daemon that answers: dockerd, as root (DOCKER_HOST names another)"
    if not compose_commands():
        yield "docker compose, or docker-compose 1.29 (Debian: docker-compose)"
    for program in ("debootstrap", "dpkg-deb", "apt-get"):
        if not shutil.which(program):
            yield f"{program}, to make images of Debian's packages (Debian: debootstrap)"
    if os.geteuid() != 0:
        yield "root, to make images of Debian's packages"


@pytest.fixture(scope="session")
def images():
    """The names of the images that the files ask for, each of them there."""
    dockerfile = (REPOSITORY / "deploy/docker/Dockerfile").read_text()
    named = re.findall(r"^ +image: (\S+)$", FILE.read_text(), re.MULTILINE)
    found = {
        "python": re.search(r"^ARG PYTHON=(\S+)$", dockerfile, re.MULTILINE)[1],
        "kafka": next(name for name in named if name.startswith("apache/kafka:")),
        "prometheus": next(name for name in named if name.startswith("prom/prometheus:")),
    }
    made = StandIns(REPOSITORY / ".cache" / "stand-ins")
    try:
        made.provide(**found)
        yield found
    finally:
        made.remove()


@pytest.fixture(scope="session")
def project(images):
    """The project, of which nothing is left at the end."""
    name = f"newswire-{uuid4().hex[:8]}"
    made = Project(compose_commands()[0], name, NEWSWIRE_IMAGE=name)
    yield made
    made.down()
    docker("image", "rm", "--force", name)


@pytest.fixture(scope="session")
def image(project):
    """What docker tells of the image of newswire, built as the file says."""
    project.compose("build")
    return project.image()


@pytest.fixture(scope="session")
def stack(project, image):
    """Everything up, the seeds sent and done; `routed` and `duplicates` are what came out of them."""
    project.up(workers=WORKERS)
    project.wait_until_done()
    project.routed = project.events()
    project.duplicates = project.events("duplicates")
    return project
