"""The image of newswire: small, without root, built again from its cache, and honest about its health."""

import json
import time

import pytest
from worker import __version__

from .project import SEEDS, docker, told_by, until

LARGEST_BYTES = 250_000_000

# What an orchestrator takes away from a container.
LOCKED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true")
IMPATIENT = ("--health-interval", "1s", "--health-retries", "1", "--health-start-period", "1ms")


@pytest.fixture
def run(project, image):
    """Starts a container of the image, for as long as the test."""
    started = []

    def start(*arguments, options=()):
        started.append(docker("run", "--detach", *LOCKED, *options, project.name, *arguments).strip())
        return started[-1]

    yield start
    docker("rm", "--force", *started)


@pytest.fixture
def python(project, image):
    """Runs a script in a container of the image."""

    def run(script, *options):
        return told_by("run", "--rm", *LOCKED, "--entrypoint", "python", project.name, *options, "-c", script)

    return run


def state(container):
    return json.loads(docker("inspect", container))[0]["State"]


def test_it_is_below_250_mb(image):
    print(f"size of the image: {image['Size'] / 1e6:.1f} MB")
    assert image["Size"] < LARGEST_BYTES


def test_it_says_what_it_is(image, images):
    labels = image["Config"]["Labels"]
    assert labels["org.opencontainers.image.title"] == "newswire"
    assert labels["org.opencontainers.image.version"] == __version__
    assert labels["org.opencontainers.image.base.name"] == f"docker.io/library/{images['python']}"


def test_it_holds_no_pip_no_tests_and_no_sources_of_c(python):
    script = (
        "import sysconfig, pathlib, importlib.util as u\n"
        "files = pathlib.Path(sysconfig.get_path('purelib')).rglob('*')\n"
        "print(u.find_spec('pip'), [str(f) for f in files if f.name == 'tests' or f.suffix in {'.a', '.pyx', '.h'}])"
    )
    assert python(script).stdout == "None []\n"


def test_it_is_built_again_from_the_cache_when_nothing_has_changed(project, image):
    project.compose("build")
    # Each file of a layer has its time: of a step that was taken again, and asked the network, the layer would differ.
    assert project.image()["RootFS"] == image["RootFS"]


def test_it_runs_as_nobody_in_particular_on_a_read_only_file_system(project, image, python):
    assert image["Config"]["User"] == "10001:10001"
    script = "import os, worker; print(os.getuid(), os.access(worker.__path__[0], os.W_OK))"
    assert python(script).stdout == "10001 False\n"
    previewed = docker("run", "--rm", *LOCKED, project.name, "preview", "--json")
    assert len(previewed.splitlines()) == SEEDS


def test_its_bytecode_is_used_though_nothing_can_be_written(python):
    said = python("import worker.app, worker.cli.replay", "-v").stderr
    loaded = [line for line in said.splitlines() if line.startswith("# code object from")]
    assert len(loaded) > 500
    compiled = [line for line in loaded if "/opt/newswire/" in line and ".pyc" not in line]
    # A module that packages try to import, and do without, is compiled each time.
    assert len(compiled) < 5, compiled
    assert [line for line in compiled if "/worker/" in line] == []


def test_a_worker_that_waits_for_kafka_is_not_healthy_and_sigterm_ends_it(run):
    container = run("worker", "--set", "http.port=9999", options=IMPATIENT)
    until(lambda: state(container)["Health"]["Status"] == "unhealthy", "the check tells")
    until(lambda: '"ready":false' in state(container)["Health"]["Log"][-1]["Output"], "the worker is asked")
    begun = time.monotonic()
    docker("stop", "--time", "30", container)
    assert time.monotonic() - begun < 15
    assert state(container)["ExitCode"] == 0


def test_a_command_that_is_no_worker_is_healthy_as_long_as_it_runs(run):
    container = run("topics", "apply", options=IMPATIENT)
    until(lambda: state(container)["Health"]["Log"], "a check is made")
    assert state(container)["Health"]["Status"] == "healthy"
