"""A project of Docker Compose made of the repository's own docker-compose.yml, and what is seen of it from outside."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from functools import partial
from pathlib import Path

import tests.wait
from confluent_kafka.admin import AdminClient
from worker.broker.probe import free_ports

REPOSITORY = Path(__file__).parents[2]
FILE = REPOSITORY / "docker-compose.yml"
SEEDS = 62
WORKERS = 2
SERVICES = ("kafka", "topics", "worker", "replay", "prometheus")
"""All that the file starts but Grafana, for which there is no stand-in."""

until = partial(tests.wait.until, deadline_s=120, poll_s=0.5)
"""What is waited for here takes commands of Docker to find out, and containers to start."""


def compose_commands():
    """The versions of Docker Compose that are installed, the newest first: v2 is a command of docker's, v1 its own."""
    found = []
    if shutil.which("docker"):
        v2 = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
        if v2.returncode == 0:
            found.append(("docker", "compose"))
    if shutil.which("docker-compose"):
        found.append(("docker-compose",))
    return found


def docker(*arguments):
    """What a docker command prints on standard output."""
    return told_by(*arguments).stdout


def told_by(*arguments):
    """What a docker command prints; it must not fail."""
    ended = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, f"docker {' '.join(arguments)}: {ended.stderr}"
    return ended


class Project:
    """The services of docker-compose.yml under a name and on ports of their own."""

    def __init__(self, command, name, **environment):
        """Names the project; `command` is Compose, with options of its own."""
        self._command = [*command, "--project-name", name, "--file", str(FILE)]
        self.name = name
        kafka, prometheus, *others = free_ports(4)
        self._environment = {
            **os.environ,
            "KAFKA_PORT": str(kafka),
            "PROMETHEUS_PORT": str(prometheus),
            "KAFKA_2_PORT": str(others[0]),
            "KAFKA_3_PORT": str(others[1]),
            **environment,
        }
        self._kafka = f"127.0.0.1:{kafka}"
        self._prometheus = f"http://127.0.0.1:{prometheus}"

    def up(self, *, workers):
        """Start everything, as `docker compose up` does."""
        self.compose("up", "--detach", "--scale", f"worker={workers}", *SERVICES)

    def compose(self, *arguments):
        """Run a command of Compose to its end; what it printed on standard output."""
        process = self.popen(*arguments)
        out, err = process.communicate()
        assert process.returncode == 0, f"{' '.join(arguments)}: {err[-4000:]}{self.logs()}"
        return out

    def popen(self, *arguments):
        """Start a command of Compose."""
        return subprocess.Popen(
            [*self._command, *arguments],
            cwd=REPOSITORY,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def down(self):
        """Take everything away, the volumes too."""
        self.compose("down", "--volumes", "--remove-orphans")

    def image(self):
        """What docker tells of the image of newswire."""
        return json.loads(docker("image", "inspect", self.name))[0]

    def containers(self, service=None):
        """What docker tells of the containers of a service, or of all, in the order of their numbers.

        Those of `compose run` are left out.
        """
        chosen = [f"label=com.docker.compose.project={self.name}", "label=com.docker.compose.oneoff=False"]
        if service:
            chosen.append(f"label=com.docker.compose.service={service}")
        filters = [word for each in chosen for word in ("--filter", each)]
        ids = docker("ps", "--all", "--quiet", *filters).split()
        found = json.loads(docker("inspect", *ids)) if ids else []
        return sorted(
            found, key=lambda each: int(each["Config"]["Labels"]["com.docker.compose.container-number"])
        )

    def logs(self):
        """The last lines of every container, to be read when something failed."""
        return "".join(
            f"\n-- {each['Name']} {each['State']['Status']} {each['State']['ExitCode']}\n"
            + subprocess.run(
                ["docker", "logs", "--tail", "15", each["Id"]],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            ).stdout
            for each in self.containers()
        )

    # -- newswire's own commands, inside of the network

    def newswire(self, *arguments):
        """What a command of newswire prints that is run in the container of a worker."""
        return self.compose("exec", "-T", "worker", "newswire", *arguments)

    def kafka_tool(self, script, *arguments):
        """What one of Kafka's own tools prints, in the container of the first broker."""
        tool = (f"/opt/kafka/bin/{script}", "--bootstrap-server", "localhost:9092")
        return self.compose("exec", "-T", "kafka", *tool, *arguments)

    def events(self, *streams):
        """Everything that streams hold until now: all 18, or those that are named."""
        said = self.newswire("tail", "--from-beginning", "--no-follow", "--json", *streams)
        return [json.loads(line) for line in said.splitlines()]

    def kafka(self):
        """What `newswire status` says of Kafka: topics, and how far the group is."""
        return json.loads(self.newswire("status", "--json"))["kafka"]

    def sent(self):
        """How many headlines have come into the raw topic."""
        return sum(lag["end"] for lag in self.kafka()["lags"])

    def wait_until_done(self):
        """Wait until the seeds are sent and the group has done all that is in the raw topic."""
        until(lambda: self._ended("replay"), "the seeds are sent")
        until(lambda: self.kafka()["lag"] == 0, "the group has no lag")

    def _ended(self, service):
        (container,) = self.containers(service)
        return container["State"]["Status"] == "exited"

    # -- from outside of the network, where ports are published

    def admin(self):
        """A client of Kafka."""
        return AdminClient({"bootstrap.servers": self._kafka, "log_level": 0})

    def query(self, expression):
        """What Prometheus answers to an expression: value by instance."""
        url = f"{self._prometheus}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            found = json.load(answer)["data"]["result"]
        return {each["metric"].get("instance"): float(each["value"][1]) for each in found}
