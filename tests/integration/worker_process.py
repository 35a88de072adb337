"""A worker as a process: what it logs, answers and counts, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families
from tests.wait import DEADLINE_S, until


class Worker:
    """A worker process; `command` is what runs newswire, by default as `python -m worker`."""

    def __init__(self, environment, log_path, command=("-m", "worker")):
        self.port = int(environment["NEWSWIRE_HTTP__PORT"])
        self._log_path = log_path
        with log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command, "worker"],
                env={**os.environ, **environment},
                stderr=log,
                stdout=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def log(self):
        """What it has logged, line by line; a line that is no JSON as the message itself."""
        lines = self._log_path.read_text().splitlines()
        return [json.loads(line) if line.startswith("{") else {"event": line} for line in lines]

    def logged(self, message):
        """The lines whose message holds a text."""
        return [line for line in self.log if message in line["event"]]

    def wait_for_log(self, message, deadline_s=DEADLINE_S):
        """Wait until it has logged a line with a text."""
        until(lambda: self.logged(message) or self._gone(), f"the worker logs {message!r}", deadline_s)
        assert self.logged(message), f"the worker has ended without logging {message!r}: {self.log[-5:]}"
        return self

    def get(self, path):
        """Status and body of a page; 0 and nothing when nobody listens yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metrics(self):
        """Every sample: value by name, or by name and label values where it has labels."""
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return {
            (sample.name, *sample.labels.values()) if sample.labels else sample.name: sample.value
            for family in families
            for sample in family.samples
        }

    def outcomes(self):
        """Records counted, by outcome, without those that are zero."""
        return {
            name[1]: int(value)
            for name, value in self.metrics().items()
            if name[0] == "newswire_records_total" and value
        }

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)
        return self

    def kill(self):
        self.process.kill()
        return self

    def wait(self, deadline_s=DEADLINE_S):
        """Wait until it has ended; the exit code."""
        return self.process.wait(deadline_s)

    def stop(self):
        """End it as a supervisor would."""
        assert self.terminate().wait() == 0, self.log[-5:]

    def _gone(self):
        return self.process.poll() is not None
