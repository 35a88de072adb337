"""Every query of the dashboards gives data: a real Prometheus scrapes real workers on a real Kafka under load.

Not part of `make test`: it needs Debian's Prometheus, and takes over a minute. `make test-dashboards` runs it.
"""

import itertools
import json
import re
import threading
from collections import Counter
from pathlib import Path

import pytest
from tests.integration.deployment import Deployment
from tests.integration.newsroom import Newsroom
from tests.wait import until
from worker.broker import LocalBroker

from .scraper import Prometheus

DASHBOARDS = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards"
BOARDS = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(DASHBOARDS.glob("*.json"))}

SHOWN_S = 60
FILLED = {
    "$job": "newswire",
    "$instance": ".+",
    "$topic": ".+",
    "$__rate_interval": "10s",
    "$__range_s": str(SHOWN_S),
    "$__range": f"{SHOWN_S}s",
}

EMPTY_IN_HEALTH = {
    (
        "worker",
        "Producer errors",
    ),  # which errors there are is up to Kafka: a series comes with the first of its kind
}
"""Panels that rightly have nothing to show while all is well. The fault that fills them is made here too."""

TOPICAL = (
    "{town} striker scores twice in the cup final against {other}",
    "Central bank of {town} raises interest rates as {other} shares fall",
    "Earthquake near {town} destroys homes, {other} sends rescuers",
    "{town} parliament passes the budget of minister {other}",
    "Police in {town} arrest a man over the murder of {other}",
    "Hospital in {town} treats first patients with a vaccine from {other}",
    "Heavy snow and storms expected in {town} and {other} tonight",
    "{town} film festival opens with a picture by {other}",
)
POISON = (b"not json", b"\xff\xfe", b'{"id": "p"}', b'{"id": "p", "source": "s", "headline": "  "}', None)
SOURCES = 60
SHORT_REQUESTS = {"NEWSWIRE_KAFKA__REQUEST_TIMEOUT_S": "7"}
"""So that a batch that can not be sent fails within the test."""


class Load:
    """Headlines of many sources and topics with some poison, copies and updates among them, until it is stopped."""

    def __init__(self, deployment):
        self._deployment, self._newsroom = deployment, Newsroom()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._feed)
        self._thread.start()

    def stop(self):
        self._stopped.set()
        self._thread.join()

    def _record(self, number):
        room = self._newsroom
        kind = number % 10
        if kind == 3:
            return POISON[number // 10 % len(POISON)]
        if kind == 7:
            return room.copy(number - 2)
        town, *_, other = room.headline(number - number % 2).split()
        source = f"agency-{number % SOURCES}"
        if kind in {8, 9}:
            # The second of the two says the opposite of the first.
            verb = "rise" if kind == 8 else "fall"
            headline = f"Oil prices of {town} {verb} sharply after {other} meeting"
            return room.event(number, source=source, headline=headline)
        template = TOPICAL[number // 10 % len(TOPICAL)]
        fields = {} if kind == 5 else {"headline": template.format(town=town, other=other)}
        return room.event(number, source=source, **fields)

    def _feed(self):
        for first in itertools.count(0, 100):
            self._deployment.feed([self._record(number) for number in range(first, first + 100)])
            if self._stopped.wait(0.2):
                return


@pytest.fixture(scope="module")
def broker():
    """A broker of the test's own, with topics of the names that are usual."""
    with LocalBroker() as running:
        yield running


@pytest.fixture(scope="module")
def deployment(broker, tmp_path_factory):
    rules = tmp_path_factory.mktemp("rules") / "rules.txt"
    rules.write_text("rule: boats\ntopic: disaster\nany: sends rescuers\n")
    environment = {
        "NEWSWIRE_ROUTE__RULES": str(rules),
        "NEWSWIRE_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers,
        "NEWSWIRE_KAFKA__GROUP": "newswire",
        "NEWSWIRE_TOPICS__RAW": "headlines.raw",
        "NEWSWIRE_TOPICS__DUPLICATES": "headlines.duplicates",
        "NEWSWIRE_TOPICS__DEADLETTER": "headlines.deadletter",
        "NEWSWIRE_TOPICS__OUTPUT_PREFIX": "news.",
        **SHORT_REQUESTS,
    }
    made = Deployment(environment, tmp_path_factory.mktemp("deployment")).apply_topics()
    yield made
    made.close()


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    server = Prometheus(tmp_path_factory.mktemp("prometheus"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def healthy(deployment, prometheus):
    """Workers under load, one of which has come and gone: what Prometheus knows then."""
    load = Load(deployment)
    try:
        first = deployment.start()
        second = deployment.start(working=False)
        prometheus.scrape([first, second])
        second.wait_for_log("working")
        until(lambda: scraped(prometheus, 'sum(newswire_ready{job="newswire"})') == 2, "both are scraped")
        until(lambda: scraped(prometheus, "count(newswire_consumer_lag_records)") == 6, "each has its half")
        second.stop()
        prometheus.scrape([first])
        until(lambda: scraped(prometheus, "sum(newswire_rebalances_total)"), "the rebalance is seen")
        until(
            lambda: scraped(prometheus, 'sum(increase(newswire_verdicts_total{verdict="update"}[30s]))'),
            "updates are seen",
        )
        answers = {key: asked(prometheus, query) for key, query in QUERIES.items()}
    finally:
        load.stop()
    return answers


@pytest.fixture(scope="module")
def broken(healthy, deployment, prometheus):
    """After an output topic was deleted under the worker: what Prometheus knows then."""
    (worker,) = [one for one in deployment.workers if one.process.poll() is None]
    for deleted in deployment.cluster.delete_topics(["news.unsorted"]).values():
        deleted.result(30)
    newsroom = Newsroom()
    deployment.feed([newsroom.event(number) for number in range(100_000, 100_500)])
    until(
        lambda: any(name[0] == "newswire_producer_errors_total" for name in worker.metrics()),
        "a batch can not be sent",
    )
    until(
        lambda: prometheus.values("sum(rate(newswire_producer_errors_total[10s]))"),
        "Prometheus sees it twice",
    )
    return {key: asked(prometheus, query) for key, query in QUERIES.items()}


def scraped(prometheus, expression):
    """The value of an expression that is one number, or 0."""
    return next((value for _, value in prometheus.values(expression)), 0)


def filled(expression):
    """An expression as Grafana sends it."""
    for name in sorted(FILLED, key=len, reverse=True):
        expression = expression.replace(name, FILLED[name])
    assert "$" not in expression, expression
    return expression


def queries():
    """By dashboard, panel or annotation, and number: PromQL, whether it is asked for now only, its legend."""
    found = {}
    for name, board in BOARDS.items():
        for panel in board["panels"]:
            for number, target in enumerate(panel.get("targets", [])):
                instant = target.get("instant", False)
                found[name, panel["title"], number] = (
                    filled(target["expr"]),
                    instant,
                    target["legendFormat"],
                )
        for annotation in board["annotations"]["list"]:
            legend = annotation["titleFormat"] + annotation["textFormat"]
            found[name, "annotation: " + annotation["name"], 0] = (filled(annotation["expr"]), False, legend)
    return found


QUERIES = queries()


def asked(prometheus, query):
    """The labels of each series that has any value, as a curve or now."""
    expression, instant, _ = query
    if instant:
        return [labels for labels, value in prometheus.values(expression) if value == value]
    return [labels for labels, values in prometheus.curves(expression, SHOWN_S) if values]


def test_every_query_gives_data_but_those_that_are_rightly_empty(healthy):
    empty = {key for key, series in healthy.items() if not series}
    counts = Counter(name for name, _, _ in healthy)
    print(
        f"{len(healthy)} expressions ({dict(counts)}), {len(healthy) - len(empty)} gave data; empty: {empty}"
    )

    assert {key[:2] for key in empty} == EMPTY_IN_HEALTH


def test_what_is_empty_in_health_fills_when_there_is_a_fault(broken):
    assert not [key for key, series in broken.items() if key[:2] in EMPTY_IN_HEALTH and not series]


@pytest.mark.parametrize("key", QUERIES, ids=lambda key: ": ".join(map(str, key)))
def test_series_have_the_labels_that_they_are_called_by(key, healthy):
    wanted = set(re.findall(r"\{\{(\w+)\}\}", QUERIES[key][2]))
    for labels in healthy[key]:
        assert wanted <= labels.keys()


@pytest.mark.parametrize("name", BOARDS)
def test_every_variable_has_something_to_choose_from(name, healthy, prometheus):
    for variable in BOARDS[name]["templating"]["list"]:
        if variable["type"] == "query":
            query = re.fullmatch(r"label_values\((.+), (\w+)\)", filled(variable["query"]))
            assert prometheus.label_values(query[2], query[1]), variable["query"]
