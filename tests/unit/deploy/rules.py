"""The rules in deploy/prometheus as data, and what of the worker they speak of."""

import re
from functools import cache
from pathlib import Path

import yaml
from worker.metrics import Metrics

REPOSITORY = Path(__file__).parents[3]
PROMETHEUS = REPOSITORY / "deploy" / "prometheus"
RUNBOOKS = REPOSITORY / "deploy" / "runbooks"

METRIC = re.compile(r"(?<![\w:])(?:newswire|process)_\w+")
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_count", "_sum"),
    "gauge": ("",),
    "info": ("_info",),
}


class Idle:
    """A worker that does nothing; its gauges are there all the same."""

    def lag_by_partition(self):
        return {0: 0}

    def __getattr__(self, name):
        return lambda: 0


@cache
def exported():
    """The names of all samples that a worker exports, those that come with their first event too."""
    metrics = Metrics()
    metrics.observe(Idle())
    return {family.name + suffix for family in metrics.registry.collect() for suffix in SUFFIXES[family.type]}


def groups(name):
    """The groups of a rule file."""
    return yaml.safe_load((PROMETHEUS / "rules" / name).read_text())["groups"]


@cache
def rules():
    """All rules, recording and alerting."""
    return [
        rule
        for file in sorted((PROMETHEUS / "rules").glob("*.yml"))
        for group in groups(file.name)
        for rule in group["rules"]
    ]


@cache
def alerts():
    """The alerts by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def page(alert):
    """The runbook page of an alert: NewswireLagOld has lag-old.md."""
    words = re.findall(r"[A-Z][a-z]+", alert.removeprefix("Newswire"))
    return RUNBOOKS / ("-".join(words).lower() + ".md")


@cache
def rule_tests():
    """What promtool is to see: for each alert what is expected of it, time by time."""
    expected = {}
    for file in sorted((PROMETHEUS / "tests").glob("*.yml")):
        for test in yaml.safe_load(file.read_text())["tests"]:
            for check in test.get("alert_rule_test", ()):
                expected.setdefault(check["alertname"], []).append(check["exp_alerts"])
    return expected
