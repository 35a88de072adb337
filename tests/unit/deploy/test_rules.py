"""The alerts are whole, tested both ways, and speak of what the worker really exports.

What the rules answer is promtool's to say: `make rules`.
"""

import re

import pytest
import yaml
from worker.events import Reason
from worker.mediatopics import STREAMS
from worker.metrics import Outcome, Stage

from .rules import METRIC, PROMETHEUS, RUNBOOKS, alerts, exported, groups, page, rule_tests, rules

LABEL_VALUES = {
    "job": {"newswire"},
    "outcome": set(Outcome),
    "reason": set(Reason),
    "stage": set(Stage),
    "topic": set(STREAMS),
    "le": {"1.0"},
}


@pytest.fixture(params=sorted(alerts()))
def alert(request):
    return alerts()[request.param]


def test_an_alert_says_how_bad_it_is_what_it_means_and_how_long_it_waits(alert):
    assert alert["labels"] == {"severity": alert["labels"]["severity"]}
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook"}
    assert alert["annotations"]["summary"].endswith(".")
    assert "{{" not in alert["annotations"]["summary"]
    assert alert["for"] != "0s"


def test_an_alert_names_its_page(alert):
    assert page(alert["alert"]).is_file()
    assert PROMETHEUS.parents[1] / alert["annotations"]["runbook"] == page(alert["alert"])


def test_an_alert_is_tested_firing_and_silent(alert):
    expected = rule_tests().get(alert["alert"], [])

    assert any(expected), "no series that fires it"
    assert not all(expected), "no series that leaves it silent"


@pytest.mark.parametrize("file", sorted((PROMETHEUS / "tests").glob("*.yml")), ids=lambda path: path.stem)
def test_series_are_recorded_before_alerts_read_them(file):
    # Groups that are not named here promtool evaluates in an order that differs from run to run.
    names = [group["name"] for rules in ("recording.yml", "alerts.yml") for group in groups(rules)]
    assert yaml.safe_load(file.read_text())["group_eval_order"] == names


def test_no_test_is_of_an_alert_that_is_not_there():
    assert set(rule_tests()) <= set(alerts())


def test_an_alert_compares_or_it_would_always_fire(alert):
    assert re.search(r" (?:[<>]=?|[!=]=) ", alert["expr"])


def test_a_window_holds_enough_scrapes_for_a_rate():
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    assert config["global"]["scrape_interval"] == "15s"
    for rule in rules():
        for number, unit in re.findall(r"\[(\d+)([smhd])\]", rule["expr"]):
            assert int(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit] >= 4 * 15, rule["expr"]


def test_a_counter_counts_from_the_start_of_a_process_so_only_its_growth_is_used():
    # What a process has counted since its start is used twice, and both say so: to compare two counters of one
    # scrape, and to see what a worker skipped before the first.
    exempt = {"instance:newswire_unanswered_records:at_rest", "NewswireRecordsSkipped"}
    growth = re.compile(r"(?:rate|increase|changes)\([^()]*\[\d+[smhd]\]\)")
    for rule in rules():
        if (rule.get("alert") or rule["record"]) not in exempt:
            rest = growth.sub("", rule["expr"])
            assert not re.findall(r"(?<!:)\bnewswire_\w+_(?:total|bucket|count|sum)\b", rest), rest


def test_names_are_given_once():
    names = [rule.get("alert") or rule["record"] for rule in rules()]
    assert len(names) == len(set(names))


def test_recorded_names_say_level_metric_and_operation():
    for rule in rules():
        if "record" in rule:
            assert re.fullmatch(r"[a-z_]+:newswire_[a-z_]+:[a-z0-9_]+", rule["record"]), rule["record"]


def test_every_metric_in_a_rule_is_exported_by_a_worker():
    used = {name for rule in rules() for name in METRIC.findall(rule["expr"])}

    assert used - exported() == set()
    assert len(used) > 15


def test_every_recorded_series_that_is_used_is_recorded():
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    used = {name for rule in rules() for name in re.findall(r"\w+:newswire_\w+:\w+", rule["expr"])}

    assert used <= recorded


def test_label_values_in_rules_are_those_of_a_worker():
    for rule in rules():
        for label, value in re.findall(r'(\w+)!?="([^"]*)"', rule["expr"]):
            assert value in LABEL_VALUES[label], rule["expr"]


def test_the_objectives_are_those_that_are_promised():
    by_name = {alert: re.findall(r"\* (0\.\d+)", rule["expr"]) for alert, rule in alerts().items()}

    assert set(by_name["NewswireLatencyBudgetBurnsFast"] + by_name["NewswireLatencyBudgetBurnsSlow"]) == {
        "0.01"
    }
    assert set(
        by_name["NewswireDeadLetterBudgetBurnsFast"] + by_name["NewswireDeadLetterBudgetBurnsSlow"]
    ) == {"0.001"}


def test_the_workers_are_scraped_by_the_job_that_the_rules_go_by():
    config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}

    assert set(jobs) == {"newswire", "prometheus"}
    [discovery] = jobs["newswire"]["dns_sd_configs"]
    assert (discovery["names"], discovery["type"], discovery["port"]) == (["worker"], "A", 9464)
    assert config["rule_files"] == ["rules/*.yml"]


def test_every_page_of_an_alert_has_an_alert():
    headings = "## How to know that it is over"
    pages = {path for path in RUNBOOKS.glob("*.md") if headings in path.read_text()}

    assert pages == {page(alert) for alert in alerts()}


def test_every_group_has_a_name_of_its_own():
    names = [group["name"] for file in ("recording.yml", "alerts.yml") for group in groups(file)]
    assert len(names) == len(set(names))
