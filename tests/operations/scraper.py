"""A real Prometheus as a process: what it scrapes, and what it answers to PromQL."""

import json
import math
import shutil
import subprocess
import time
import urllib.parse
import urllib.request

from tests.wait import until
from worker.broker.probe import free_ports

SCRAPE_S = 1
MISSING = (
    "needs a Prometheus on the PATH, as `prometheus`; on Debian: apt-get install prometheus, and end the service that"
    " it starts"
)


class Prometheus:
    """Scrapes workers under the job `newswire`, each second, until it is closed."""

    def __init__(self, folder):
        program = shutil.which("prometheus")
        assert program, MISSING
        (self.port,) = free_ports(1)
        self._targets = folder / "targets.json"
        self.scrape(())
        settings = {
            "global": {"scrape_interval": f"{SCRAPE_S}s", "scrape_timeout": f"{SCRAPE_S}s"},
            "scrape_configs": [
                {
                    "job_name": "newswire",
                    "file_sd_configs": [{"files": [str(self._targets)], "refresh_interval": "1s"}],
                }
            ],
        }
        config = folder / "prometheus.json"  # JSON is YAML too
        config.write_text(json.dumps(settings))
        self._log = (folder / "prometheus.log").open("wb")
        self._process = subprocess.Popen(
            [
                program,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{self.port}",
            ],
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        until(self._ready, "Prometheus is ready")

    def scrape(self, workers):
        """Scrape these workers from now on."""
        targets = [f"127.0.0.1:{worker.port}" for worker in workers]
        written = self._targets.with_suffix(".new")
        written.write_text(json.dumps([{"targets": targets}]))
        written.replace(self._targets)

    def values(self, expression):
        """The series of an expression now: labels and value each."""
        found = self._ask("query", query=expression)["result"]
        return [(series["metric"], float(series["value"][1])) for series in found]

    def curves(self, expression, seconds):
        """The series of an expression over the last seconds: labels and values each, without those that are NaN."""
        now = time.time()
        found = self._ask("query_range", query=expression, start=now - seconds, end=now, step=SCRAPE_S)[
            "result"
        ]
        return [
            (
                series["metric"],
                [value for _, text in series["values"] if not math.isnan(value := float(text))],
            )
            for series in found
        ]

    def label_values(self, label, selector):
        """The values of a label of the series that a selector finds."""
        return self._ask(f"label/{label}/values", **{"match[]": selector})

    def close(self):
        self._process.terminate()
        self._process.wait(30)
        self._log.close()

    def _ready(self):
        assert self._process.poll() is None, "Prometheus has ended: see its log"
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _ask(self, what, **parameters):
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error
