"""docker-compose.yml as Compose reads it: valid for each version of it that is installed, the optional parts too."""

import os
import re
import subprocess

import pytest

from .project import FILE, REPOSITORY, compose_commands

CLUSTER = ("--env-file", "deploy/docker/cluster.env")


@pytest.fixture(params=compose_commands(), ids=" ".join)
def config(request):
    """What a version of Compose reads out of the file."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CLUSTER_", "COMPOSE_"))}

    def read(*options, show):
        ended = subprocess.run(
            [*request.param, *options, "--file", str(FILE), "config", show],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return set(ended.stdout.split())

    return read


def test_it_is_valid(config):
    config(show="--quiet")
    assert {"kafka", "topics", "worker", "replay", "prometheus", "grafana"} <= config(show="--services")


def test_the_optional_parts_are_valid(config):
    assert config(show="--profiles") == {"load", "cluster"}
    assert "load" in config("--profile", "load", show="--services")
    assert {"kafka-2", "kafka-3"} <= config(*CLUSTER, show="--services")


def test_every_image_is_pinned_by_its_version():
    named = re.findall(r"^ +image: (\S+)$", FILE.read_text(), re.MULTILINE)
    others = [name for name in named if not name.startswith("${NEWSWIRE_IMAGE:-")]
    assert len(others) == len(named) - 1 == 3
    assert [name for name in others if not re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", name)] == []
