"""A real Prometheus with the repository's own configuration and rules, its time shrunk.

A test can not wait an hour for an alert. So every duration in the configuration and the rules is divided by
`SHRUNK`: scrape and evaluation intervals, `for`, the windows in brackets, offsets. What a rule says of a window of
five minutes it then says of ten seconds. Nothing else is changed: selectors, functions, thresholds and labels are those
that are deployed. Thresholds in seconds (how old lag is, how long a process runs) are numbers to Prometheus and stay
what they are.
"""

import json
import re
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

import yaml
from tests.wait import until
from worker.broker.probe import free_ports

SHRUNK = 30
FOLDER = Path(__file__).parents[2] / "deploy" / "prometheus"
UNIT_MS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
POLL_S = 0.2


class Prometheus:
    """A Prometheus process, and the alerts that it was seen to have."""

    def __init__(self, binary, folder):
        self._binary = binary
        self._folder = folder
        self._targets = folder / "workers.json"
        self._ended = threading.Event()
        self._process = None
        self.seen = {}
        """When an alert was first in a state, by name and state: seconds since the start."""

    def scrape(self, workers):
        """Scrape these workers from now on."""
        targets = [{"targets": [f"127.0.0.1:{worker.port}" for worker in workers]}] if workers else []
        new = self._targets.with_suffix(".new")
        new.write_text(json.dumps(targets))
        new.replace(self._targets)
        return self

    def start(self):
        (port,) = free_ports(1)
        self._write_configuration()
        self._url = f"http://127.0.0.1:{port}"
        with (self._folder / "prometheus.log").open("wb") as log:
            self._process = subprocess.Popen(
                [
                    self._binary,
                    f"--config.file={self._folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={self._folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{port}",
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        until(self._answers, "Prometheus answers")
        self._started = time.monotonic()
        self._poller = threading.Thread(target=self._poll, daemon=True)
        self._poller.start()
        return self

    def stop(self):
        if self._process is None:
            return
        self._ended.set()
        self._process.terminate()
        self._process.wait(30)
        for (name, state), at in sorted(self.seen.items(), key=lambda each: each[1]):
            print(f"{at:6.1f} s  {state:8} {name}")

    def query(self, expression):
        """The samples of an instant query: value by label values."""
        asked = urllib.parse.urlencode({"query": expression})
        return {
            tuple(sorted(sample["metric"].items())): float(sample["value"][1])
            for sample in self._get(f"/api/v1/query?{asked}")["result"]
        }

    def alerts(self):
        """The alerts that there are now: states by name."""
        return {
            alert["labels"]["alertname"]: alert["state"] for alert in self._get("/api/v1/alerts")["alerts"]
        }

    def rule_groups(self):
        """The groups with their rules, and how each fares."""
        return self._get("/api/v1/rules")["groups"]

    def wait_until_fired(self, *names, deadline_s=90):
        """Wait until alerts are firing; each must have been seen pending before."""
        until(
            lambda: all((name, "firing") in self.seen for name in names),
            f"{names} fire; seen: {self.seen}",
            deadline_s,
        )
        for name in names:
            assert self.seen[name, "pending"] < self.seen[name, "firing"]

    def wait_until_over(self, *names, deadline_s=60):
        """Wait until none of these alerts is pending or firing."""
        until(lambda: not set(names) & set(self.alerts()), f"{names} are over", deadline_s)

    def _answers(self):
        try:
            with urllib.request.urlopen(f"{self._url}/-/ready", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            assert self._process.poll() is None, (self._folder / "prometheus.log").read_text()
            return False

    def _get(self, path):
        with urllib.request.urlopen(self._url + path, timeout=10) as answer:
            return json.load(answer)["data"]

    def _poll(self):
        while not self._ended.wait(POLL_S):
            try:
                alerts = self.alerts()
            except OSError:
                continue
            for name, state in alerts.items():
                self.seen.setdefault((name, state), time.monotonic() - self._started)

    def _write_configuration(self):
        config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
        config["global"] = {name: shrunk(value) for name, value in config["global"].items()}
        jobs = {job["job_name"]: job for job in config["scrape_configs"]}
        # There is no Docker here whose DNS would know the workers.
        del jobs["newswire"]["dns_sd_configs"]
        jobs["newswire"]["file_sd_configs"] = [{"files": [str(self._targets)], "refresh_interval": "1s"}]
        config["scrape_configs"] = [jobs["newswire"]]
        (self._folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        (self._folder / "rules").mkdir()
        for file in (FOLDER / "rules").glob("*.yml"):
            rules = shrunk_rules(yaml.safe_load(file.read_text()))
            (self._folder / "rules" / file.name).write_text(yaml.safe_dump(rules))


def shrunk(duration):
    """A duration, such as `5m`, divided; in milliseconds."""
    number, unit = re.fullmatch(r"(\d+)([smhd])", duration).groups()
    return f"{int(number) * UNIT_MS[unit] // SHRUNK}ms"


def shrunk_rules(file):
    """The content of a rule file, with all durations divided."""
    for group in file["groups"]:
        if "interval" in group:
            group["interval"] = shrunk(group["interval"])
        for rule in group["rules"]:
            rule["expr"] = re.sub(r"(?<=\[)\d+[smhd](?=\])", lambda found: shrunk(found[0]), rule["expr"])
            rule["expr"] = re.sub(r"(?<=offset )\d+[smhd]", lambda found: shrunk(found[0]), rule["expr"])
            if "for" in rule:
                rule["for"] = shrunk(rule["for"])
    return file
